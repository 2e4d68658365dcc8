"""One screening as a pure state machine: where it stands, and what each move of the patient does to it.

The dialog actions call these functions; a :class:`Move` says the new progress, what happened (events) and
which of our own messages to say before the next question. The question itself is worded by
:mod:`bot.core.wording`. Nothing here knows the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.core.instrument import Condition, Instrument, Item

DECLINED = "asked-declined"
UNKNOWN = "asked-unknown"
NOT_ASKED = "not-asked"
FAILURES_BEFORE_OFFER = 3

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Progress:
    """Where a screening stands; fits in a few hundred bytes of JSON.

    ``at`` is the open item (None when finished), ``gate`` is true while the privacy check is the open question,
    ``answers`` holds option numbers, lists of them, booleans, numbers, ``{"text": true}`` for words that only
    the record holds, or ``{"absent": code}``; ``asked`` is the order in which items were passed.

    ``maybe`` holds the two values between which the patient is asked to choose; ``which`` the items among which they
    are asked to choose the one that is to be changed, and ``becoming`` the new value of each (None: ask it again).
    ``proxy``: somebody else answers for the patient.
    """

    instrument: str
    version: str
    at: str | None = None
    gate: bool = False
    cleared: bool = False
    failures: int = 0
    answers: Mapping[str, Any] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    maybe: tuple[Any, ...] = ()
    which: tuple[str, ...] = ()
    becoming: Mapping[str, Any] | None = None
    proxy: bool = False

    def to_json(self) -> JsonObject:
        """A compact object; defaults are left out."""
        body: JsonObject = {"instrument": self.instrument, "version": self.version, "at": self.at}
        body |= {"answers": dict(self.answers), "asked": list(self.asked)}
        for name in ("gate", "cleared", "failures", "proxy"):
            if getattr(self, name):
                body[name] = getattr(self, name)
        if self.maybe:
            body["maybe"] = list(self.maybe)
        if self.which:
            body |= {"which": list(self.which), "becoming": self.becoming}
        return body

    @classmethod
    def from_json(cls, body: JsonObject) -> Progress:
        """Read what :meth:`to_json` wrote. Raises ``KeyError`` or ``TypeError`` on anything else."""
        return cls(
            instrument=str(body["instrument"]),
            version=str(body["version"]),
            at=body["at"],
            gate=bool(body.get("gate", False)),
            cleared=bool(body.get("cleared", False)),
            failures=int(body.get("failures", 0)),
            answers=dict(body["answers"]),
            asked=tuple(body["asked"]),
            maybe=tuple(body.get("maybe", ())),
            which=tuple(body.get("which", ())),
            becoming=body.get("becoming"),
            proxy=bool(body.get("proxy", False)),
        )


@dataclass(frozen=True)
class Move:
    """What a move leads to: the new progress, the events, and the keys of our messages to say first."""

    progress: Progress
    events: tuple[JsonObject, ...] = ()
    say: tuple[str, ...] = ()


def start(instrument: Instrument, *, proxy: bool = False) -> Move:
    """Begin at the first item that is to be asked."""
    begun: JsonObject = {"type": "screening_started", "instrument": instrument.id, "version": instrument.version}
    move = ask_next(instrument, Progress(instrument.id, instrument.version, proxy=proxy))
    return replace(move, events=(begun, *move.events))


def answer(instrument: Instrument, progress: Progress, value: Any) -> Move:
    """Record ``value`` (as in :class:`Progress`; a text answer as ``{"text": words}``) for the open item and go on.

    At the privacy check ``value`` is a boolean: yes opens the private items, no leaves them unasked.
    Raises ``ValueError`` when no item is open.
    """
    item = open_item(instrument, progress)
    if progress.gate:
        return _pass_gate(instrument, progress, bool(value))
    kept = {"text": True} if isinstance(value, Mapping) and "text" in value else value
    return _record(instrument, progress, item, kept, public_value(item, value))


def leave_out(instrument: Instrument, progress: Progress, reason: str) -> Move:
    """Go on without an answer: ``reason`` is asked-declined or asked-unknown. At the privacy check it means no."""
    item = open_item(instrument, progress)
    if progress.gate:
        return _pass_gate(instrument, progress, False)
    absent = {"absent": reason}
    return _record(instrument, progress, item, absent, absent)


def not_understood(progress: Progress) -> Move:
    """Count a reply that could not be read; the third time, offer ways out."""
    failures = progress.failures + 1
    say = "offer_ways_out" if failures >= FAILURES_BEFORE_OFFER else "not_understood"
    return Move(replace(progress, failures=failures), ({"type": "reply_not_understood"},), (say,))


def offer(progress: Progress, maybe: tuple[Any, ...]) -> Move:
    """Nothing is recorded: the reply may mean either of two values for the open item, and the patient is asked."""
    asked_about = replace(progress, maybe=maybe, failures=progress.failures + 1)
    return Move(asked_about, ({"type": "reply_not_understood"},))


def answered_by_proxy(instrument: Instrument, progress: Progress) -> Move:
    """Somebody else answers for the patient: what is for the patient alone counts as not asked, even if it was.

    Stays at the open item unless that is one of those.
    """
    said = replace(progress, proxy=True, maybe=(), which=())
    withheld = [i for i in instrument.items if i.not_by_proxy and i.link_id in progress.answers]
    answers = {**progress.answers, **{i.link_id: {"absent": NOT_ASKED} for i in withheld}}
    events = tuple(_unasked(i) for i in withheld)
    asked = tuple(i for i in progress.asked if not instrument.item(i).not_by_proxy)
    move = ask_next(instrument, replace(said, answers=answers, asked=asked))
    return replace(move, events=events + move.events, say=("proxy_noted",))


def resume(instrument: Instrument, progress: Progress) -> Move:
    """Come back after a pause: the same item, behind a new privacy check when it is a private one."""
    at_gate = replace(guard(instrument, progress), failures=0)
    return Move(at_gate, ({"type": "screening_resumed"},), ("welcome_back",))


def guard(instrument: Instrument, progress: Progress) -> Progress:
    """The same place behind a new privacy check when the open item is a private one."""
    return replace(progress, cleared=False, gate=open_item(instrument, progress).private)


def open_item(instrument: Instrument, progress: Progress) -> Item:
    """The item that is being asked. Raises ``ValueError`` when the screening is finished."""
    if progress.at is None:
        raise ValueError("the screening is finished")
    return instrument.item(progress.at)


def public_value(item: Item, value: Any) -> Any:
    """The value as it is recorded: codes and displays, a list of them for several, a number, a text, an absence."""
    if isinstance(value, Mapping):
        return value["text"] if "text" in value else dict(value)
    if item.kind == "multi":
        return [_coded(item, number) for number in value]
    if item.kind == "choice":
        return _coded(item, int(value))
    return value


def is_enabled(item: Item, answers: Mapping[str, Any], instrument: Instrument) -> bool:
    """Whether the item's ``enableWhen`` holds, and that of every group around it."""
    return all(
        (all if enabling.every else any)(_holds(condition, answers, instrument) for condition in enabling.conditions)
        for enabling in item.enabled_by
    )


