"""Takes claimed rows through their turn, and decides what becomes of a row that fails."""

from __future__ import annotations

import logging
import os
import random
import threading
import time
from datetime import timedelta

from bot.adapters.dialog_client import DialogRefused, DialogUnavailable
from bot.bootstrap import Deps
from bot.core.dialog import Reply
from bot.core.segments import segments
from bot.given_up import give_up_due
from bot.scene import Scene, open_scene
from bot.store import audit, conversations, escalations, inbound, outbox
from bot.store.database import Transaction
from bot.store.errors import LeaseLost, StaleConversation
from bot.store.inbound import ClaimedInbound
from bot.turn import take_turn, take_urgent_turn

log = logging.getLogger(__name__)

# Longer than the slowest turn (the dialog process is given ten seconds), and the longest wait after a kill.
LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 5
# The dialog process takes about half a minute to come back; its absence does not use up a row's attempts until
# the patient has waited this long.
WAITS_FOR_DIALOG = timedelta(minutes=5)
IDLE_SECONDS = 0.1


class Worker:
    """One taker of turns. Any number may run beside each other, in one process or many."""

    def __init__(self, deps: Deps) -> None:
        """``deps`` as :func:`bot.bootstrap.build` makes them."""
        self._deps = deps
        self._owner = f"{os.uname().nodename}:{os.getpid()}:{threading.get_native_id()}:{deps.new_id('w')}"

    def run(self, stop: threading.Event) -> None:
        """Take turns until ``stop`` is set. A database that is away is waited for."""
        while not stop.is_set():
            try:
                busy = self.turn_once()
            except Exception as error:
                log.error("worker_failed", exc_info=error)
                stop.wait(1.0)
                continue
            if not busy:
                self._deps.wakeups.wait("inbound", IDLE_SECONDS)

    def turn_once(self) -> bool:
        """Take one turn if there is one to take; whether there was."""
        claimed = inbound.claim(self._deps.db, self._owner, LEASE)
        if claimed is None:
            return False
        started = time.monotonic()
        try:
            take_turn(self._deps, claimed)
        except (LeaseLost, StaleConversation) as error:
            self._give_back(claimed, error)
        except Exception as error:
            self._failed(claimed, error)
        else:
            log.info("turn_taken inbound=%s kind=%s ms=%d", claimed.id, claimed.kind, _ms_since(started))
        return True

    def _give_back(self, claimed: ClaimedInbound, error: Exception) -> None:
        """Another worker was faster: nothing is lost, the row is theirs or is taken again."""
        log.info("turn_superseded inbound=%s error=%s", claimed.id, type(error).__name__)
        if isinstance(error, StaleConversation):
            self._retry(claimed, error, count_attempt=False)

    def _failed(self, claimed: ClaimedInbound, error: Exception) -> None:
        # bot.logs writes the class of an error and its places, never its text.
        log.warning("turn_failed inbound=%s attempt=%d", claimed.id, claimed.attempts, exc_info=error)
        waited = self._deps.clock.now() - claimed.received_at
        if isinstance(error, DialogUnavailable) and waited < WAITS_FOR_DIALOG:
            self._retry(claimed, error, count_attempt=False)
        elif isinstance(error, DialogRefused) or claimed.attempts >= MAX_ATTEMPTS:
            self._set_aside(claimed, error)
        else:
            self._retry(claimed, error, count_attempt=True)

    def _retry(self, claimed: ClaimedInbound, error: Exception, *, count_attempt: bool) -> None:
        pause = _pause(claimed.attempts) if count_attempt else timedelta(seconds=1)
        try:
            with self._deps.db.write() as tx:
                at = tx.now() + pause
                inbound.retry_later(tx, claimed, type(error).__name__, at, count_attempt=count_attempt)
        except LeaseLost:
            log.info("turn_superseded inbound=%s error=LeaseLost", claimed.id)
            return
        self._hear_those_behind(claimed)

    def _hear_those_behind(self, head: ClaimedInbound) -> None:
        """A STOP or a cry for help does not wait for the text before it, which cannot be answered now."""
        after = head.seq
        while behind := inbound.claim_behind(self._deps.db, head, after, self._owner, LEASE):
            after = behind.seq
            if self._is_taken_urgently(behind):
                log.info("turn_taken inbound=%s kind=urgent", behind.id)
                continue
            try:
                with self._deps.db.write() as tx:
                    inbound.retry_later(tx, behind, "waits_its_turn", tx.now(), count_attempt=False)
            except LeaseLost:
                log.info("turn_superseded inbound=%s error=LeaseLost", behind.id)

    def _is_taken_urgently(self, behind: ClaimedInbound) -> bool:
        """False whatever went wrong: the row is given back, so that its thread is not held up by it."""
        try:
            return take_urgent_turn(self._deps, behind)
        except Exception as error:
            log.warning("urgent_turn_failed inbound=%s", behind.id, exc_info=error)
            return False

    def _set_aside(self, claimed: ClaimedInbound, error: Exception) -> None:
        """Give the row up, but not in silence: one plain apology, and a person is told.

        A follow-up that falls due again needs neither.
        """
        log.error("turn_set_aside inbound=%s error=%s", claimed.id, type(error).__name__)
        scene = self._scene_if_any(claimed)
        with self._deps.db.write() as tx:
            conversation_id = scene.conversation.id if scene else None
            patient_id = scene.patient.id if scene else None
            inbound.set_aside(tx, claimed, type(error).__name__, conversation_id=conversation_id, patient_id=patient_id)
            if claimed.kind != "due" or not give_up_due(self._deps, tx, claimed, error):
                escalations.create(
                    tx,
                    patient_id=patient_id,
                    conversation_id=conversation_id,
                    inbound_id=claimed.id,
                    kind="message_not_handled",
                    urgency="today",
                )
            audit.record(tx, "worker", "message_set_aside", "inbound", claimed.id, error=type(error).__name__)
            if scene and not scene.is_due and not scene.opted_out:
                _put_apology(tx, scene, scene.says(self._deps, "apology"))
            if scene and not isinstance(error, DialogUnavailable):
                _put_to_rest(tx, scene)
        self._deps.wakeups.notify("outbox")

    def _scene_if_any(self, claimed: ClaimedInbound) -> Scene | None:
        """The scene, unless it is what fails; then the row is still set aside and a person told."""
        try:
            return open_scene(self._deps, claimed)
        except Exception as error:
            log.error("scene_failed inbound=%s", claimed.id, exc_info=error)
            return None


def _put_to_rest(tx: Transaction, scene: Scene) -> None:
    """What was asked may be what fails: it is not asked any more, so that the next text finds an answer.

    The screening is kept and goes on from there; a list of places is not.
    """
    state = scene.state_at_rest()
    slots = {name: value for name, value in state.get("slots", {}).items() if name != "places"}
    thread = scene.conversation
    conversations.save_state(tx, thread.id, thread.version, {**state, "slots": slots} if state else {}, scene.language)


def _put_apology(tx: Transaction, scene: Scene, apology: Reply) -> None:
    outbox.put(
        tx,
        conversation_id=scene.conversation.id,
        patient_id=scene.patient.id,
        phone_id=scene.phone.id,
        inbound_id=scene.claimed.id,
        channel=scene.reply_channel,
        body=apology.text,
        purpose=apology.purpose,
        segments=segments(apology.text),
    )


def _pause(attempts: int) -> timedelta:
    """One, two, four … seconds, up to half of it at random: a patient is waiting."""
    return timedelta(seconds=2 ** (attempts - 1) * (0.5 + random.random() / 2))


def _ms_since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
