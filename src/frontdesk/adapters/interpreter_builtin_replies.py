"""What is answered: what was noted, what did not fit, what the form says, and the next question in the form's order."""

import re
from collections.abc import Iterable, Sequence

from frontdesk.adapters.interpreter_builtin_labels import main_sentence
from frontdesk.adapters.interpreter_builtin_matching import find
from frontdesk.adapters.interpreter_builtin_record import Outcome
from frontdesk.adapters.interpreter_builtin_slots import Slot
from frontdesk.adapters.interpreter_builtin_vocabulary import Language
from frontdesk.adapters.interpreter_builtin_words import fold, stem, words_of
from frontdesk.ports.interpreter import Ask, Update

_SAID: dict[Language, dict[str, str]] = {
    "en": {
        "noted": "Noted: {}.",
        "left": "Left blank: {}.",
        "dropped": "Taken out: {}.",
        "unfit": "{}: that does not fit there.",
        "which": "Which one do you mean: {}?",
        "or": "or",
        "none": "I could not tell which field that belongs to.",
        "ask": "What should go into “{}”?",
        "tick": "Should “{}” be ticked?",
        "choose": "“{}”: which one? {}",
        "done": "Nothing more to ask. Please check what is proposed and confirm it.",
        "says": "The form says: {}",
        "silent": "The form itself does not say more about that.",
        "required": "“{}” has to be filled in.",
        "sign": "A person has to sign: signatures stay blank here.",
        "optional": "“{}” may be left blank.",
        "options": "To choose from: {}.",
    },
    "de": {
        "noted": "Notiert: {}.",
        "left": "Bleibt leer: {}.",
        "dropped": "Entfernt: {}.",
        "unfit": "{}: das passt dort nicht.",
        "which": "Was ist gemeint: {}?",
        "or": "oder",
        "none": "Zu welchem Feld das gehört, ist mir nicht klar.",
        "ask": "Was soll bei „{}“ stehen?",
        "tick": "Soll „{}“ angekreuzt werden?",
        "choose": "„{}“: was davon? {}",
        "done": "Es ist nichts mehr offen. Bitte die Vorschläge prüfen und bestätigen.",
        "says": "Im Formular steht: {}",
        "silent": "Das Formular selbst sagt dazu nicht mehr.",
        "required": "„{}“ muss ausgefüllt werden.",
        "sign": "Unterschreiben muss ein Mensch: das Feld bleibt hier leer.",
        "optional": "„{}“ darf leer bleiben.",
        "options": "Zur Auswahl: {}.",
    },
    "fr": {
        "noted": "C'est noté : {}.",
        "left": "Laissé vide : {}.",
        "dropped": "Retiré : {}.",
        "unfit": "{} : cela n'y convient pas.",
        "which": "Lequel : {} ?",
        "or": "ou",
        "none": "Je ne vois pas à quel champ cela correspond.",
        "ask": "Que faut-il mettre dans « {} » ?",
        "tick": "Faut-il cocher « {} » ?",
        "choose": "« {} » : lequel ? {}",
        "done": "Il n'y a plus de question. Veuillez vérifier et confirmer.",
        "says": "Le formulaire dit : {}",
        "silent": "Le formulaire n'en dit pas plus.",
        "required": "« {} » doit être rempli.",
        "sign": "La signature revient à une personne : elle reste vide ici.",
        "optional": "« {} » peut rester vide.",
        "options": "Au choix : {}.",
    },
    "es": {
        "noted": "Anotado: {}.",
        "left": "Queda en blanco: {}.",
        "dropped": "Quitado: {}.",
        "unfit": "{}: eso no cabe ahí.",
        "which": "¿Cuál: {}?",
        "or": "o",
        "none": "No veo a qué campo corresponde.",
        "ask": "¿Qué va en «{}»?",
        "tick": "¿Se marca «{}»?",
        "choose": "«{}»: ¿cuál? {}",
        "done": "No queda nada por preguntar. Por favor, revise y confirme.",
        "says": "El formulario dice: {}",
        "silent": "El formulario no dice más sobre eso.",
        "required": "«{}» es obligatorio.",
        "sign": "La firma es de una persona: aquí queda en blanco.",
        "optional": "«{}» puede quedar en blanco.",
        "options": "Para elegir: {}.",
    },
}
_SPLIT = {"ssn": "Social security number", "ein": "Employer identification number"}
_LONGEST_LABEL = 70
_LONGEST_QUOTE = 400
_MOST_OPTIONS = 12


def next_slot(slots: Sequence[Slot], updates: Iterable[Update], outcome: Outcome) -> Slot | None:
    """What to ask for next: what was unclear, else the first empty slot in the form's order, else one declined."""
    changed = {update.id: update.action for update in updates}
    for slot in outcome.unfit:
        if not any(question.id in changed for question in slot.questions):
            return slot
    for wanted in ("empty", "declined"):
        for slot in slots:
            states = {
                {"propose": "proposed", "skip": "skipped", "decline": "declined"}.get(
                    changed.get(question.id, ""), question.state
                )
                for question in slot.questions
            }
            if states <= {wanted} or (
                wanted == "declined" and "declined" in states and states <= {"empty", "declined"}
            ):
                return slot
    return None


