"""While the database is away nothing is lost: it waits on disk, sealed, and is taken in once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from bot.bootstrap import Deps, build_vault
from bot.clock import SystemClock
from bot.processes import free_port
from bot.store import database
from bot.store.database import Database, make_engine
from bot.store.vault import Vault
from tests.conftest import MakeSettings
from tests.services import PostgresServer
from tests.webhooks.conftest import MakeDeps, inbound_rows, opened, receipt_rows
from tests.webhooks.twilio_requests import PATIENT, PUBLIC_URL, SID, TOKEN, post, text_form
from tests.world import CountedIds, StandingClock
from webhooks import spool
from webhooks.app import create_app, start

REPORT = {"MessageSid": SID, "MessageStatus": "delivered"}


@pytest.fixture
def lost(make_deps: MakeDeps, lost_db: Database) -> Deps:
    """Dependencies whose database is away."""
    return make_deps(lost_db)


def _spool_texts(lost: Deps, clock: StandingClock, *bodies: str) -> None:
    client = create_app(lost).test_client()
    for number, body in enumerate(bodies):
        clock.advance(seconds=1)
        answer = post(client, "/twilio/sms", text_form(MessageSid=f"SM{number}", Body=body))
        assert answer.status_code == 200


def _files(deps: Deps) -> list[Path]:
    return sorted(spool.folder(deps).glob("*" + spool.SUFFIX))


def _wait_for(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_texts_and_reports_wait_on_disk_and_are_taken_in(lost: Deps, sqlite_db: Database, clock: StandingClock) -> None:
    """Answered 200 without a database; when it is back, everything is there, with the time it came."""
    client = create_app(lost).test_client()
    came = clock.now()
    assert post(client, "/twilio/sms", text_form(Body="are you there")).status_code == 200
    assert post(client, "/twilio/status?m=msg_1", REPORT).status_code == 200
    clock.advance(minutes=5)
    back = replace(lost, db=sqlite_db)
    assert spool.take_in(back) == 2
    (row,) = inbound_rows(sqlite_db)
    assert opened(sqlite_db, row) == (PATIENT, "are you there")
    assert row.received_at == came
    (receipt,) = receipt_rows(sqlite_db)
    assert (receipt.message_id, receipt.status) == ("msg_1", "delivered")
    assert _files(back) == []
    assert spool.take_in(back) == 0


def test_a_file_that_is_no_database(make_deps: MakeDeps, vault: Vault, clock: StandingClock, tmp_path: Path) -> None:
    """Also a damaged SQLite file is a database that is away."""
    file = tmp_path / "damaged.db"
    file.write_bytes(b"this is no database" * 100)
    deps = make_deps(Database(make_engine(f"sqlite:///{file}"), vault, clock, str))
    assert post(create_app(deps).test_client(), "/twilio/sms", text_form()).status_code == 200
    assert spool.count(deps) == 1


def test_a_schema_that_is_not_there_yet(
    make_deps: MakeDeps, clock: StandingClock, tmp_path: Path, vault: Vault
) -> None:
    """Texts that come before the migration wait for it."""
    deps = make_deps(Database(make_engine(f"sqlite:///{tmp_path}/empty.db"), vault, clock, str))
    assert post(create_app(deps).test_client(), "/twilio/sms", text_form()).status_code == 200
    assert spool.take_in(deps) == 0
    assert spool.count(deps) == 1


def test_order_is_kept(lost: Deps, sqlite_db: Database, clock: StandingClock) -> None:
    """First come, first taken in; what comes meanwhile queues behind, also when the database is back already."""
    _spool_texts(lost, clock, "one", "two", "three")
    back = replace(lost, db=sqlite_db)
    clock.advance(seconds=1)
    post(create_app(back).test_client(), "/twilio/sms", text_form(MessageSid="SM9", Body="four"))
    assert inbound_rows(sqlite_db) == []
    assert spool.take_in(back) == 4
    assert [opened(sqlite_db, row)[1] for row in inbound_rows(sqlite_db)] == ["one", "two", "three", "four"]
    clock.advance(seconds=1)
    post(create_app(back).test_client(), "/twilio/sms", text_form(MessageSid="SM10"))
    assert len(inbound_rows(sqlite_db)) == 5, "with an empty spool the database is asked again"


def test_the_disk_tells_nothing(lost: Deps, clock: StandingClock) -> None:
    """No words and no number in a file or its name, and nobody else may read it."""
    _spool_texts(lost, clock, "a-planted-marker")
    (file,) = _files(lost)
    content = file.read_text()
    assert "marker" not in content
    for told in (content, file.name):
        assert PATIENT[1:] not in told
    assert "SM0" not in file.name
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0


def test_stored_but_not_deleted_is_taken_in_once(
    lost: Deps, sqlite_db: Database, clock: StandingClock, tmp_path: Path
) -> None:
    """Killed between commit and unlink: the files are still there, the rows too, and stay single."""
    _spool_texts(lost, clock, "once")
    post(create_app(lost).test_client(), "/twilio/status?m=msg_1", REPORT)
    back = replace(lost, db=sqlite_db)
    shutil.copytree(spool.folder(back), tmp_path / "kept")
    assert spool.take_in(back) == 2
    shutil.copytree(tmp_path / "kept", spool.folder(back), dirs_exist_ok=True)
    assert spool.take_in(back) == 2
    assert len(inbound_rows(sqlite_db)) == 1
    assert len(receipt_rows(sqlite_db)) == 1


def test_the_database_still_away(lost: Deps, clock: StandingClock) -> None:
    """Nothing is taken in and nothing is lost."""
    _spool_texts(lost, clock, "one", "two")
    assert spool.take_in(lost) == 0
    assert spool.count(lost) == 2
    assert spool.count_set_aside(lost) == 0


def test_a_damaged_file_holds_nobody_up(
    lost: Deps, sqlite_db: Database, clock: StandingClock, caplog: pytest.LogCaptureFixture
) -> None:
    """It is moved aside and told; the others go in."""
    _spool_texts(lost, clock, "one", "two", "three", "four")
    first, second, third, _ = _files(lost)
    first.write_text("")
    second.write_bytes(b"\xff\xfe" * 40)
    third.write_text(lost.vault.seal('{"kind": "nothing"}', spool.PLACE))
    back = replace(lost, db=sqlite_db)
    assert spool.take_in(back) == 1
    assert [opened(sqlite_db, row)[1] for row in inbound_rows(sqlite_db)] == ["four"]
    assert spool.count_set_aside(back) == 3
    assert spool.is_empty(back)
    assert caplog.text.count("spool_file_set_aside") == 3


def test_half_a_file_is_not_taken_for_a_file(lost: Deps, sqlite_db: Database, clock: StandingClock) -> None:
    """What a crash left half written is ignored, and removed when it is old."""
    _spool_texts(lost, clock, "whole")
    fresh, old = (spool.folder(lost) / f"{name}.draft" for name in ("fresh", "old"))
    for draft in (fresh, old):
        draft.write_text("v1.k1.hal")
    os.utime(old, (1, 1))
    assert spool.take_in(replace(lost, db=sqlite_db)) == 1
    assert fresh.exists()
    assert not old.exists()


def test_several_takers_at_once(lost: Deps, db: Database, clock: StandingClock) -> None:
    """One works, the others leave it to him; every text is there once."""
    _spool_texts(lost, clock, *(str(n) for n in range(20)))
    back = replace(lost, db=db)
    start = threading.Barrier(4)

    def take(_: int) -> int:
        start.wait()
        return spool.take_in(back)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(take, range(4))) == 20
    assert [opened(db, row)[1] for row in inbound_rows(db)] == [str(n) for n in range(20)]


def test_many_texts_at_once_are_all_spooled(lost: Deps, sqlite_db: Database) -> None:
    """Also in the same instant, and a repeat twice over."""
    app = create_app(lost)

    def send(number: int) -> int:
        return post(app.test_client(), "/twilio/sms", text_form(MessageSid=f"SM{number % 12}")).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(24))) == {200}
    spool.take_in(replace(lost, db=sqlite_db))
    assert len(inbound_rows(sqlite_db)) == 12


def test_the_spool_survives_a_kill(make_settings: MakeSettings, sqlite_db: Database, deps: Deps) -> None:
    """A process killed right after its 200 has the text on disk, and another one takes it in."""
    settings = make_settings()
    environ = {
        "PATH": os.environ["PATH"],
        "BOT_DATA_DIR": str(settings.data_dir),
        "BOT_SIMULATOR": "1",
        "BOT_PUBLIC_URL": PUBLIC_URL,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": "http://127.0.0.1:9",
        "BOT_DATABASE_URL": f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/nothing",
    }
    command = [sys.executable, "-m", "tests.webhooks.spool_then_die"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.returncode) == ("200", -signal.SIGKILL), done.stderr
    vault = build_vault(settings)
    after = replace(deps, settings=settings, vault=vault)
    assert spool.take_in(after) == 1
    assert [row.message_sid for row in inbound_rows(sqlite_db)] == [SID]


def test_when_the_disk_fails_too_the_answer_is_500(lost: Deps, caplog: pytest.LogCaptureFixture) -> None:
    """Then Twilio takes its fallback address; nothing may be answered 200 that is kept nowhere."""
    lost.settings.data_dir.mkdir(parents=True, exist_ok=True)
    spool.folder(lost).write_text("a file where the folder should be")
    client = create_app(lost).test_client()
    answer = post(client, "/twilio/sms", text_form(Body="a-planted-marker"))
    assert answer.status_code == 500
    assert "marker" not in answer.text + caplog.text
    assert 'outcome="lost",route="twilio.sms"' in client.get("/metrics").text


def test_the_taker_waits_for_the_database_and_ends_when_told(
    lost: Deps, sqlite_db: Database, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread of the web process takes in whatever comes to lie there."""
    monkeypatch.setattr(spool, "LOOK_EVERY", 0.02)
    stop = threading.Event()
    thread = threading.Thread(target=spool.run, args=(replace(lost, db=sqlite_db), stop))
    thread.start()
    try:
        _spool_texts(lost, clock, "hello")
        _wait_for(lambda: inbound_rows(sqlite_db))
    finally:
        stop.set()
        thread.join(5)
    assert not thread.is_alive()


