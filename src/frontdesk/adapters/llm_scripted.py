"""The language-model port without a model: it echoes, and obeys directives at the start of a message.

    #tool NAME JSON     call a tool; lines that follow each other are one reply, a blank line begins the next
    #think TEXT         think aloud before what follows
    #slow SECONDS TEXT  say TEXT, a word at a time, spread over SECONDS
    #long WORDS         say so many words
    #error KIND         fail with a kind of the port: `rate_limited`, `auth`, `context_too_long`, ...

It keeps nothing between calls: which reply is due follows from the history alone. Tokens are bytes by four.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field

from frontdesk.ports.llm import AWAY, Answer, Away, Delta, Refused, Request, Target, Usage
from frontdesk.ports.llm_conversation import Call, Image, Returned, Said, Text

MARK = "This is Frontdesk's built-in simulator, no language model."
_WORDS = ("one", "desk", "takes", "every", "question", "and", "keeps", "what", "was", "said")


@dataclass(slots=True)
class Script:
    """What a message asks for: some replies with calls, then the last one in words."""

    thinking: str = ""
    replies: list[list[tuple[str, str]]] = field(default_factory=list)
    seconds: float = 0.0
    words: int = 0
    error: str = ""
    text: str = ""


class ScriptedLlm:
    """Deterministic; what FRONTDESK_LLM=builtin gives to agents."""

    async def ask(self, request: Request) -> AsyncGenerator[Delta | Answer, None]:
        began = time.monotonic()
        script, results = _due(request.history)
        step = len(results)
        if script.error and step >= len(script.replies):
            _fail(script.error)
        calls: tuple[Call, ...] = ()
        text, thinking = "", script.thinking if step == 0 else ""
        first: int | None = None
        for piece in _pieces(thinking):
            first = _since(began) if first is None else first
            yield Delta("thinking", piece)
        if step < len(script.replies):
            calls = tuple(
                _call(f"call_{len(request.history)}_{place}", *each) for place, each in enumerate(script.replies[step])
            )
            for call in calls:
                yield Delta("tool_call", call.unreadable or json.dumps(dict(call.arguments)))
        else:
            text = _speech(script, results)
            pieces = list(_pieces(text))
            for piece in pieces:
                if script.seconds:
                    await _pause(script.seconds / len(pieces), began + request.seconds)
                first = _since(began) if first is None else first
                yield Delta("text", piece)
        said = text + thinking + "".join(call.name + json.dumps(dict(call.arguments)) for call in calls)
        yield Answer(
            text=text,
            calls=calls,
            usage=Usage(_tokens(_heard(request)), _tokens(said)),
            finish_reason="tool_calls" if calls else "stop",
            model=request.target.model,
            response_id=f"scripted-{len(request.history)}",
            thinking=thinking,
            duration_ms=_since(began),
            first_token_ms=first,
        )

    async def check(self, target: Target) -> None:
        """There is nothing that could be away."""

    async def stop(self) -> None:
        """There is nothing to give up."""


def _due(history: tuple[Said, ...]) -> tuple[Script, list[list[Returned]]]:
    """The script of the last message of words, and what each of its replies brought so far."""
    results: list[list[Returned]] = []
    for said in reversed(history):
        if said.role == "assistant":
            if not any(isinstance(part, Call) for part in said.parts):
                break
            continue
        words = "\n".join(part.text for part in said.parts if isinstance(part, Text))
        returned = [part for part in said.parts if isinstance(part, Returned)]
        if words:
            return read(words), results[::-1]
        results.append(returned)
    return Script(), []


def read(message: str) -> Script:
    """The directives at the start of a message; what comes after them is text."""
    script = Script()
    lines = message.splitlines()
    group: list[tuple[str, str]] = []
    for number, line in enumerate(lines):
        name, _, rest = line.strip().partition(" ")
        if name == "#tool" and rest.strip():
            tool, _, arguments = rest.strip().partition(" ")
            if not group:
                script.replies.append(group)
            group.append((tool, arguments.strip()))
        elif name == "#think":
            script.thinking += rest
        elif not line.strip() and script.replies:
            group = []
        else:
            _read_last(script, name, rest, lines[number + 1 :], line)
            break
    return script


def _read_last(script: Script, name: str, rest: str, below: list[str], line: str) -> None:
    amount, _, text = rest.strip().partition(" ")
    if name == "#slow" and (seconds := _number(amount)) is not None:
        script.seconds, script.text = seconds, "\n".join([text, *below]).strip()
    elif name == "#long" and (words := _number(amount)) is not None:
        script.words = int(words)
    elif name == "#error" and amount:
        script.error = amount
    else:
        script.text = "\n".join([line, *below]).strip()


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number <= 1_000_000 else None


def _speech(script: Script, results: list[list[Returned]]) -> str:
    if script.words:
        return " ".join(_WORDS[place % len(_WORDS)] for place in range(script.words))
    if script.seconds:
        return script.text
    told = [
        f"{each.name} {'failed' if each.is_error else 'returned'}: {each.text}" for reply in results for each in reply
    ]
    echoed = [f"You said: {script.text}"] if script.text else []
    return "\n".join([MARK, *told, *echoed])


async def _pause(seconds: float, deadline: float) -> None:
    left = deadline - time.monotonic()
    await asyncio.sleep(max(0.0, min(seconds, left)))
    if seconds > left:
        raise Away("timeout", "the script is slower than the call may last")


def _fail(kind: str) -> None:
    if kind in AWAY:
        raise Away(kind, f"the script asked for {kind}")
    raise Refused(kind, f"the script asked for {kind}")


def _call(identity: str, name: str, written: str) -> Call:
    try:
        arguments = json.loads(written or "{}")
    except ValueError:
        return Call(identity, name, {}, written)
    return Call(identity, name, arguments) if isinstance(arguments, dict) else Call(identity, name, {}, written)


def _pieces(text: str) -> Iterator[str]:
    """The words with the blanks after them; many at once when there are very many."""
    words = text.split(" ")
    many = max(1, len(words) // 1000)
    for place in range(0, len(words), many):
        piece = " ".join(words[place : place + many])
        last = place + many >= len(words)
        if piece or not last:
            yield piece if last else piece + " "


def _heard(request: Request) -> str:
    texts = [request.system, *(tool.name + tool.description for tool in request.tools)]
    for said in request.history:
        for part in said.parts:
            match part:
                case Text() | Returned():
                    texts.append(part.text)
                case Call():
                    texts.append(part.name + json.dumps(dict(part.arguments)))
                case Image():
                    texts.append("image" * 100)
    return "".join(texts)


def _tokens(text: str) -> int:
    return (len(text.encode()) + 3) // 4


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
