"""What goes to the dialog manager and what comes back: a turn is a pure function of this.

The JSON forms of these classes are the body of ``POST /webhooks/followthrough/turn`` and its answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """What a message means, when code could tell: an intent, and for an answer its value.

    ``intent`` is an intent of the Rasa domain (``give_answer``, ``skip``, ``affirm`` …). ``value`` is what
    :mod:`bot.core.answers` gives for the open item; JSON only. ``maybe`` are two values for the open item between
    which code cannot decide: the patient is asked. ``aside`` is what the message says beside its answer
    ("yes but who is this").
    """

    intent: str
    value: Any = None
    maybe: tuple[Any, ...] = ()
    aside: Reading | None = None

    def to_json(self) -> JsonObject:
        """As ``{"intent", "value"}``, with ``maybe`` and ``aside`` where there are any."""
        body: JsonObject = {"intent": self.intent, "value": self.value}
        if self.maybe:
            body["maybe"] = list(self.maybe)
        if self.aside is not None:
            body["aside"] = self.aside.to_json()
        return body


@dataclass(frozen=True)
class Guess:
    """What the NLU makes of words that code could not read, when it is sure enough; else ``nlu_fallback``."""

    intent: str
    confidence: float


@dataclass(frozen=True)
class TurnRequest:
    """One message (``text``) or its reading, with the state it meets. Exactly one of the two is set."""

    conversation_id: str
    state: JsonObject | None
    text: str | None
    reading: Reading | None
    context: Mapping[str, Any]
    now: str

    def to_json(self) -> JsonObject:
        """The body of the request. Raises ``ValueError`` unless exactly one of text and reading is set."""
        if (self.text is None) == (self.reading is None):
            raise ValueError("a turn takes a text or a reading, not both and not neither")
        message: JsonObject = {"text": self.text} if self.reading is None else {"reading": self.reading.to_json()}
        return {
            "conversation_id": self.conversation_id,
            "state": self.state,
            "message": message,
            "context": dict(self.context),
            "now": self.now,
        }


@dataclass(frozen=True)
class Reply:
    """One thing to say. ``purpose`` is a word for histories and metrics (``screening_question`` …)."""

    text: str
    purpose: str


@dataclass(frozen=True)
class TurnResult:
    """The new state, what to say in order, and what happened (events, past tense, in order)."""

    state: JsonObject
    replies: tuple[Reply, ...]
    events: tuple[JsonObject, ...] = field(default=())

    @classmethod
    def from_json(cls, body: JsonObject) -> TurnResult:
        """Read the dialog process's answer. Raises ``KeyError`` or ``TypeError`` when it is not one."""
        replies = tuple(Reply(text=str(r["text"]), purpose=str(r["purpose"])) for r in body["replies"])
        return cls(state=dict(body["state"]), replies=replies, events=tuple(body["events"]))