def test_the_app_takes_the_spool_in_by_itself(lost: Deps, sqlite_db: Database, clock: StandingClock) -> None:
    """What :func:`webhooks.app.start` begins works without anybody asking, and ends when told."""
    _spool_texts(lost, clock, "hello")
    back = replace(lost, db=sqlite_db)
    stop = threading.Event()
    start(create_app(back), back, stop)
    _wait_for(lambda: inbound_rows(sqlite_db))
    stop.set()
    _wait_for(lambda: not any(thread.name == "spool" for thread in threading.enumerate()))


def test_a_postgresql_that_goes_away_and_comes_back(
    postgres: PostgresServer, postgres_url: str, make_deps: MakeDeps, vault: Vault, new_id: CountedIds
) -> None:
    """Open connections break and new ones are refused; then the text is taken in, and the next is stored at once."""
    clock = SystemClock()
    deps = replace(make_deps(Database(make_engine(postgres_url), vault, clock, new_id)), clock=clock)
    client = create_app(deps).test_client()
    assert post(client, "/twilio/sms", text_form(MessageSid="SM1")).status_code == 200
    name = postgres_url.rpartition("/")[2]
    postgres.admin(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
    postgres.admin(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    assert post(client, "/twilio/sms", text_form(MessageSid="SM2")).status_code == 200
    assert spool.take_in(deps) == 0
    postgres.admin(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")
    assert spool.take_in(deps) == 1
    assert post(client, "/twilio/sms", text_form(MessageSid="SM3")).status_code == 200
    assert [row.message_sid for row in inbound_rows(deps.db)] == ["SM1", "SM2", "SM3"]
    deps.db.engine.dispose()


def test_a_locked_database_is_a_database_that_is_away(
    sqlite_db: Database, deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that does not let go makes the text wait on disk, within Twilio's patience."""
    assert database.BUSY_SECONDS < 12
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    with sqlite_db.write() as holder:
        holder.session.execute(sql("SELECT 1"))
        assert post(create_app(deps).test_client(), "/twilio/sms", text_form()).status_code == 200
        assert spool.count(deps) == 1
    assert spool.take_in(deps) == 1
    assert len(inbound_rows(sqlite_db)) == 1
