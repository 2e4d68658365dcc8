"""The turns of a message that speaks of danger: help first, the right question when in doubt, back when all is well.

What is feared is read by :mod:`bot.core.safety`; the case for the clinic is opened in :mod:`bot.effects`, in the
transaction of the reply.
"""

from __future__ import annotations

from dataclasses import replace

from bot.adapters.dialog_client import DialogFailed, DialogUnavailable
from bot.asked import open_labels
from bot.bootstrap import Deps
from bot.core.dialog import Reading
from bot.core.safety import NEEDS, Alarm, read_alarm
from bot.core.safety_check import Check, read_check
from bot.core.scoring import alarm_of
from bot.core.second_opinion import hear_alarm
from bot.dialog_turn import dialog_turn
from bot.outcome import Outcome
from bot.scene import Scene


def decide_alarm(deps: Deps, scene: Scene) -> Outcome | None:
    """Danger, in every state, with the dialog manager up or down."""
    alarm = _heard(deps, scene)
    return None if alarm is None else alarmed(deps, scene, alarm)


def decide_check(deps: Deps, scene: Scene) -> Outcome | None:
    """The answer to what was asked after an alarm. What answers something else goes its usual way."""
    check = scene.check
    meaning = (
        None
        if check is None or scene.is_due
        else read_check(scene.claimed.body, check, deps.content.lexicons, scene.language)
    )
    if check is None or meaning is None:
        return None
    if check.certain:
        key = "danger_safe_to_talk" if meaning == "well" else "danger_not_safe"
        return Outcome(
            key, (scene.says(deps, key, _spoken(scene, check)),), state=scene.state_at_rest(), final_words=True
        )
    if meaning == "not_well":
        confirmed = Alarm(check.kind, "today" if check.kind in NEEDS else "now", True, check.language)
        outcome = alarmed(deps, scene, confirmed)
        return replace(outcome, events=({**outcome.events[0], "type": "alarm_confirmed"},))
    return _all_well(deps, scene, check)


def _all_well(deps: Deps, scene: Scene, check: Check) -> Outcome:
    """A kind word, and back to where the conversation was; with the dialog manager away, when the patient says so."""
    event = {"type": "alarm_denied", "kind": check.kind}
    said = scene.says(deps, "safety_well", _spoken(scene, check))
    resting = Outcome("all_well", (said,), (event,), scene.state_at_rest(), final_words=True)
    if scene.opted_out:
        return resting
    try:
        back = dialog_turn(deps, scene, Reading("resume"))
    except (DialogUnavailable, DialogFailed):
        return replace(resting, replies=(said, scene.says(deps, "after_alarm")))
    return replace(back, name="all_well", replies=(said, *back.replies), events=(event, *back.events))


def with_help_first(deps: Deps, scene: Scene, outcome: Outcome) -> Outcome:
    """An answer that is itself a cry for help gets the words of help instead of the next question, which waits.

    The case is opened with the answer (:mod:`bot.effects`).
    """
    instrument = deps.content.instruments.get(scene.progress.instrument) if scene.progress else None
    answers = [event for event in outcome.events if event["type"] == "answer_recorded"]
    if instrument is None or outcome.state is None:
        return outcome
    alarms = (alarm_of(instrument, event["link_id"], event["value"]) for event in answers)
    kind = next((alarm for alarm in alarms if alarm is not None), None)
    if kind is None:
        return outcome
    there = replace(scene, conversation=replace(scene.conversation, state=outcome.state))
    keys = (kind, "after_alarm") if there.screening_form_open else (kind,)
    said = tuple(scene.says(deps, key) for key in keys)
    return replace(outcome, name=f"alarm_{kind}", replies=said, state=there.state_at_rest(), final_words=True)


def alarm_in(deps: Deps, scene: Scene) -> Alarm | None:
    """The gravest alarm in the scene's message; None when there is none, and for a follow-up, which nobody said."""
    if scene.is_due:
        return None
    labels = open_labels(deps.content, scene)
    return read_alarm(scene.claimed.body, deps.content.lexicons, scene.language, labels)


def _heard(deps: Deps, scene: Scene) -> Alarm | None:
    """As :func:`alarm_in`, and what the second opinion doubts. The answer to "are you safe?" is never doubted."""
    lexicons, body = deps.content.lexicons, scene.claimed.body
    if scene.is_due or (scene.check is not None and read_check(body, scene.check, lexicons, scene.language)):
        return alarm_in(deps, scene)
    labels = open_labels(deps.content, scene)
    return hear_alarm(body, lexicons, scene.language, labels, deps.content.second_opinion)


def _spoken(scene: Scene, said: Alarm | Check) -> str:
    """The patient's language, or while that is not known the one in which the grave words were said."""
    return scene.language if scene.language_known or not said.language else said.language


def alarmed(deps: Deps, scene: Scene, alarm: Alarm) -> Outcome:
    """Help first; the questions wait. A doubtful one is asked about, and a person told all the same."""
    check = Check.after(alarm)
    language = _spoken(scene, alarm)
    said = [scene.says(deps, check.question if check else alarm.kind, language)]
    waits = scene.screening_form_open or (scene.check is not None and scene.progress is not None)
    if waits and alarm.certain:
        said.append(scene.says(deps, "after_alarm", language))
    event = {"type": "alarm_raised", "kind": alarm.kind, "urgency": alarm.urgency, "certain": alarm.certain}
    state = scene.state_at_rest(check)
    return Outcome(f"alarm_{alarm.kind}", tuple(said), (event,), state, final_words=True)