def reply_to(
    ask: Ask,
    slots: Sequence[Slot],
    outcome: Outcome,
    updates: Sequence[Update],
    following: Slot | None,
    language: Language,
) -> str:
    """The reply, in the language of the message."""
    said = _SAID[language]
    parts: list[str] = []
    for action, key in (("propose", "noted"), ("skip", "left"), ("decline", "dropped")):
        names = [_name(slot, updates, action) for slot in slots]
        if listed := [name for name in names if name]:
            parts.append(said[key].format(", ".join(dict.fromkeys(listed[:12]))))
    parts.extend(_answer(question, ask, slots, said) for question in outcome.asked[:3])
    parts.extend(said["unfit"].format(label_of(slot)) for slot in dict.fromkeys(outcome.unfit))
    unclear = [names for rivals in outcome.unclear if (names := list(dict.fromkeys(label_of(slot) for slot in rivals)))]
    parts.extend(said["which"].format(f" {said['or']} ".join(names[:4])) for names in unclear[:2] if len(names) > 1)
    if outcome.must_sign:
        parts.append(said["sign"])
    if not parts and not outcome.unknown and ask.message.strip():
        parts.append(said["none"])
    parts.append(_question(following, said))
    return " ".join(parts)


def _name(slot: Slot, updates: Sequence[Update], action: str) -> str:
    ids = {update.id for update in updates if update.action == action}
    if slot.form == "group":
        return ", ".join(short(option.label) for option in slot.options if option.id in ids)
    return label_of(slot) if any(question.id in ids for question in slot.questions) else ""


def label_of(slot: Slot) -> str:
    """What a slot is called in a reply."""
    if slot.form == "group" and slot.options:
        return short(" / ".join(short(option.label) for option in slot.options[:3]))
    if slot.form == "box":
        return short(slot.options[0].label)
    if slot.form == "split" and slot.wants in ("ssn", "ein"):
        return _SPLIT[slot.wants]
    return short(main_sentence(slot.questions[0].label))


def short(label: str) -> str:
    """A label without its number, aside and instructions."""
    text = re.sub(r"^\s*(?:page \d+\.\s*)?(?:\d{1,2}\s?[a-zA-Z]?[.)]\s+)?", "", label, flags=re.IGNORECASE)
    text = re.sub(r"(?:\s*[._…]){3,}\s*\w{0,3}$", "", text)
    text = re.sub(r"\s*\([^()]*\)\s*$", "", text).strip(" .:")
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1].rsplit(" ", 1)[0] + "…"


def _question(slot: Slot | None, said: dict[str, str]) -> str:
    if slot is None:
        return said["done"]
    if slot.form == "box":
        return said["tick"].format(label_of(slot))
    if slot.form in ("group", "choice"):
        names = [short(option.label) for option in slot.options[:_MOST_OPTIONS]]
        title = (
            slot.questions[0].section or slot.questions[0].label if slot.form == "group" else slot.questions[0].label
        )
        return said["choose"].format(short(title), " / ".join(names))
    return said["ask"].format(label_of(slot))


def _answer(question: str, ask: Ask, slots: Sequence[Slot], said: dict[str, str]) -> str:
    """An answer from the form's own words: what it prints about a field, or the passage that speaks of the same."""
    found = find(question.strip(" ?¿"), slots)
    slot = found.slot or _spoken_of(question, slots)
    quote = _passage(question, ask.printed)
    parts: list[str] = []
    if slot is not None:
        described = slot.questions[0].description
        if described:
            parts.append(said["says"].format(described[:_LONGEST_QUOTE]))
        elif quote:
            parts.append(said["says"].format(quote))
        else:
            parts.append(said["says"].format(slot.questions[0].label[:_LONGEST_QUOTE]))
        if slot.questions[0].required:
            parts.append(said["required"].format(label_of(slot)))
        elif "optional" in slot.questions[0].label.lower() or "if any" in slot.questions[0].label.lower():
            parts.append(said["optional"].format(label_of(slot)))
        if len(slot.options) > 1:
            parts.append(
                said["options"].format(", ".join(short(option.label) for option in slot.options[:_MOST_OPTIONS]))
            )
    elif quote:
        parts.append(said["says"].format(quote))
    return " ".join(parts) or said["silent"]


def _spoken_of(question: str, slots: Sequence[Slot]) -> Slot | None:
    """The slot whose rarest word the question holds."""
    words = words_of(question).tokens
    holding = [
        (slot, words & frozenset().union(*(phrase.words.tokens for phrase in slot.phrases)))
        for slot in slots
        if slot.phrases
    ]
    counts = {word: sum(word in held for _, held in holding) for word in words}
    best = [(sum(1 / counts[word] for word in held), slot) for slot, held in holding if held]
    best.sort(key=lambda each: -each[0])
    if not best or best[0][0] < 0.5 or (len(best) > 1 and best[1][0] == best[0][0]):
        return None
    return best[0][1]


def _passage(question: str, printed: str) -> str:
    """The printed sentence that shares the most telling words with the question."""
    words = words_of(question).tokens
    if not words or not printed:
        return ""
    sentences = [
        each.strip() for each in re.split(r"(?<=[.!?])\s+|\n{2,}", printed[:200_000]) if len(each.strip()) > 20
    ]
    folded = [{stem(word) for word in fold(sentence).split()} | words_of(sentence).tokens for sentence in sentences]
    counts = {word: sum(word in each for each in folded) for word in words}
    scores = [sum(1 / counts[word] for word in words if word in each) for each in folded]
    telling = [word for word in words if counts[word]]
    best = max(range(len(scores)), key=lambda at: scores[at], default=None)
    if best is None or not telling or len([word for word in words if word in folded[best]]) < max(1, len(telling) / 2):
        return ""
    return " ".join(" ".join(sentences[best : best + 2]).split())[:_LONGEST_QUOTE]
