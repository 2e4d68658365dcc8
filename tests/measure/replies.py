"""The development replies as lines of ``bot understand``, and what each should be read as."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "language"
SIDES = {"affirm": True, "deny": False}
# What the files call it, and the readings that are right. The first is the one that is counted in F1.
READINGS: dict[str, tuple[str, ...]] = {
    "human": ("human",),
    "wrong_number_family": ("wrong_person",),
    "postpone": ("later",),
    "switch": ("language",),
    "correction": ("back",),
    "optout": ("opt_out",),
    "crisis": ("crisis", "danger", "emergency"),
    "help_request": ("help", "human", "need", "not_understood"),
    "decline_to_answer": ("declined", "skip"),
    "decline": ("declined", "skip"),
    "ask_why": ("why", "privacy"),
    "identity_question": ("who",),
    "ask_bot": ("who",),
    "ask_who": ("who",),
    "ask_repeat": ("repeat",),
    "ask_repeat_explain": ("repeat",),
    "greeting": ("greeting",),
    "thanks": ("thanks",),
    "goodbye": ("out_of_scope",),
    "chitchat": ("out_of_scope", "who", "not_understood"),
    "frustration": ("out_of_scope", "not_understood", "human"),
    "oos": ("out_of_scope", "not_understood"),
}
# Whatever is not read as the thing itself is right.
NOT = {"not_human": "human", "not_optout": "opt_out", "not_crisis": "crisis"}
ASKED_AGAIN = ("not_understood", "unsure")


@dataclass(frozen=True)
class Reply:
    """One labelled reply. ``aside`` ones are ambiguous even to people and are scored apart."""

    file: str
    text: str
    expected: Any
    line: dict[str, Any]
    aside: bool

    @property
    def label(self) -> str:
        """What is expected, without the language of a switch."""
        return str(self.expected).partition(":")[0]

    @property
    def answer(self) -> Any:
        """The answer that should be recorded; None where none should."""
        if self.label in SIDES:
            return SIDES[self.label]
        numbers = isinstance(self.expected, int | list)
        return self.expected if numbers else None

    def is_right(self, reading: str, value: Any) -> bool:
        """Whether that is how the reply should be read."""
        if self.answer is not None:
            return reading == "answer" and value == self.answer
        if self.label in NOT:
            return reading != NOT[self.label]
        if self.label in READINGS:
            return reading in READINGS[self.label] and self._names(value)
        # Unsure, conditional, clarify, no number at all: anything but a plain answer.
        return reading != "answer" if self.label in ("none", "out_of_range") else reading in ASKED_AGAIN

    def _names(self, value: Any) -> bool:
        wanted = str(self.expected).partition(":")[2]
        return self.label != "switch" or value == (None if wanted == "unspecified" else wanted)


def load(name: str) -> list[Reply]:
    """The replies of one file."""
    return [_reply(name, json.loads(line)) for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()]


def names() -> list[str]:
    """The files that hold replies to be read."""
    return [path.stem for path in sorted(FOLDER.glob("*.jsonl")) if path.stem != "langid_short"]


def everything() -> Iterator[Reply]:
    """All replies."""
    for name in names():
        yield from load(name)


def _reply(name: str, row: dict[str, Any]) -> Reply:
    question = _question(name, row)
    expected = row["expected"]
    if expected == "last" and isinstance(question, dict):
        expected = len(question["options"])
    line = {"text": row["text"], "lang": row["lang"], "question": question}
    return Reply(name, row["text"], expected, line, bool(row.get("ambiguous") or row.get("borderline")))


def _question(name: str, row: dict[str, Any]) -> Any:
    if name.startswith("yesno"):
        return {"type": "boolean", "text": row["context"] or ""}
    if name == "hrsn_replies_own":
        return _social(row)
    return _number(row) if name == "choice_number" else None


def _social(row: dict[str, Any]) -> Any:
    if row["question_id"] == "days":
        return {"type": "integer", "text": row["context"]}
    labels = [label.strip() for label in re.split(r"\s*\d+\)\s*", row["context"])[1:]]
    return {"type": "choice", "options": labels} if labels else {"type": "boolean", "text": row["context"]}


def _number(row: dict[str, Any]) -> Any:
    if row["context"]:
        labels = [label.strip() for label in row["context"].partition(":")[2].split("/")]
        return {"type": "multi" if row["kind"] == "multi" else "choice", "options": labels}
    if row["kind"] == "cardinal":
        return {"type": "integer"}
    count = row.get("n_options") or (row["expected"] + 2 if isinstance(row["expected"], int) else 5)
    return {"type": "choice", "options": [f"thing{number}" for number in range(1, count + 1)]}
