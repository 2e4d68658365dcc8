"""The path of a message, top-down. Read this file first.

    phone -> Twilio -> webhooks/twilio/sms.py   signature checked, row stored, 200
                    -> bot/worker.py            claims the row (order within a thread is kept)
                    -> take_turn, here:
                         scene                  who texts, which conversation, what state it is in
                         DECIDERS, in order     keywords, safety (safety_turn.py), no text, dialog: the first wins
                         commit                 state, facts, replies: one transaction, or nothing
                    -> bot/sending/sender.py    outbox -> Twilio
    clock -> follow-up rows -> the same path, as rows of kind "due"

Nothing is sent here: replies are outbox rows in the same transaction as the state they belong to.
"""

from __future__ import annotations

from dataclasses import replace

from bot import effects, rescreening
from bot.adapters.dialog_client import DialogFailed, DialogRefused, DialogUnavailable
from bot.asked import guard_private
from bot.bootstrap import Deps
from bot.core.callbacks import RESUME
from bot.core.dialog import JsonObject, Reading
from bot.core.keywords import Keyword, read_keyword
from bot.core.segments import pack, segments
from bot.dialog_turn import dialog_turn
from bot.effect_context import Applied
from bot.held_turn import decide_unsafe, end_followup, keep_check
from bot.on_call.claiming import take_claim
from bot.outcome import Decider, Outcome
from bot.reading import read_message
from bot.referrals import readings
from bot.referrals.after_turn import asks_for_places, places_reading
from bot.safety_turn import decide_alarm, decide_check, with_help_first
from bot.scene import Scene, open_scene
from bot.stop_turn import decide_stop_doubt, stopped
from bot.store import conversations, inbound, outbox
from bot.store.database import Transaction
from bot.store.inbound import ClaimedInbound
from bot.unseen import with_way_back

BULK, REPLY = 1, 0
MAX_SEGMENTS = 3
# What is said when places are looked for; needless when they follow at once.
LOOKING = "places_search"


def take_turn(deps: Deps, claimed: ClaimedInbound) -> None:
    """Take the turn of one claimed row and commit it.

    Raises the dialog client's errors (nothing was saved; :mod:`bot.worker` retries or sets the row aside),
    ``LeaseLost`` when another worker holds the row by now, ``StaleConversation`` when another turn was saved first.
    """
    if take_claim(deps, claimed):
        return
    scene = open_scene(deps, claimed)
    outcome = next(found for decide in DECIDERS if (found := decide(deps, scene)) is not None)
    outcome = _with_places(deps, scene, outcome)
    outcome = with_help_first(deps, scene, outcome)
    with deps.db.write() as tx:
        commit(deps, tx, scene, outcome)
    _wake(deps, outcome)


def take_urgent_turn(deps: Deps, claimed: ClaimedInbound) -> bool:
    """Take the turn of a row that waits behind one that cannot be taken now, if code alone can: STOP, HELP, danger.

    False, with nothing changed, when the row has to wait for its turn.
    """
    scene = open_scene(deps, claimed)
    try:
        outcome = decide_keyword(deps, scene) or decide_alarm(deps, scene) or decide_check(deps, scene)
    except (DialogUnavailable, DialogFailed):
        return False
    if outcome is None:
        return False
    with deps.db.write() as tx:
        commit(deps, tx, scene, outcome)
    _wake(deps, outcome)
    return True


def _wake(deps: Deps, outcome: Outcome) -> None:
    """Tell who waits: there is something to send, and perhaps somebody to be told at once."""
    deps.wakeups.notify("outbox")
    alarmed = any(event["type"] in ("alarm_raised", "alarm_confirmed") for event in outcome.events)
    if alarmed or outcome.name.startswith("alarm_"):
        deps.wakeups.notify("alerts")


def commit(deps: Deps, tx: Transaction, scene: Scene, outcome: Outcome) -> None:
    """Write everything that the turn decided. The lease is checked first: a late worker changes nothing."""
    inbound.finish(tx, scene.claimed, outcome.name, scene.conversation.id, scene.patient.id)
    if scene.is_due:
        end_followup(tx, scene, outcome)
    applied = Applied(language=scene.language)
    effects.note_who_is_heard(deps, tx, scene)
    for event in outcome.events:
        effects.apply(deps, tx, scene, event, applied)
    state = scene.conversation.state if outcome.state is None else outcome.state
    state = {**scene.asked_since, **(state or {})}
    if scene.is_due and outcome.replies:
        state = with_way_back(scene.conversation, scene.claimed.id, state)
    conversations.save_state(tx, scene.conversation.id, scene.conversation.version, state, applied.language)
    if effects.is_opted_out(tx, scene) and not outcome.final_words:
        return
    for text, purpose in pack([(reply.text, reply.purpose) for reply in outcome.replies], MAX_SEGMENTS):
        outbox.put(
            tx,
            conversation_id=scene.conversation.id,
            patient_id=scene.patient.id,
            phone_id=scene.phone.id,
            inbound_id=scene.claimed.id,
            enrolment_id=scene.claimed.detail.get("enrolment_id"),
            channel=scene.reply_channel,
            body=text,
            purpose=purpose,
            segments=segments(text),
            proactive=outcome.proactive,
            priority=BULK if outcome.proactive else REPLY,
            after_opt_out=outcome.final_words,
        )


