"""The turns of a message that speaks of danger: help first, the right question when in doubt, back when all is well.

What is feared is read by :mod:`bot.core.safety`; the case for the clinic is opened in :mod:`bot.effects`, in the
transaction of the reply.
"""

from __future__ import annotations

from dataclasses import replace

from bot.adapters.dialog_client import DialogFailed, DialogRefused, DialogUnavailable
from bot.asked import open_labels
from bot.bootstrap import Deps
from bot.core.dialog import JsonObject, Reading
from bot.core.safety import NEEDS, Alarm, read_alarm, read_alarms
from bot.core.safety_check import MOST_ASKED, NOW, TOO_OLD, Check, read_check
from bot.core.scoring import alarm_of
from bot.core.second_opinion import hear_alarm
from bot.dialog_turn import dialog_turn
from bot.outcome import Outcome
from bot.reading import read_message
from bot.scene import Scene

# What may be said beside the question whether all is well, and is answered without taking it back.
ASIDES = frozenset({"ask_why", "ask_who", "ask_privacy", "ask_cost", "ask_person", "change_language"})
# Whoever puts it off does not say that it is safe.
PUTS_OFF = frozenset({"later", "skip", "decline"})


def decide_alarm(deps: Deps, scene: Scene) -> Outcome | None:
    """Danger, in every state, with the dialog manager up or down."""
    alarm = _heard(deps, scene)
    if alarm is None:
        return None
    outcome = alarmed(deps, scene, alarm)
    beside = _needs_beside(deps, scene, alarm)
    if not beside:
        return outcome
    # A doubt is asked about; what is certain beside it has its words and its case all the same.
    said = () if alarm.certain else (scene.says(deps, beside[0].kind, _spoken(scene, alarm)),)
    return replace(outcome, replies=said + outcome.replies, events=(*outcome.events, *map(_raised, beside)))


def _needs_beside(deps: Deps, scene: Scene, alarm: Alarm) -> list[Alarm]:
    """The certain needs of today in a message that speaks of something graver."""
    labels = open_labels(deps.content, scene)
    found = read_alarms(scene.claimed.body, deps.content.lexicons, scene.language, labels)
    needs = {each.kind: each for each in found if each.certain and each.kind in NEEDS and each.kind != alarm.kind}
    return list(needs.values())


def decide_check(deps: Deps, scene: Scene) -> Outcome | None:
    """The answer to what was asked after an alarm.

    What answers something else is answered beside it where code can read it; else it is asked once more. None when
    nothing is asked, or no longer: then the message goes its usual way.
    """
    check = scene.check
    if check is None or scene.is_due or scene.check_age > TOO_OLD:
        return None
    meaning = read_check(scene.claimed.body, check, deps.content.lexicons, scene.language)
    if meaning is None:
        return _beside_check(deps, scene, check)
    if check.certain:
        return _safe_to_talk(deps, scene, check) if meaning == "well" else _not_safe(deps, scene, check)
    if meaning == "not_well":
        confirmed = Alarm(check.kind, "today" if check.kind in NEEDS else "now", True, check.language)
        outcome = alarmed(deps, scene, confirmed)
        return replace(outcome, events=({**outcome.events[0], "type": "alarm_confirmed"},))
    return _all_well(deps, scene, check)


def _safe_to_talk(deps: Deps, scene: Scene, check: Check) -> Outcome:
    """The number to call, but only when it was said that it is safe just now."""
    if scene.check_age > NOW:
        return _asked_again(deps, scene, replace(check, asked=0))
    said = scene.says(deps, "danger_safe_to_talk", _spoken(scene, check))
    return Outcome("danger_safe_to_talk", (said,), state=scene.state_at_rest(), final_words=True)


def _not_safe(deps: Deps, scene: Scene, check: Check) -> Outcome:
    """Nothing more of it is said in the thread."""
    said = scene.says(deps, "danger_not_safe", _spoken(scene, check))
    return Outcome("danger_not_safe", (said,), state=scene.state_at_rest(), final_words=True)


