"""Work that Rasa does on every turn and nobody reads, left out. No result changes; ``make bench`` shows the difference.

Each function replaces one thing inside Rasa 3.6.21 (pinned), for the whole process. docs/adr/0003 has the figures.
"""

from __future__ import annotations

import types
from functools import cache
from typing import Any

import rasa.core.actions.forms
import rasa.core.policies.rule_policy
import rasa.core.processor
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event
from rasa.shared.core.slots import Slot


def be_thrifty() -> None:
    """All of them."""
    trust_action_results()
    spare_copies_for_debug_lines()
    remember_event_types()
    copy_slots_plainly()


def trust_action_results() -> None:
    """No JSON-schema check of each action result.

    The results come from rasa-sdk's executor in this process, which validates the events itself; the check (schema
    and meta-schema on every call) was most of the time of a turn.
    """
    RemoteAction._validate_action_result = lambda self, result: True


def spare_copies_for_debug_lines() -> None:
    """No deep copies of events, slots and states for log lines below our level.

    These three modules use ``copy`` for the arguments of debug lines only.
    """
    no_copies = types.SimpleNamespace(deepcopy=lambda value: value)
    for module in (rasa.core.processor, rasa.core.actions.forms, rasa.core.policies.rule_policy):
        module.copy = no_copies


def remember_event_types() -> None:
    """The class of an event type is looked up once, not by a walk over all subclasses for each event."""
    walk = Event.resolve_by_type

    @cache
    def remembered(type_name: str, default: Any = None) -> Any:
        return walk(type_name, default)

    Event.resolve_by_type = staticmethod(remembered)


def copy_slots_plainly() -> None:
    """A slot is copied attribute by attribute, not through the pickle protocol."""

    def copied(self: Slot) -> Slot:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    Slot.__copy__ = copied
