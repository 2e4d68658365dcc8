"""Real servers for tests: PostgreSQL and Redis from the machine's binaries, on free ports, in temporary folders.

A missing binary skips the tests that need it and says how to install it; with ``REQUIRE_SERVICES=1`` it
fails them. Servers end with the test run, even when that is killed.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import redis

from bot.processes import dies_with_parent, free_port

STARTS_WITHIN = 60.0
INSTALL = {
    "redis-server": "apt-get install redis-server",
    "initdb": "apt-get install postgresql",
    "chromium": "apt-get install chromium",
    "chromedriver": "apt-get install chromium-driver",
}


def binary(name: str) -> str:
    """The path of a server's binary. Skips the test when it is missing, fails it with ``REQUIRE_SERVICES=1``."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = shutil.which(name) or (str(places[0]) if places else None)
    if found:
        return found
    message = f"{name} is not on this machine; install it with: {INSTALL.get(name, 'apt-get install ' + name)}"
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(message)
    pytest.skip(message)


@contextmanager
def redis_server() -> Iterator[str]:
    """A Redis of our own; gives its address."""
    with _folder(None) as folder, _own_port() as port:
        command = [binary("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        with _running(command, Path(folder), None, signal.SIGKILL) as process:
            url = f"redis://127.0.0.1:{port}/0"
            client = redis.Redis.from_url(url)
            _wait_for(lambda: bool(client.ping()), process, Path(folder), redis.RedisError)
            client.close()
            yield url


@dataclass(frozen=True)
class PostgresServer:
    """A running cluster; ``address`` is where it listens."""

    address: str

    def url(self, database: str) -> str:
        """The SQLAlchemy address of one of its databases."""
        return f"postgresql+psycopg://postgres@{self.address}/{database}"

    def admin(self, statement: str) -> None:
        """Run one statement as the cluster's owner, outside a transaction."""
        with psycopg.connect(f"postgresql://postgres@{self.address}/postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def answers(self) -> bool:
        """True when it takes statements; raises ``psycopg.OperationalError`` while it does not."""
        self.admin("SELECT 1")
        return True

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """A fresh database, a copy of ``template`` where one is named; gives its address."""
        name = f"t_{secrets.token_hex(6)}"
        self.admin(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        try:
            yield self.url(name)
        finally:
            self.admin(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL cluster of our own. It refuses to run as root, so root runs it as somebody else."""
    initdb = binary("initdb")
    user = _unprivileged_user()
    with _folder(user) as folder, _own_port() as port:
        data = f"{folder}/data"
        initdb_command = [initdb, "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(initdb_command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)
        fast = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB"]
        here = ["listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", f"port={port}"]
        options = [part for option in fast + here for part in ("-c", option)]
        command = [str(Path(initdb).with_name("postgres")), "-D", data, *options]
        with _running(command, Path(folder), user, signal.SIGQUIT) as process:
            server = PostgresServer(f"127.0.0.1:{port}")
            _wait_for(server.answers, process, Path(folder), psycopg.OperationalError)
            yield server


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def _folder(user: str | None) -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="followthrough-")
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _own_port() -> Iterator[int]:
    yield free_port()


@contextmanager
def _running(
    command: list[str], folder: Path, user: str | None, ends_with: signal.Signals
) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, user=user, preexec_fn=dies_with_parent(ends_with)
        )
        try:
            yield process
        finally:
            process.send_signal(ends_with)
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def _wait_for(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], folder: Path, not_yet: type[Exception]
) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(not_yet):
            if ready():
                return
        time.sleep(0.05)
    pytest.fail(f"{process.args!r} did not start:\n{(folder / 'server.log').read_text(errors='replace')[-2000:]}")
