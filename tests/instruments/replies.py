"""What a patient may text to answer a question: by number, by letter, with the label, in words."""

from __future__ import annotations

import random
from typing import Any

from tests.instruments.files import Choice, Question

ORDINALS = {
    "en": ["the first one", "the second one", "the third one", "the fourth one", "the fifth one"],
    "es": ["la primera", "la segunda", "la tercera", "la cuarta", "la quinta"],
}
CARDINALS = {
    "en": ["one", "two", "three", "four", "five", "six"],
    "es": ["uno", "dos", "tres", "cuatro", "cinco", "seis"],
}
YES_NO = {
    "en": (["yes", "Y", "yeah", "1"], ["no", "N", "nope", "2"]),
    "es": (["sí", "si", "Sí.", "1"], ["no", "No.", "2"]),
}
AND = {"en": "and", "es": "y"}


def answer(question: Question, language: str, chance: random.Random) -> tuple[str, Any]:
    """A reply, and what must stand in the record when it has been read."""
    if question.kind in ("choice", "open-choice"):
        return (_several if question.several else _one)(question, language, chance)
    if question.kind == "boolean":
        said = chance.random() < 0.5
        return chance.choice(YES_NO[language][0 if said else 1]), said
    if question.kind in ("integer", "decimal", "quantity"):
        number = chance.randint(0, 12)
        return chance.choice([str(number), f"{number}.", f" {number} "]), number
    words = chance.choice(["12 Elm Street", "Main St 4, Springfield", "Calle Luna 7"])
    return words, words


def _one(question: Question, language: str, chance: random.Random) -> tuple[str, Any]:
    number = chance.randrange(len(question.choices))
    choice = question.choices[number]
    record = {"code": choice.code, "display": choice.label["en"]}
    label = choice.label[language]
    said = [label, label.lower(), label.upper(), f"{label}."]
    if question.counts:
        return chance.choice([*said, label.split()[0]]), record
    said += [str(number + 1), f"{number + 1}.", chr(ord("a") + number), f"({number + 1})"]
    named = any(word in CARDINALS[language] for word in label.lower().split())
    if not named and not any(character.isdigit() for character in label):
        said.append(f"{number + 1}) {label}")
    if number < len(ORDINALS[language]):
        said += [ORDINALS[language][number], CARDINALS[language][number]]
    return chance.choice(said), record


def _several(question: Question, language: str, chance: random.Random) -> tuple[str, Any]:
    alone = [n for n, choice in enumerate(question.choices) if choice.alone]
    others = [n for n in range(len(question.choices)) if n not in alone]
    if alone and chance.random() < 0.3:
        picked = [chance.choice(alone)]
    else:
        picked = sorted(chance.sample(others, chance.randint(1, len(others))))
    numbers = [str(n + 1) for n in picked]
    letters = [chr(ord("a") + n) for n in picked]
    said = [" ".join(numbers), ", ".join(numbers), ",".join(numbers), ", ".join(letters)]
    if len(picked) > 1:
        said.append(f"{', '.join(numbers[:-1])} {AND[language]} {numbers[-1]}")
    else:
        said.append(question.choices[picked[0]].label[language])
    return chance.choice(said), [_record(question.choices[n]) for n in picked]


def _record(choice: Choice) -> dict[str, str]:
    return {"code": choice.code, "display": choice.label["en"]}
