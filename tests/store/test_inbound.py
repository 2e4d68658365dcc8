"""Inbound rows: stored once, claimed once, in the order of their thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.store import inbound
from bot.store.database import Database
from bot.store.errors import LeaseLost
from bot.store.leases import hold_thread
from bot.store.tables import Inbound
from tests.store.building import JOSE, LEASE, MARIA, a_text, at_once, in_one
from tests.world import StandingClock


def texts(db: Database, *sids: str, number: str = MARIA) -> None:
    """Store one text for each sid, each in a transaction of its own."""
    for sid in sids:
        with db.write() as tx:
            a_text(tx, sid, number)


def claim(db: Database, owner: str = "w1") -> inbound.ClaimedInbound:
    """Claim what must be there."""
    claimed = inbound.claim(db, owner, LEASE)
    assert claimed is not None
    return claimed


def finish(db: Database, claimed: inbound.ClaimedInbound) -> None:
    """End the turn."""
    with db.write() as tx:
        inbound.finish(tx, claimed, "replied", None, None)


def test_eight_deliveries_of_one_message_give_one_row(db: Database) -> None:
    """Eight threads store the same MessageSid at once: one gets an id, seven get None, none gets an error."""

    def deliver(_: int) -> str | None:
        with db.write() as tx:
            return a_text(tx, "SM1")

    ids = [row_id for row_id in at_once(8, deliver) if row_id]
    assert len(ids) == 1
    with db.read() as tx:
        assert inbound.counts(tx) == {"waiting": 1}


def test_a_known_sid_does_not_spoil_the_transaction(db: Database) -> None:
    """The rest of a batch is stored when one of it was there already."""
    texts(db, "SM1")
    with db.write() as tx:
        assert a_text(tx, "SM1") is None
        assert a_text(tx, "SM2")
    with db.read() as tx:
        assert inbound.counts(tx) == {"waiting": 2}


def test_a_claim_gives_everything_that_was_stored(db: Database, clock: StandingClock) -> None:
    """What the webhook stored is what the worker reads, unsealed."""
    with db.write() as tx:
        row_id = inbound.store(
            tx,
            message_sid="MM1",
            kind="text",
            channel="whatsapp",
            from_address="whatsapp:+12025550123",
            to_address="whatsapp:+12025550100",
            body="¿qué? 😀\0",
            num_media=2,
            opt_out_type="STOP",
            detail={"a": [1]},
            received_at=clock.now(),
        )
    got = claim(db)
    assert (got.id, got.message_sid, got.kind, got.channel) == (row_id, "MM1", "text", "whatsapp")
    assert (got.from_address, got.to_address) == ("whatsapp:+12025550123", "whatsapp:+12025550100")
    assert (got.body, got.num_media, got.opt_out_type, got.detail) == ("¿qué? 😀\0", 2, "STOP", {"a": [1]})
    assert (got.received_at, got.attempts, got.owner) == (clock.now(), 1, "w1")
    assert got.number_hash == db.vault.number_hash("whatsapp:+12025550123")


def test_a_thread_is_claimed_in_order_and_one_at_a_time(db: Database) -> None:
    """The second text of a phone waits until the first is finished; another phone does not."""
    texts(db, "SM1", "SM2")
    texts(db, "SM3", number=JOSE)
    first = claim(db)
    assert first.message_sid == "SM1"
    assert claim(db).message_sid == "SM3"
    assert inbound.claim(db, "w2", LEASE) is None
    finish(db, first)
    assert claim(db).message_sid == "SM2"


def test_a_retry_holds_the_thread_back(db: Database, clock: StandingClock) -> None:
    """A row that waits for its next attempt is not overtaken; its attempts are counted, or not."""
    texts(db, "SM1", "SM2")
    claimed = claim(db)
    with db.write() as tx:
        inbound.retry_later(tx, claimed, "DialogDown", clock.now() + timedelta(seconds=5), count_attempt=False)
    assert inbound.claim(db, "w1", LEASE) is None
    clock.advance(seconds=5)
    again = claim(db)
    assert (again.message_sid, again.attempts) == ("SM1", 1)
    with db.write() as tx:
        inbound.retry_later(tx, again, "DialogDown", clock.now())
    assert claim(db).attempts == 2


def test_a_row_set_aside_lets_the_thread_go_on(db: Database) -> None:
    """What was given up is out of the way."""
    texts(db, "SM1", "SM2")
    claimed = claim(db)
    with db.write() as tx:
        inbound.set_aside(tx, claimed, "KeyError")
    assert claim(db).message_sid == "SM2"


def test_an_expired_lease_is_claimed_again_and_the_late_worker_loses(db: Database, clock: StandingClock) -> None:
    """After the lease another worker has the row; whatever the late one wrote is rolled back."""
    texts(db, "SM1")
    late = claim(db, "late")
    clock.advance(seconds=29)
    assert inbound.claim(db, "other", LEASE) is None
    clock.advance(seconds=1)
    other = claim(db, "other")
    assert (other.id, other.attempts) == (late.id, 2)
    with pytest.raises(LeaseLost):
        in_one(
            db,
            lambda tx: a_text(tx, "SM-of-the-late-turn"),
            lambda tx: inbound.finish(tx, late, "replied", None, None),
        )
    finish(db, other)
    with db.read() as tx:
        assert inbound.counts(tx) == {}


def test_a_worker_that_claims_its_own_row_again_cannot_finish_the_old_claim(db: Database, clock: StandingClock) -> None:
    """The same name is not enough: a claim is of one attempt."""
    texts(db, "SM1")
    old = claim(db)
    clock.advance(minutes=1)
    new = claim(db)
    with pytest.raises(LeaseLost), db.write() as tx:
        inbound.finish(tx, old, "replied", None, None)
    finish(db, new)


def test_a_renewed_lease_lasts(db: Database, clock: StandingClock) -> None:
    """A worker that is still at it keeps its row."""
    texts(db, "SM1")
    claimed = claim(db)
    clock.advance(seconds=20)
    with db.write() as tx:
        inbound.renew(tx, claimed, LEASE)
    clock.advance(seconds=20)
    assert inbound.claim(db, "w2", LEASE) is None
    finish(db, claimed)


@pytest.mark.parametrize("leave", [inbound.set_aside, lambda tx, c, e: inbound.retry_later(tx, c, e, tx.now())])
def test_a_finished_row_cannot_be_left_again(db: Database, leave) -> None:  # type: ignore[no-untyped-def]
    """Every way out of a claim asks whether the claim still holds."""
    texts(db, "SM1")
    claimed = claim(db)
    finish(db, claimed)
    with pytest.raises(LeaseLost), db.write() as tx:
        leave(tx, claimed, "KeyError")


def test_four_workers_take_every_text_once_and_in_order(db: Database) -> None:
    """Forty texts of five phones, four workers: each once, no two of a phone at a time, each phone in order."""
    numbers = [f"+1202555013{i}" for i in range(5)]
    for i in range(40):
        texts(db, f"SM{i:02d}", number=numbers[i % 5])
    log: list[tuple[str, str, str]] = []

    def work(worker: int) -> None:
        while (claimed := inbound.claim(db, f"w{worker}", LEASE)) or _waiting(db):
            if claimed:
                log.append(("claimed", claimed.from_address, claimed.message_sid))
                log.append(("finishing", claimed.from_address, claimed.message_sid))
                finish(db, claimed)

    at_once(4, work)
    for number in numbers:
        events = [(what, sid) for what, who, sid in log if who == number]
        sids = [sid for what, sid in events if what == "claimed"]
        assert sids == sorted(sids)
        assert len(sids) == 8
        assert events == [(what, sid) for sid in sids for what in ("claimed", "finishing")]


def test_eight_workers_and_one_thread(db: Database) -> None:
    """However many ask at once, one gets the first text of a phone and nobody gets the second."""
    texts(db, "SM1", "SM2")
    claims = [c for c in at_once(8, lambda n: inbound.claim(db, f"w{n}", LEASE)) if c]
    assert [c.message_sid for c in claims] == ["SM1"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_earlier_row_that_shows_late_waits(db: Database) -> None:
    """A row that was numbered first and committed last is not claimed while the later one is being worked on."""
    with db.write() as slow:
        a_text(slow, "SM1")
        texts(db, "SM2")
        later = claim(db)
        assert later.message_sid == "SM2"
    assert inbound.claim(db, "w2", LEASE) is None
    finish(db, later)
    assert claim(db, "w2").message_sid == "SM1"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_claims_of_one_thread_at_the_same_instant(db: Database, clock: StandingClock) -> None:
    """While a claim is not committed, another of the same thread waits for it and then comes away with nothing."""
    with db.write() as slow:
        a_text(slow, "SM1")
        texts(db, "SM2")
    with db.write() as tx:
        hold_thread(tx, db.vault.number_hash(MARIA))
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(inbound.claim, db, "w2", LEASE)
            with pytest.raises(TimeoutError):
                other.result(timeout=0.5)
            row = tx.session.execute(select(Inbound).where(Inbound.message_sid == "SM2")).scalar_one()
            row.state, row.lease_owner, row.lease_until = "claimed", "w1", clock.now() + LEASE
            tx.session.commit()
            assert other.result(timeout=30) is None


def test_a_free_thread_is_found_behind_a_long_one(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows of busy threads come first, looked through a few at a time, the free one is claimed."""
    monkeypatch.setattr("bot.store.leases.WINDOW", 2)
    monkeypatch.setattr("bot.store.leases.GROWTH", 2)
    texts(db, *(f"SM{i}" for i in range(20)))
    claim(db)
    assert inbound.claim(db, "w1", LEASE) is None
    texts(db, "SM-free", number=JOSE)
    assert claim(db).message_sid == "SM-free"
    assert inbound.claim(db, "w1", LEASE) is None


def test_the_oldest_waiting_row_shows(db: Database, clock: StandingClock) -> None:
    """Readiness sees since when something waits, and nothing when all is done."""
    with db.read() as tx:
        assert inbound.oldest_waiting(tx) is None
    since = clock.now()
    texts(db, "SM1")
    clock.advance(minutes=3)
    texts(db, "SM2", number=JOSE)
    with db.read() as tx:
        assert inbound.oldest_waiting(tx) == since


def _waiting(db: Database) -> bool:
    with db.read() as tx:
        return bool(inbound.counts(tx))
