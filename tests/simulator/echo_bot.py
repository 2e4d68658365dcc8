"""A whole app around the simulator, whose bot only repeats what it hears and makes a record of it.

The web side, the store and Twilio's client are the real ones; turn and sending are a few lines, so that the
simulator's tests need no dialog process.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from werkzeug.serving import make_server

from bot.adapters.dialog_client import HttpDialog
from bot.adapters.memory_buckets import MemoryBuckets
from bot.adapters.memory_locks import MemoryLocks
from bot.adapters.memory_wakeups import MemoryWakeups
from bot.adapters.twilio_messages import SendRefused, TwilioMessages
from bot.bootstrap import Deps, build_vault
from bot.clock import Clock, SystemClock
from bot.content import Content
from bot.core.instrument import Instrument, Item, Option
from bot.core.segments import segments
from bot.ids import new_id
from bot.settings import Settings
from bot.store import audit, consents, conversations, inbound, outbox, patients, phones, screenings
from bot.store.database import Database, Transaction, make_engine
from bot.store.inbound import ClaimedInbound
from bot.virtual_clock import VirtualClock
from webhooks.app import create_app
from webhooks.simulator import EXTENSION
from webhooks.simulator.twilio_app import QuietHandler
from webhooks.simulator.workshop import Workshop

LEASE = timedelta(seconds=30)
QUESTION = "What is your living situation today?"
OPTIONS = (
    Option("LA31993-1", "http://loinc.org", {"en": "I have a steady place to live"}),
    Option("LA31994-9", "http://loinc.org", {"en": "I have a place to live today, but I am worried"}, need=True),
)
INSTRUMENT = Instrument(
    id="tiny",
    version="1",
    title="A tiny screening",
    languages=("en",),
    items=(Item("/71802-3", "71802-3", "choice", {"en": QUESTION}, "housing", options=OPTIONS),),
)


def make_deps(settings: Settings) -> Deps:
    """Dependencies with a tiny instrument, for settings whose keys are filled in and whose database is there."""
    engine = make_engine(settings.database_url)
    clock: Clock = VirtualClock(engine) if settings.virtual_clock else SystemClock()
    vault = build_vault(settings)
    return Deps(
        settings=settings,
        clock=clock,
        new_id=new_id,
        db=Database(engine, vault, clock, new_id),
        vault=vault,
        content=Content({"en": {}}, {}, {INSTRUMENT.id: INSTRUMENT}),
        dialog=HttpDialog(settings.dialog_url),
        twilio=TwilioMessages(settings.twilio_account_sid, settings.twilio_auth_tokens[0], settings.twilio_api_url),
        wakeups=MemoryWakeups(),
        buckets=MemoryBuckets(50, 50),
        locks=MemoryLocks(),
    )


@contextmanager
def running(deps: Deps) -> Iterator[Deps]:
    """The app on its port, with an echoing worker and the real sender."""
    app = create_app(deps)
    server = make_server("127.0.0.1", deps.settings.port, app, threaded=True, request_handler=QuietHandler)
    stop = threading.Event()
    threads = [
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True),
        threading.Thread(target=_echo, args=(deps, stop), daemon=True),
        threading.Thread(target=_send, args=(deps, stop), daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield deps
    finally:
        stop.set()
        for thread in threads[1:]:
            thread.join(timeout=10)
        workshop = app.extensions[EXTENSION]
        assert isinstance(workshop, Workshop)
        workshop.stop()
        server.shutdown()
        server.server_close()
        threads[0].join(timeout=10)
        deps.db.engine.dispose()


def _echo(deps: Deps, stop: threading.Event) -> None:
    while not stop.is_set():
        claimed = inbound.claim(deps.db, "echo", LEASE)
        if claimed is None:
            stop.wait(0.05)
            continue
        with deps.db.write() as tx:
            _repeat(tx, claimed)


def _send(deps: Deps, stop: threading.Event) -> None:
    while not stop.is_set():
        claimed = outbox.claim(deps.db, "sender", LEASE)
        if claimed is None:
            stop.wait(0.05)
            continue
        callback = f"{deps.settings.public_url}/twilio/status?m={claimed.id}"
        try:
            sent = deps.twilio.create(claimed.to_address, claimed.body, callback, deps.settings.twilio_from)
        except SendRefused as refusal:
            with deps.db.write() as tx:
                outbox.failed(tx, claimed, refusal.code)
        else:
            with deps.db.write() as tx:
                outbox.handed_over(tx, claimed.id, sent.sid, sent.status)


def _repeat(tx: Transaction, claimed: ClaimedInbound) -> None:
    phone = phones.find_or_create(tx, claimed.from_address)
    known = patients.by_phone(tx, phone.id)
    patient = known[0] if known else patients.create_texter(tx, phone.id, "en")
    conversation = conversations.find_or_create(tx, phone.id, patient.id, "en")
    if claimed.body.strip() == "1":
        run = screenings.current(tx, patient.id, INSTRUMENT.id)
        run_id = run.id if run else screenings.start(tx, patient.id, conversation.id, INSTRUMENT.id, "1", "en", "sms")
        value = {"code": OPTIONS[0].code, "display": OPTIONS[0].label["en"]}
        screenings.record_answer(tx, run_id, "/71802-3", "71802-3", value, "sms")
    if not known:
        consents.record(
            tx,
            patient_id=patient.id,
            phone_id=phone.id,
            granted=True,
            method="sms",
            text_version="welcome/en/1",
            channel="sms",
            at=tx.now(),
        )
        audit.record(tx, "worker", "consent_granted", "patient", patient.id)
    reply = f"You said: {claimed.body}\n\n{QUESTION}\n1. I have a steady place to live\n2. I am worried about it"
    outbox.put(
        tx,
        conversation_id=conversation.id,
        patient_id=patient.id,
        phone_id=phone.id,
        inbound_id=claimed.id,
        channel="sms",
        body=reply,
        purpose="echo",
        segments=segments(reply),
    )
    inbound.finish(tx, claimed, "echoed", conversation.id, patient.id)
