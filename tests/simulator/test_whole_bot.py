"""The whole bot, started as ``bot chat`` starts one, in a real Chromium and in a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from bot.cli.simulator_client import bot_of_our_own
from bot.settings import Settings
from tests.simulator.browser import chromium, complaints
from tests.simulator.test_browser import type_text, wait

# A model that is stale is trained first.
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a bot of this file's own, with everything it needs."""
    if not Settings.from_env({}).dialog_python.exists():
        message = "the dialog environment is not installed; install it with: make train"
        pytest.fail(message) if os.environ.get("REQUIRE_SERVICES") == "1" else pytest.skip(message)
    with bot_of_our_own(os.environ) as url:
        yield url


@pytest.fixture(scope="module")
def page(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """The phone page of the whole bot."""
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        driver.get(f"{address}/simulator")
        wait(driver, "return document.querySelector('#chosen').options.length > 0")
        yield driver


def wait_for_replies(driver: Chrome, count: int) -> None:
    """Wait until the bot has texted at least so often and is done."""
    wait(driver, f"return document.querySelectorAll('.bubble.bot').length >= {count}")
    wait(driver, "return document.querySelector('#dots').hidden")


def test_a_texter_is_greeted_consents_and_answers(page: Chrome) -> None:
    """ "hi" is greeted, consent is recorded, the first question offers its options, and an answer is recorded."""
    type_text(page, "hi")
    wait_for_replies(page, 1)
    greeting = page.execute_script("return document.querySelector('.bubble.bot .text').textContent")
    assert "STOP" in greeting
    type_text(page, "yes")
    wait(page, "return document.querySelector('#person').textContent.includes('granted')")
    wait(page, "return document.querySelector('#suggestions button')?.textContent.startsWith('1 · ')")
    page.execute_script("document.querySelector('#suggestions button').click()")
    wait(page, "return document.querySelectorAll('#screening .answers li').length === 1")
    assert "LA31993-1" in page.execute_script("return document.querySelector('#screening').textContent")
    assert complaints(page) == []


def test_a_terminal_talks_to_it_too(address: str, tmp_path: Path) -> None:
    """``bot chat`` with lines piped in is answered, each line by itself."""
    command = [sys.executable, "-m", "bot.cli", "chat", "--url", address]
    done = subprocess.run(
        command, input="hola\nstop\n/record\n", capture_output=True, text=True, timeout=120, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "bot  " in done.stdout
    assert "Not to be texted: opted_out" in done.stdout