def _beside_check(deps: Deps, scene: Scene, check: Check) -> Outcome | None:
    """A question back is answered, and what was asked stays open; what nobody can read has it asked once more.

    Then violence is left to the person who was told, and any other doubt, too: the message goes its usual way.
    """
    if scene.check_age > NOW:
        return None
    reading = read_message(deps.content, scene)
    if reading is not None and reading.intent in ASIDES and not scene.opted_out:
        return _answered_beside(deps, scene, check, reading)
    puts_off = check.certain and reading is not None and reading.intent in PUTS_OFF
    if check.asked < MOST_ASKED and not puts_off:
        return _asked_again(deps, scene, check)
    return _not_safe(deps, scene, check) if check.certain else None


def _asked_again(deps: Deps, scene: Scene, check: Check) -> Outcome:
    said = scene.says(deps, check.repeated, _spoken(scene, check))
    return Outcome("safety_asked_again", (said,), state=scene.state_at_rest(check.once_more()), final_words=True)


def _answered_beside(deps: Deps, scene: Scene, check: Check, reading: Reading) -> Outcome | None:
    try:
        outcome = dialog_turn(deps, scene, reading)
    except (DialogUnavailable, DialogFailed, DialogRefused):
        return _asked_again(deps, scene, check) if check.asked < MOST_ASKED else None
    there = replace(scene, conversation=replace(scene.conversation, state=outcome.state))
    return replace(outcome, state=there.state_at_rest(check))


def _all_well(deps: Deps, scene: Scene, check: Check) -> Outcome:
    """A kind word, and back to where the conversation was; with the dialog manager away, when the patient says so."""
    event = {"type": "alarm_denied", "kind": check.kind}
    said = scene.says(deps, "safety_well", _spoken(scene, check))
    resting = Outcome("all_well", (said,), (event,), scene.state_at_rest(), final_words=True)
    if scene.opted_out:
        return resting
    try:
        back = dialog_turn(deps, scene, Reading("resume"))
    except (DialogUnavailable, DialogFailed, DialogRefused):
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
    """As :func:`alarm_in`, and what the second opinion doubts; that not while it is being asked whether all is well.

    The answer to that is never doubted, and after violence no doubt takes the place of what was asked.
    """
    lexicons, body, check = deps.content.lexicons, scene.claimed.body, scene.check
    if scene.is_due:
        return None
    if check is None or scene.check_age > NOW:
        labels = open_labels(deps.content, scene)
        return hear_alarm(body, lexicons, scene.language, labels, deps.content.second_opinion)
    alarm = alarm_in(deps, scene)
    if alarm is None or alarm.certain:
        return alarm
    answered = check.certain or read_check(body, check, lexicons, scene.language) is not None
    return None if answered else alarm


def _spoken(scene: Scene, said: Alarm | Check) -> str:
    """The patient's language, or while that is not known the one in which the grave words were said."""
    return scene.language if scene.language_known or not said.language else said.language


def alarmed(deps: Deps, scene: Scene, alarm: Alarm) -> Outcome:
    """Help first; the questions wait. A doubtful one is asked about, and a person told all the same."""
    check = Check.after(alarm)
    language = _spoken(scene, alarm)
    said = [scene.says(deps, check.question if check else alarm.kind, language)]
    waits = scene.screening_form_open or (scene.check is not None and scene.progress is not None)
    if waits and alarm.certain and check is None:
        said.append(scene.says(deps, "after_alarm", language))
    state = _with_alarm(scene.state_at_rest(check), alarm.kind, scene)
    return Outcome(f"alarm_{alarm.kind}", tuple(said), (_raised(alarm),), state, final_words=True)


def _with_alarm(state: JsonObject, kind: str, scene: Scene) -> JsonObject:
    """The state with what was heard and when: who never agreed to the texts is not asked to right after it."""
    slots = state.get("slots", {})
    heard = {"alarm": {"kind": kind, "at": scene.now.isoformat()}}
    return {"v": 1, **state, "slots": {**slots, "conversation": {**slots.get("conversation", {}), **heard}}}


def _raised(alarm: Alarm) -> JsonObject:
    return {"type": "alarm_raised", "kind": alarm.kind, "urgency": alarm.urgency, "certain": alarm.certain}
