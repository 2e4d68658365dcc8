"""What somebody says became of a referral: which one they mean, and what is recorded of it."""

from __future__ import annotations

from typing import Any

from bot.core.dialog import JsonObject
from bot.core.picking import Choice, read_barrier, read_pick, read_status
from dialogs.actions.turn import Turn, content

COULD_NOT_GO, NEVER_HEARD, CANNOT_MAKE_IT = "could_not_go", "never_heard", "cannot_make_it"
# Where a place is to be in touch at some time, which may not suit.
EXPECTED = frozenset({"in_progress", "contacted"})


def note_status(turn: Turn, value: Any) -> None:
    """Take a status that is said while something else is asked: recorded at once where it is plain, else thanked for.

    What got in the way is not asked then; a person hears that something did.
    """
    referrals = turn.context.get("referrals") or []
    status = status_said(turn, value)
    meant = meant_referral(turn, referrals, status)
    if meant is None or status is None:
        turn.say("status_later")
        return
    reported(turn, meant["id"], status)
    turn.say("barrier_noted" if status == COULD_NOT_GO else status_key(turn, meant["id"], status), place=meant["place"])


def status_said(turn: Turn, value: Any) -> str | None:
    """The status as code read it, else in the words."""
    if value is not None or not turn.text:
        return None if value is None else str(value)
    return read_status(turn.text, content().about_places, content().lexicons, turn.language)


def barrier_said(turn: Turn) -> str | None:
    """What got in the way, as the words say it."""
    return read_barrier(turn.text, content().about_places, turn.language) if turn.text else None


def meant_referral(turn: Turn, referrals: list[JsonObject], status: str | None) -> JsonObject | None:
    """The only one, else the one that the words name; of a time that does not suit, the one that proposed one."""
    if len(referrals) == 1:
        return referrals[0]
    expected = [each for each in referrals if each.get("state") in EXPECTED]
    if status == CANNOT_MAKE_IT and len(expected) == 1:
        return expected[0]
    named = Choice("which", tuple(str(each["place"]) for each in referrals))
    words = content()
    number = read_pick(turn.text, named, words.about_places, words.lexicons, turn.language) if turn.text else None
    return None if number is None else referrals[number - 1]


def reported(turn: Turn, referral_id: str, status: str) -> None:
    """Record the status of this referral; of a time that does not suit a person hears."""
    if status == CANNOT_MAKE_IT:
        turn.happened({"type": "patient_cannot_make_it", "referral_id": referral_id})
        return
    turn.happened(
        {
            "type": "referral_status_reported",
            "referral_id": referral_id,
            "status": status,
            "in_words": turn.text or None,
        }
    )


def status_key(turn: Turn, referral_id: str, status: str) -> str:
    """The message that says what follows; a place that was not told by us cannot be asked again: the patient calls."""
    told = {each["id"] for each in turn.context.get("referrals") or [] if each.get("told")}
    return "status_never_heard_call" if status == NEVER_HEARD and referral_id not in told else f"status_{status}"