def _record(instrument: Instrument, progress: Progress, item: Item, kept: Any, public: Any) -> Move:
    event = {"type": "answer_recorded", "link_id": item.link_id, "code": item.code, "value": public}
    asked = tuple(i for i in progress.asked if i != item.link_id) + (item.link_id,)
    answers = {**progress.answers, item.link_id: kept}
    move = ask_next(instrument, replace(progress, failures=0, maybe=(), answers=answers, asked=asked))
    left_private = item.private and not _is_private(instrument, move.progress)
    if left_private:
        # Going back in later asks again whether it is a good time.
        move = replace(move, progress=replace(move.progress, cleared=False), say=("after_private", *move.say))
    return replace(move, events=(event, *move.events))


def _pass_gate(instrument: Instrument, progress: Progress, alone: bool) -> Move:
    if alone:
        return Move(replace(progress, gate=False, cleared=True, failures=0), ({"type": "privacy_confirmed"},))
    left_out = [i for i in instrument.items if i.private and i.link_id not in progress.answers]
    answers = {**progress.answers, **{item.link_id: {"absent": NOT_ASKED} for item in left_out}}
    move = ask_next(instrument, replace(progress, gate=False, failures=0, answers=answers))
    events = ({"type": "privacy_refused"}, *(_unasked(item) for item in left_out))
    return replace(move, events=events + move.events, say=("private_left_out", *move.say))


def ask_next(instrument: Instrument, progress: Progress) -> Move:
    """Go to the first item that has no answer and is to be asked; past the last one the screening is completed.

    What a proxy must not answer is recorded as not asked on the way.
    """
    events: tuple[JsonObject, ...] = ()
    for item in instrument.items:
        if item.link_id in progress.answers or not is_enabled(item, progress.answers, instrument):
            continue
        if not (progress.proxy and item.not_by_proxy):
            gate = item.private and not progress.cleared
            return Move(replace(progress, at=item.link_id, gate=gate), events)
        progress = replace(progress, answers={**progress.answers, item.link_id: {"absent": NOT_ASKED}})
        events = (*events, _unasked(item))
    return Move(replace(progress, at=None, gate=False), (*events, _completed(progress)))


def _completed(progress: Progress) -> JsonObject:
    partial = any(isinstance(v, Mapping) and v.get("absent") == NOT_ASKED for v in progress.answers.values())
    by = "proxy" if progress.proxy else "patient"
    return {"type": "screening_completed", "partial": partial, "answered_by": by}


def _unasked(item: Item) -> JsonObject:
    return {"type": "answer_recorded", "link_id": item.link_id, "code": item.code, "value": {"absent": NOT_ASKED}}


def _is_private(instrument: Instrument, progress: Progress) -> bool:
    return progress.at is not None and instrument.item(progress.at).private


def _coded(item: Item, number: int) -> JsonObject:
    option = item.option(number)
    return {"code": option.code, "display": option.label.get("en") or next(iter(option.label.values()))}


def _holds(condition: Condition, answers: Mapping[str, Any], instrument: Instrument) -> bool:
    value = answers.get(condition.question)
    given = value is not None and not (isinstance(value, Mapping) and "absent" in value)
    if condition.operator == "exists":
        return given is bool(condition.answer)
    if not given:
        return False
    values = _comparable(instrument.item(condition.question), value)
    return any(_compare(v, condition.operator, condition.answer) for v in values)


def _comparable(item: Item, value: Any) -> list[Any]:
    if item.kind in ("choice", "multi"):
        if isinstance(value, Mapping):
            return []
        numbers = value if isinstance(value, list) else [value]
        return [item.option(n).code for n in numbers]
    return [value]


def _compare(value: Any, operator: str, expected: Any) -> bool:
    if operator in ("=", "!="):
        return (value == expected) is (operator == "=")
    # Dates compare as they are written: year, month, day.
    as_number: Callable[[Any], Any] = str if isinstance(expected, str) else float
    left, right = as_number(value), as_number(expected)
    return bool({">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right}[operator])
