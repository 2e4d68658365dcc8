"""What every action needs of a turn: the conversation, the screening, the context, and how to say things.

An action is thin: it builds a :class:`Turn`, calls the pure core and returns ``turn.changes()``. What happened
leaves as ``custom`` messages (``{"event": {...}}``), which the channel sorts from the replies.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.content import Content, load_content
from bot.core.answering import read_reply
from bot.core.dialog import JsonObject
from bot.core.instrument import Instrument
from bot.core.screening import Move, Progress, open_item
from bot.core.wording import question_text

DEFAULT_INSTRUMENT = "ahc-hrsn-core"


@cache
def content() -> Content:
    """The content folder, read once per process."""
    return load_content()


class Turn:
    """One call of an action: reads the slots once, collects what to say, and writes the slots that changed."""

    def __init__(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        """Read the conversation, the screening and the context that the channel put beside the message."""
        self._dispatcher = dispatcher
        message = tracker.latest_message or {}
        metadata = message.get("metadata") or {}
        self.intent: str = (message.get("intent") or {}).get("name") or ""
        self.text: str = message.get("text") or ""
        reading = metadata.get("reading") or {}
        self.reading_value: Any = reading.get("value")
        self.maybe: tuple[Any, ...] = tuple(reading.get("maybe") or ())
        self.aside: JsonObject | None = reading.get("aside")
        self.context: JsonObject = metadata.get("context") or {}
        self.conversation: JsonObject = dict(tracker.get_slot("conversation") or {})
        self.active_form: str | None = (tracker.active_loop or {}).get("name")
        stored = tracker.get_slot("screening")
        self.progress: Progress | None = Progress.from_json(stored) if stored else None
        self.places: JsonObject = dict(tracker.get_slot("places") or {})
        self._now: str = metadata.get("now") or ""
        self._before = (dict(self.conversation), stored, dict(self.places))
        # An offer of another language is for the next reply only.
        self.conversation.pop("offer", None)

    @property
    def language(self) -> str:
        """The language of the thread: chosen by the patient, else the one the context names, else English."""
        language = str(self.conversation.get("language") or self.context.get("language") or "en")
        return language if language in content().messages else "en"

    @property
    def instrument(self) -> Instrument:
        """The instrument that is being run, else the one that the context names."""
        name = self.progress.instrument if self.progress else self.context.get("instrument", DEFAULT_INSTRUMENT)
        return content().instruments[str(name)]

    @property
    def now(self) -> datetime:
        """When the turn is taken, aware. Raises ``ValueError`` when the request does not say."""
        return datetime.fromisoformat(self._now)

    @property
    def zone(self) -> str:
        """The time zone of the patient, an IANA name."""
        return str(self.context.get("zone") or "America/New_York")

    def say(self, key: str, purpose: str | None = None, *, language: str | None = None, **values: str) -> None:
        """Add one of our own messages to the replies, in the language of the thread unless another is given."""
        self._utter(self._worded(key, language or self.language, values), purpose or key)

    def worded(self, key: str, **values: str) -> str:
        """One of our own messages in the language of the thread, to stand in another."""
        return self._worded(key, self.language, values)

    def say_plain(self, text: str, purpose: str) -> None:
        """Add a text that stands in an instrument file to the replies."""
        self._utter(text, purpose)

    def ask_open_question(self) -> None:
        """Add the open question of the screening to the replies, behind an offer of another language if need be."""
        if self.progress is None:
            raise ValueError("no screening is open")
        self._offer_language()
        messages = content().messages[self.language]
        text = question_text(self.instrument, self.progress, self.language, messages)
        self._utter(text, "privacy_check" if self.progress.gate else "screening_question")

    def happened(self, event: JsonObject) -> None:
        """Add something that happened to the events of the turn."""
        self._dispatcher.utter_message(json_message={"event": event})

    def apply(self, move: Move) -> None:
        """Take over a move of the screening: its progress, its events and what it says."""
        self.progress = move.progress
        for event in move.events:
            self.happened(event)
        for key in move.say:
            self.say(key)

    def changes(self, **slots: Any) -> list[JsonObject]:
        """The slot events of this action: what changed, and ``slots`` (form slots) as given."""
        conversation, screening, places = self._before
        now = self.progress.to_json() if self.progress else None
        events: list[JsonObject] = [SlotSet(name, value) for name, value in slots.items()]
        if self.conversation != conversation:
            events.append(SlotSet("conversation", self.conversation))
        if now != screening:
            events.append(SlotSet("screening", now))
        if self.places != places:
            events.append(SlotSet("places", self.places or None))
        return events

    def _offer_language(self) -> None:
        """Once, when a reply looks like another language and a yes or no cannot be meant for the open question."""
        other = self.context.get("seems")
        if (
            other in (None, self.language)
            or other not in content().messages
            or self.conversation.get("language_offered")
        ):
            return
        if self.intent == "change_language" or self._takes_yes_or_no():
            return
        self.conversation |= {"offer": other, "language_offered": True}
        self.say("language_offer", language=str(other))

    def _takes_yes_or_no(self) -> bool:
        assert self.progress is not None
        item = open_item(self.instrument, self.progress)
        return self.progress.gate or item.private or read_reply("yes", item, content().lexicons, "en") is not None

    def _worded(self, key: str, language: str, values: dict[str, str]) -> str:
        return content().say(
            key,
            language,
            programme=self.context.get("programme", "Followthrough"),
            clinic=self.context.get("clinic", "your clinic"),
            help_contact=self.context.get("help_contact", ""),
            total=str(len(self.instrument.items)),
            **values,
        )

    def _utter(self, text: str, purpose: str) -> None:
        self._dispatcher.utter_message(text=text, purpose=purpose)
