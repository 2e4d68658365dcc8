"""What a patient has not seen cannot be answered: a turn of ours whose texts never left is taken back.

A follow-up saves what it asks before its texts are sent. They may wait, or be refused; whoever writes then writes
about something else.
"""

from __future__ import annotations

from dataclasses import replace

from bot.content.policy import load_policy
from bot.core.dialog import JsonObject
from bot.store import campaigns, followups, sending, threads
from bot.store.conversations import Conversation
from bot.store.database import Transaction
from bot.store.inbound import ClaimedInbound

BEFORE = "before"
MOVED_ON = "conversation_moved_on"


def with_way_back(before: Conversation, turn_id: str, state: JsonObject) -> JsonObject:
    """The state after a turn that nobody asked for, with the one before it, until it is known that it was seen."""
    return {**state, BEFORE: {"turn": turn_id, "state": before.state or {}}}


def as_seen(tx: Transaction, claimed: ClaimedInbound, conversation: Conversation) -> Conversation:
    """The thread as the patient knows it when this row came.

    What still waits to be sent is taken back when the patient has written, and planned anew; else it stands.
    """
    state = conversation.state or {}
    while BEFORE in state and _is_unseen(tx, state[BEFORE]["turn"], has_written=claimed.kind == "text"):
        state = state[BEFORE]["state"]
    if BEFORE in state and not threads.is_to_be_shown(tx, state[BEFORE]["turn"]):
        state = {name: value for name, value in state.items() if name != BEFORE}
    return conversation if conversation.state is None else replace(conversation, state=state)


def _is_unseen(tx: Transaction, turn_id: str, *, has_written: bool) -> bool:
    if threads.was_shown(tx, turn_id):
        return False
    if has_written:
        _take_back(tx, turn_id)
        return True
    return not threads.is_to_be_shown(tx, turn_id)


def _take_back(tx: Transaction, turn_id: str) -> None:
    """Its texts do not go any more; what it was about falls due again when the thread has rested."""
    if not threads.withdraw(tx, turn_id):
        return
    followup_id = sending.unsent_followup(tx, turn_id)
    if followup_id is not None:
        followups.plan_anew(tx, followup_id, MOVED_ON, tx.now() + load_policy().thread_rests_after)
    enrolment_id = threads.enrolment_of(tx, turn_id)
    if enrolment_id is not None:
        campaigns.set_enrolment_state(tx, enrolment_id, "held", MOVED_ON)
