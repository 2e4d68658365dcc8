"""The phone page in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from sqlalchemy import select

from bot.bootstrap import Deps
from bot.content.referral import load_referral
from bot.referrals.reporting import Said, open_for, report
from bot.store.tables import Patient
from tests.simulator.browser import chromium, complaints, set_size

SECONDS = 20


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """One browser for all tests of this file."""
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def page(browser: Chrome, echo_bot: Deps) -> Iterator[Chrome]:
    """The phone page of a fresh app, opened at a desk's width; left again at the end."""
    set_size(browser, 1280, 900)
    complaints(browser)
    browser.get(f"{echo_bot.settings.public_url}/simulator")
    wait(browser, "return document.querySelector('#chosen').options.length > 0")
    yield browser
    browser.get("about:blank")


def wait(driver: Chrome, script: str) -> None:
    """Wait until the script gives something true."""
    WebDriverWait(driver, SECONDS).until(lambda d: d.execute_script(script))


def type_text(driver: Chrome, text: str) -> None:
    """Type into the phone and press Enter."""
    driver.find_element(By.ID, "typing").send_keys(text, Keys.ENTER)


def wait_for_bubble(driver: Chrome, author: str, text: str) -> None:
    """Wait until a bubble of this author begins with the text."""
    script = (
        f"return [...document.querySelectorAll('.bubble.{author} .text')].some(b => b.textContent.startsWith('{text}'))"
    )
    wait(driver, script)


def test_hi_is_answered_in_the_browser(page: Chrome) -> None:
    """Texting "hi" shows the reply, delivered, and the record beside the phone; the console stays clean."""
    type_text(page, "hi")
    wait_for_bubble(page, "bot", "You said: hi")
    wait(page, "return document.querySelector('.bubble.bot .meta').textContent.includes('delivered')")
    wait(page, "return document.querySelector('#person').textContent.includes('granted')")
    assert complaints(page) == []


def test_quick_replies_follow_the_question(page: Chrome) -> None:
    """The numbered options of the last question are offered, and pressing one answers."""
    type_text(page, "hi")
    wait_for_bubble(page, "bot", "You said: hi")
    wait(page, "return document.querySelector('#suggestions').textContent.startsWith('1 · I have a steady')")
    page.find_element(By.CSS_SELECTOR, "#suggestions button").click()
    wait_for_bubble(page, "bot", "You said: 1")
    wait(page, "return document.querySelector('#screening .answers')")
    assert "LA31993-1" in page.execute_script("return document.querySelector('#screening').textContent")


def test_text_is_never_read_as_html(page: Chrome) -> None:
    """What is texted is shown letter by letter."""
    type_text(page, "<img src=x onerror=alert(1)>")
    wait_for_bubble(page, "person", "<img src=x")
    assert page.execute_script("return document.querySelectorAll('.thread img').length") == 0


def test_stop_is_shown(page: Chrome) -> None:
    """After STOP the phone says so and offers START."""
    type_text(page, "STOP")
    wait_for_bubble(page, "twilio", "You have successfully been unsubscribed")
    wait(page, "return !document.querySelector('#blocked').hidden")
    wait(page, "return document.querySelector('#suggestions button').textContent === 'START'")
    assert not page.execute_script("return document.querySelector('#blocked').hidden")


def test_another_phone_begins_anew(page: Chrome) -> None:
    """A new phone has an empty thread, and the first can be chosen again."""
    type_text(page, "hi")
    wait_for_bubble(page, "bot", "You said: hi")
    page.find_element(By.ID, "new-phone").click()
    wait(page, "return document.querySelectorAll('.bubble').length === 0")
    wait(page, "return document.querySelector('#chosen').options.length === 2")
    page.execute_script(
        "const s = document.querySelector('#chosen'); s.selectedIndex = 0; s.dispatchEvent(new Event('change'))"
    )
    wait_for_bubble(page, "bot", "You said: hi")


def test_a_referral_shows_who_said_what(page: Chrome, echo_bot: Deps) -> None:
    """The place, how it stands, whether it is told, and each word with its source."""
    type_text(page, "hi")
    wait_for_bubble(page, "bot", "You said: hi")
    with echo_bot.db.write() as tx:
        (patient_id,) = tx.session.execute(select(Patient.id)).scalars()
        referral = open_for(tx, load_referral(), patient_id, "food", "pantry-1", "Main Street Pantry")
        for source, word in (("patient", "agreed"), ("patient", "got_help")):
            report(tx, load_referral(), referral.id, Said(source, word, "test"))
    type_text(page, "hi again")
    wait(page, "return document.querySelector('#referrals').textContent.includes('Main Street Pantry')")
    shown = page.execute_script("return document.querySelector('#referrals').innerText")
    for words in ("completed", "nothing is shared", "patient: agreed", "patient: got help"):
        assert words in shown
    assert complaints(page) == []


def test_a_day_can_pass(page: Chrome, echo_bot: Deps) -> None:
    """The button lets a day pass, and the page shows the new time."""
    before = echo_bot.clock.now()
    page.find_element(By.CSS_SELECTOR, "[data-seconds='86400']").click()
    wait(page, "return !document.querySelector(\"[data-seconds='86400']\").disabled")
    assert (echo_bot.clock.now() - before).days == 1


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_sticks_out(page: Chrome, width: int) -> None:
    """At a desk's and at a phone's width nothing has to be scrolled sideways, and the field stays in view."""
    set_size(page, width, 800)
    for number in range(4):
        type_text(page, f"hi {number}")
        wait_for_bubble(page, "bot", f"You said: hi {number}")
    assert page.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    if width < 600:
        assert page.execute_script("return document.documentElement.scrollHeight <= innerHeight")
    box = page.execute_script("return document.querySelector('#typing').getBoundingClientRect().toJSON()")
    assert 0 < box["top"] < box["bottom"] <= 800
