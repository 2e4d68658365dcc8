"""Stopping for now: the answers are kept, and the patient is texted again at the time that they named."""

from __future__ import annotations

from bot.core.callbacks import Callback, read_callback, worded_callback
from bot.core.dialog import JsonObject
from dialogs.actions.turn import Turn, content


def pause(turn: Turn, moment: JsonObject | None) -> None:
    """Note the pause, plan the text that was asked for, and say what happens next.

    ``moment`` is a :class:`~bot.core.callbacks.Callback` as JSON, when code has read one; else it is looked for in
    the words.
    """
    open_now = turn.progress is not None
    if open_now and turn.active_form is not None and turn.progress is not None:
        turn.happened({"type": "screening_paused", "link_id": turn.progress.at})
    callback = Callback.from_json(moment) if moment else _read(turn)
    if turn.conversation.get("consent") is not True:
        # Nobody is texted of our own accord before they agreed to the texts.
        turn.say("later_start")
        return
    turn.conversation["paused"] = True
    if callback is None:
        turn.say("paused" if open_now else "later_ok")
        return
    turn.happened({"type": "resume_planned", "at": callback.at.isoformat()})
    when = worded_callback(callback.at, turn.now, turn.zone, content().messages[turn.language])
    turn.say("later_by_day" if callback.shifted else "later_at", when=when)


def _read(turn: Turn) -> Callback | None:
    if not turn.text:
        return None
    return read_callback(turn.text, turn.now, turn.zone, content().lexicons, turn.language)
