"""A message taken apart: what is claimed of what, what is to be left blank, taken back, ticked, asked."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from frontdesk.adapters.interpreter_builtin_vocabulary import LINKS
from frontdesk.adapters.interpreter_builtin_wordings import LEAD, WORDINGS, Kind
from frontdesk.adapters.interpreter_builtin_words import fold


@dataclass(frozen=True, slots=True)
class Claim:
    """`subject` in the words of the message, `value` as far as the next claim, `sentence` the number of its sentence.

    A weak claim has nothing between the name and the value: `City Portland`.
    """

    kind: Kind
    subject: str = ""
    value: str = ""
    sentence: int = 0
    is_weak: bool = False


Known = Callable[[str], bool]
"""Whether some words name a slot of the form."""

_SENTENCE = re.compile(
    r"(?<!\b[Nn]o)(?<!\b[Tt][eé]l)(?<!\b[Nn]r)(?<!\bSt)(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bAve)(?<!\bRd)(?<!\b[Aa]pt)(?<!\b[A-Z])(?<!\b\d)(?<!\b\d\d)(?<!\bInc)"
    r"(?<!\bStr)(?<!\bCo)(?<!\bJr)(?<!\bSr)[.!?]+\s+(?=\S)|(?<=[?!])\s+|\n+|\s+[–—]\s+"
)
_SEPARATOR = re.compile(
    r";\s+|,\s*(?:and|und|et|y|but|aber|mais|pero)?\s+|\s+(?:and|und|et|y|but|aber|mais|pero|plus|&)\s+|\s+-\s+|,\s*"
    r"|\s+with\s+(?:an?\s+)?|(?<!taxed)(?<!work)(?<!works)(?<!working)\s+(?=as an?\b)|\s+(?=taxed as\b)"
)
_OPENING = re.compile(
    r"^(?:(?:and|also|so|well|oh|ok|okay|sorry|hi|hello|hey|hallo|bonjour|hola|actually|eigentlich|en fait|en realidad"
    r"|in fact|i mean|wait|correction|by the way|then|next|yes|yeah|no|nein|non|ja|oui|sí|then|please|bitte|und"
    r"|et|y|but"
    r"|just|you can|you may"
    r"|i think|i believe|i guess|for the record|entschuldigung|pardon|perdón|doch|nein doch|sure)\b[\s,:.!–-]*)+",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"^(?:what|what['’]s|which|why|how|when|where|who|do i|does|should i|must i|can i|could i|may i|is it|is"
    r" this|is there"
    r"|are there|can you|could you|tell me|explain|was|welche\w*|warum|wie|wo|wann|wer|muss ich|kann ich|soll"
    r" ich|darf ich"
    r"|que|quel\w*|qu['’]est|pourquoi|comment|où|quand|qui|dois-je|puis-je|est-ce|qué|cuál\w*|cómo|dónde|cuándo|quién"
    r"|por qué|debo|puedo|tengo que|hilfe|help)\b",
    re.IGNORECASE,
)
_TEMPLATES = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), kind, subject) for pattern, kind, subject in WORDINGS
)
_AM = re.compile(
    r"^(?:i['’]?m|(?:i\s+)?am|i\s+(?:run|operate)|we['’]?re|we\s+are|it['’]s|it\s+is|this\s+is|(?:ich\s+)?bin|wir\s+sind|(?:je\s+)?suis|nous\s+sommes|(?:yo\s+)?soy"
    r"|somos|estoy)\s+(?P<v>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_OF = re.compile(
    r"^(?P<who>(?:my|our)\s+[\w'’]+|he|she)(?:\s+(?:is|was)|['’]s)\s+(?P<v>.+)$", re.IGNORECASE | re.DOTALL
)
_NO = re.compile(
    r"^(?:no(?!\s+(?:quiero|deseo|tengo|es|soy|puedo|se|lo|me|hay|one)\b)|keine?n?|pas\s+de|aucune?|sin|ningún)\s+(?P<s>[^\d:,]{2,60})$",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"\s*(?:[:=]|\s->|→)\s*|(?:\s+|(?<=\w)(?=['’]s\s))(?:"
    + "|".join(sorted(map(re.escape, LINKS), key=len, reverse=True))
    + r")(?:\s+|:\s*)",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"^(?P<s>[^\d:=,;@+()]{2,60}?)[\s#]+(?P<v>(?:[$€£+(]?\d|[\w.+-]+@|[A-Z]{2}\d\d).*)$", re.DOTALL)
_BEHIND = re.compile(
    rf"^(?P<v>.+?)\s+(?:is|are|ist|est|es)\s+(?:{LEAD}\s+)(?P<s>[^,;:]+)$"
    rf"|^(?!(?:i|we|he|she|they|it)\b)(?P<w>(?:\S+\s+){{0,4}}?\S+)\s+(?:for|as|für|als|pour|comme|para|como)\s+(?:{LEAD}\s+)(?P<t>[^,;:]+)$",
    re.IGNORECASE | re.DOTALL,
)
_SIGN = re.compile(r"^(?:sign|unterschreib\w*|signe[rz]?|firm[ae]\w*)\b(?!\s+(?:date|at|name|\w+\s*:))", re.IGNORECASE)
_TELLS = re.compile(r"^(?:i|we|he|she|it|they|this|ich|wir|je|nous|yo)\b", re.IGNORECASE)
_SHORTENED = re.compile(r"\b(?:[A-Z]|Inc|Ltd|Corp|Co|Jr|Sr)\.$")
_YEAR = re.compile(r"\d{3,}")
_NO_STOP = re.compile(r"(?<=\b[Nn]o|\b[Nn]r)\.(?=\s)|(?<=\b[Tt][eé]l)\.(?=\s)")
_COUNTED = re.compile(r"^\d{1,3}\s+[a-z]+$")
_FLAT = re.compile(r"^(?:apt|apartment|suite|ste|unit|floor|room|p\.? ?o\.? box|box)\b", re.IGNORECASE)
_WEAK = re.compile(
    r"^(?P<s>(?!(?:[Ii]|[Ww]e|[Hh]e|[Ss]he|[Tt]hey|the|and)\b)"
    r"[^\W\d_][\w'’-]*(?:[ ](?![A-ZÀ-Þ])[\w'’-]+){0,5}?)[ ](?P<v>[A-ZÀ-Þ0-9][^:=]*)$"
)
_WEAK_LONG = re.compile(_WEAK.pattern.replace("{0,5}?", "{0,5}"))
_WEAK_OPTION = re.compile(r"^(?P<s>[^\W\d]+(?: [^\W\d]+){0,2}) (?P<v>[^\W\d]+)$")
ALL = re.compile(
    r"^(?:the rest|everything else|all the rest|all others|the others|den rest|alles andere|le reste|el resto|lo"
    r" demás)$",
    re.IGNORECASE,
)
"""All that is still empty."""
IT = re.compile(
    r"^(?:it|this|that|this one|that one|this field|that field|this question|that question|the field|es|das|dies"
    r"|ça|cela|eso"
    r"|esto)$",
    re.IGNORECASE,
)
"""The field that was spoken of last."""
LONGEST = 6_000
"""Characters of a message that are read; more is a file, not a message."""
MOST_CLAIMS = 60


def claims(message: str, known: Known) -> list[Claim]:
    """Every claim of a message, in order."""
    found: list[Claim] = []
    for number, sentence in enumerate(sentences(message[:LONGEST])):
        if is_question(sentence):
            found.append(Claim("question", value=sentence))
            continue
        if _SIGN.match(opened(sentence)):
            found.append(Claim("sign", value=sentence))
            continue
        found.extend(replace(claim, sentence=number) for claim in _clauses(sentence, known))
        if len(found) > MOST_CLAIMS:
            break
    return found[:MOST_CLAIMS]


def sentences(message: str) -> list[str]:
    """The sentences of a message, without what ends them (but a question mark stays)."""
    parts: list[str] = []
    start = 0
    for match in _SENTENCE.finditer(message):
        end = (
            match.start() + (len(match.group()) - len(match.group().lstrip("?!")))
            if "?" in match.group()
            else match.start()
        )
        parts.append(message[start:end])
        start = match.end()
    parts.append(message[start:])
    return [part.strip(" \t,;") for part in parts if part.strip(" \t,;.!")]


def is_question(sentence: str) -> bool:
    """Whether a sentence asks instead of telling."""
    return sentence.rstrip().endswith("?") or (
        _ASKING.match(_OPENING.sub("", sentence)) is not None and not re.search(r"\d{3}|@|[:=]", sentence)
    )


def opened(text: str) -> str:
    """A clause without the small talk before it."""
    return _OPENING.sub("", text).strip()


def _clauses(sentence: str, known: Known) -> Iterator[Claim]:
    text = sentence.strip()
    text = text if _SHORTENED.search(text) else text.rstrip(".!")
    starts = [0]
    beyond = _subject_end(text, 0, claim_at(text, known))
    for match in list(_SEPARATOR.finditer(text))[:40]:
        if match.start() < beyond:
            continue
        found = claim_at(text[match.end() :], known, inside=True)
        if found is not None and not (found.is_weak and "with" in match.group()):
            starts.append(match.end())
            beyond = _subject_end(text, match.end(), found)
    ends = [*starts[1:], len(text)]
    for start, end in zip(starts, ends, strict=True):
        clause = _trimmed(text[start:end])
        claim = claim_at(clause, known)
        if claim is not None:
            yield claim
        elif clause:
            yield Claim("rest", value=clause)


def _subject_end(text: str, start: int, claim: Claim | None) -> int:
    """Where the name of a thing ends, which may hold an `and` itself (`name and address: …`)."""
    if claim is None or claim.kind != "value" or not claim.subject:
        return start
    at = text.find(claim.subject, start)
    return start if at < 0 or at - start > 30 else at + len(claim.subject)


def _trimmed(clause: str) -> str:
    text = re.sub(r"(?:,|\s)+(?:and|und|et|y|but|aber|mais|pero|plus|&|-)?\s*$", "", clause.strip())
    return re.sub(r"[,\s]+(?:please|bitte|thanks|thank you|danke|merci|gracias|s'il vous plaît|por"
                  r" favor)[\s.!]*$", "", text,
                  flags=re.IGNORECASE).strip()  # fmt: skip


def claim_at(text: str, known: Known, *, inside: bool = False) -> Claim | None:
    """The claim that a clause begins with, None if it begins with none. Stricter `inside` a sentence."""
    refused = _NO.match(text.strip())
    if refused is not None and known(refused["s"]):
        return Claim("skip", refused["s"].strip())
    # Looking for the beginning of the next claim needs its beginning only.
    whole = text.strip()[:300] if inside else text.strip()
    clause = opened(whole) or whole
    for wording in dict.fromkeys((whole, clause)):
        found = _by_template(wording, known)
        if found is not None:
            return found
    if _COUNTED.match(clause):
        return Claim("rest", value=clause)
    return _linked(clause, known) or _told(clause, known, inside=inside)


def _by_template(clause: str, known: Known) -> Claim | None:
    for pattern, kind, subject in _TEMPLATES:
        match = pattern.match(clause)
        if match is None:
            continue
        claim = _from_template(match, kind, subject.lstrip("?"))
        named = kind in ("skip", "decline", "value") and (subject in ("", "{s}") or subject[0] == "?")
        pointed = kind in ("skip", "decline") and (IT.match(claim.subject) or ALL.match(claim.subject))
        if not named or pointed or known(claim.subject):
            return claim
    return None


def _from_template(match: re.Match[str], kind: Kind, subject: str) -> Claim:
    groups = {name: value or "" for name, value in match.groupdict().items()}
    said = subject.format(**groups) if subject else groups.get("s", "")
    return Claim(kind, said.strip(), groups.get("v", "").strip())


def _linked(clause: str, known: Known, *, possessive: bool = False) -> Claim | None:
    for match in [match for match in _LINK.finditer(clause) if match.start() <= 160][:6]:
        if (match.group().strip() in ("'s", "’s")) is not possessive:
            continue
        subject, value = clause[: match.start()].strip(), clause[match.end() :].strip()
        before, comma, _ = subject.rpartition(", ")
        if comma and (_TELLS.match(before) or not known(before)):
            # What comes before the comma is a clause of its own.
            continue
        if subject and value and not _YEAR.match(subject) and known(subject):
            inner = _within(subject, value, known) if match.group().strip() == ":" else None
            return replace(inner, subject=f"{subject} {inner.subject}") if inner else Claim("value", subject, value)
    return None


def _within(subject: str, value: str, known: Known) -> Claim | None:
    """`Spouse: name is Eva`, `third account: routing number 021…`: the colon opens a list about somebody."""
    inner = _linked(value, lambda said: known(f"{subject} {said}"))
    if inner is not None and ("," in inner.subject or not known(inner.subject)):
        return None
    if inner is None and (match := _BESIDE.match(value)) is not None and known(match["s"]):
        inner = Claim("value", match["s"].strip(), match["v"].strip())
    return inner


def _told(clause: str, known: Known, *, inside: bool) -> Claim | None:
    clause = _NO_STOP.sub("", clause)
    match = _AM.match(clause)
    if match is not None:
        return Claim("am", "", match["v"].strip())
    match = _OF.match(clause)
    if match is not None:
        return Claim("am", match["who"], match["v"].strip())
    match = _BESIDE.match(clause)
    # `Apt 3B` within an address is a part of it.
    beside = match is not None and not (inside and _FLAT.match(clause)) and not re.match(r"\d\s+[a-z]", match["v"])
    if match is not None and beside and known(match["s"]):
        return Claim("value", match["s"].strip(), match["v"].strip())
    for pattern in (_WEAK_LONG, _WEAK, _WEAK_OPTION):
        match = pattern.match(clause)
        if match is not None and not _FLAT.match(clause) and known(match["s"]):
            return Claim("value", match["s"].strip(), match["v"].strip(), is_weak=True)
    match = _BEHIND.match(clause)
    if match is not None:
        named, value = match["s"] or match["t"], match["v"] or match["w"]
        if known(named) and len(fold(named).split()) <= 8:
            return Claim("value", named.strip(), value.strip())
    # `My name's Ada`; before that, `the veteran's date of birth` is about the date of birth.
    return _linked(clause, known, possessive=True)