def decide_unreached(deps: Deps, scene: Scene) -> Outcome | None:
    """A follow-up for somebody whose number was replaced in the meantime is dropped: the phone is not theirs.

    So is the text at a time that the patient named, when they came back before it.
    """
    if not scene.is_due:
        return None
    if not scene.reached:
        return Outcome("no_longer_reached")
    came_back = scene.claimed.detail["followup_kind"] == RESUME and not scene.remembered.get("paused")
    return Outcome("no_longer_due") if came_back else None


def decide_keyword(deps: Deps, scene: Scene) -> Outcome | None:
    """STOP, START and HELP in any wording, before anything else. STOP with a cry for help gets both.

    YES is the answer to "is it safe for you to text?" while that is open, also from somebody who is opted out.
    """
    if scene.is_due:
        return None
    keyword = read_keyword(
        scene.claimed.body,
        opt_out_type=scene.claimed.opt_out_type,
        opted_out=scene.opted_out and scene.check is None,
        lexicons=deps.content.lexicons,
    )
    if keyword is None:
        return None
    if keyword.kind == "stop":
        return stopped(deps, scene, keyword)
    if keyword.kind == "help":
        said = () if keyword.source == "twilio" else (scene.says(deps, "help"),)
        return Outcome("helped", said, final_words=True)
    return _started(deps, scene, keyword)


def decide_opted_out(deps: Deps, scene: Scene) -> Outcome | None:
    """Somebody who said stop and writes again without START gets no text; a person is told that they wrote."""
    if not scene.opted_out:
        return None
    return Outcome("opted_out", events=() if scene.is_due else ({"type": "wrote_after_opt_out"},))


def decide_no_text(deps: Deps, scene: Scene) -> Outcome | None:
    """A picture or an empty text cannot be read; the patient is told."""
    if scene.is_due or scene.claimed.body.strip():
        return None
    return Outcome("no_text", (scene.says(deps, "no_text"),))


def decide_dialog(deps: Deps, scene: Scene) -> Outcome:
    """The dialog manager takes everything else: the reading when code could read the words, else the words."""
    if scene.is_due:
        return keep_check(deps, scene, _take_due_turn(deps, scene))
    guarded = guard_private(deps.content, scene)
    return dialog_turn(deps, guarded, read_message(deps.content, guarded, late=guarded is not scene))


# The order is part of the promise: opting out works in any state, safety precedes consent and every question,
# and nothing is said to somebody who opted out. Changing it takes a decision record.
DECIDERS: tuple[Decider, ...] = (
    decide_unreached,
    decide_unsafe,
    decide_keyword,
    decide_alarm,
    decide_check,
    decide_opted_out,
    decide_stop_doubt,
    decide_no_text,
    decide_dialog,
)


def _take_due_turn(deps: Deps, scene: Scene) -> Outcome:
    """What a follow-up says: of a referral, as its kind has it, else an invitation."""
    kind, guard = scene.claimed.detail["followup_kind"], scene.claimed.detail.get("guard", {})
    if kind not in readings.DUE:
        with deps.db.read() as tx:
            opening = rescreening.opening(tx, scene.patient.id, kind, guard)
        return dialog_turn(deps, scene, Reading("invitation_due", opening), proactive=True)
    with deps.db.write() as tx:
        reading = readings.due_reading(deps, tx, scene.patient.id, scene.language, kind, guard)
    if reading is None:
        return Outcome("no_longer_due")
    outcome = dialog_turn(deps, scene, reading, proactive=True)
    sent = readings.sent_event(kind, reading, guard)
    return outcome if sent is None else replace(outcome, events=(sent, *outcome.events))


def _with_places(deps: Deps, scene: Scene, outcome: Outcome) -> Outcome:
    """A turn that asks for places is followed by one that shows them, and both are written as one."""
    asking = asks_for_places(outcome.events)
    if asking is None:
        return outcome
    with deps.db.write() as tx:
        reading = places_reading(deps, tx, scene, outcome.events, asking)
    there = replace(scene, conversation=replace(scene.conversation, state=outcome.state))
    try:
        shown = dialog_turn(deps, there, reading)
    except DialogRefused:
        # The model is older than this: the turn that asked stands as it is.
        return outcome
    said = tuple(reply for reply in outcome.replies if not shown.replies or reply.purpose != LOOKING)
    return replace(
        outcome,
        replies=said + shown.replies,
        events=outcome.events + shown.events,
        state=shown.state,
    )


def _started(deps: Deps, scene: Scene, keyword: Keyword) -> Outcome:
    """An opt-in, then on with the conversation where it was."""
    back = guard_private(deps.content, replace(scene, opted_out=False))
    outcome = dialog_turn(deps, back, Reading("resume"))
    opted_in: tuple[JsonObject, ...] = ({"type": "opted_in", "source": keyword.source},) if scene.opted_out else ()
    return replace(outcome, events=opted_in + outcome.events)
