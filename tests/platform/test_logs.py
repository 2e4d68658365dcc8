"""What stands in a log line, and what never does."""

from __future__ import annotations

import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine, text

from bot import logs
from tests.conftest import MakeSettings

PLANTED = "my rent is late +12025550147"
log = logging.getLogger("bot.test")


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Logging and hooks as they were before."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, threading.excepthook)
    yield
    root.handlers[:], level, sys.excepthook, threading.excepthook = before
    root.setLevel(level)
    logging.captureWarnings(False)


Written = Callable[[], str]
Configure = Callable[[], Written]


@pytest.fixture(params=["plain", "json"])
def configure(
    request: pytest.FixtureRequest, make_settings: MakeSettings, capsys: pytest.CaptureFixture[str]
) -> Configure:
    """Configures each format; gives what reads the lines written since."""

    def begin() -> Written:
        logs.configure(make_settings(BOT_LOG_FORMAT=request.param), "worker")
        return lambda: capsys.readouterr().out

    return begin


def _planted_database_error() -> None:
    with create_engine("sqlite://").connect() as connection:
        connection.execute(text("SELECT * FROM missing WHERE body = :body"), {"body": PLANTED})


def _planted_validation_error() -> None:
    int(PLANTED)


def _planted_chain() -> None:
    try:
        _planted_validation_error()
    except ValueError as error:
        raise RuntimeError(PLANTED) from error


def _logged_in_every_way(failure: Callable[[], None]) -> str:
    """Logs what ``failure`` raises, and gives its class."""
    try:
        failure()
    except Exception as error:
        log.exception("turn_failed id=%s", "inb_1")
        log.error("turn_failed error=%s", error)
        log.error(error)
        return type(error).__name__
    pytest.fail("nothing was raised")


FAILURES = [_planted_database_error, _planted_validation_error, _planted_chain]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.__name__)
def test_an_exception_is_its_class_and_place(configure: Configure, failure: Callable[[], None]) -> None:
    """Its text, which may quote a message or a number, is not logged; where it arose is."""
    written = configure()
    name = _logged_in_every_way(failure)
    line = written()
    assert PLANTED not in line
    assert line.count(name) >= 3
    assert f"{failure.__name__}" in line
    assert "turn_failed id=inb_1" in line


def test_the_cause_is_named(configure: Configure) -> None:
    """What it came from helps to find it."""
    written = configure()
    try:
        _planted_chain()
    except RuntimeError:
        log.exception("turn_failed")
    assert "RuntimeError < ValueError" in written()


def test_uncaught_exceptions_are_logged_the_same_way(configure: Configure) -> None:
    """Of the main thread and of others; Python's own traceback would quote the text."""
    written = configure()
    thread = threading.Thread(target=_planted_validation_error)
    thread.start()
    thread.join()
    try:
        _planted_validation_error()
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    line = written()
    assert line.count("process_failed") == 2
    assert PLANTED not in line


def test_libraries_do_not_log_requests(configure: Configure) -> None:
    """twilio-python logs To and Body at INFO, urllib3 addresses at DEBUG."""
    written = configure()
    for name in ("twilio.http_client", "urllib3.connectionpool", "sqlalchemy.engine", "werkzeug"):
        logging.getLogger(name).info(PLANTED)
    assert PLANTED not in written()


def test_one_line_each(configure: Configure) -> None:
    """A line break in a message does not make a second line; warnings are logged too."""
    written = configure()
    log.warning("one\ntwo")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("three", stacklevel=1)
    lines = written().splitlines()
    assert "one two" in lines[0]
    assert any("three" in line for line in lines[1:])


def test_json_lines(make_settings: MakeSettings, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line is an object with time, level, process, logger and message."""
    logs.configure(make_settings(BOT_LOG_FORMAT="json"), "web")
    log.info("message_stored id=%s", "inb_2")
    line = json.loads(capsys.readouterr().out)
    assert line.pop("at").endswith("Z")
    assert line == {"level": "info", "process": "web", "logger": "bot.test", "message": "message_stored id=inb_2"}


def test_a_misspelt_setting_is_logged(make_settings: MakeSettings, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever reads the log sees it, even if nobody ran `bot doctor`."""
    logs.configure(make_settings(BOT_WORKER="2"), "web")
    assert "did you mean BOT_WORKERS?" in capsys.readouterr().out
