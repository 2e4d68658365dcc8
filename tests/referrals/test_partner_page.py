"""The page where a partner answers: through the Flask client, and in a real Chromium."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from bot.adapters.memory_mail import MemoryMail
from bot.content.referral import load_referral
from bot.processes import free_port
from bot.referrals.reporting import Said, report
from bot.store import referrals
from tests.referrals.world import NAME, NUMBER, ReferralWorld
from tests.simulator.browser import chromium, complaints
from webhooks.app import create_app
from webhooks.pages.limits import MOST

LINK = re.compile(r"https?://\S+(/p/\S+)")


@pytest.fixture
def link(world: ReferralWorld) -> str:
    """The path of the page of a referral that a pantry was told of."""
    return told(world)


def told(world: ReferralWorld) -> str:
    """Tell the pantry of the patient, and take the link out of its letter."""
    world.reach_by(mail="pantry@example.org")
    world.agrees()
    assert isinstance(world.mail, MemoryMail)
    found = LINK.search(world.mail.kept[-1].body)
    assert found is not None
    return found.group(1)


def ask(world: ReferralWorld, path: str, form: dict[str, str] | None = None, **more: str) -> TestResponse:
    """Open the page, or send a form."""
    with create_app(world.deps).test_client() as client:
        if form is None:
            return client.get(path, headers=more)
        return client.post(path, data=form, headers=more)


def answer(world: ReferralWorld, path: str, word: str, **more: str) -> TestResponse:
    """Answer as the page's own form does."""
    seen = re.search(r'name="seen" value="(\d+)"', ask(world, path).text)
    return ask(world, path, {"seen": seen.group(1) if seen else "0", "word": word, **more})


def test_name_and_number_are_shown_to_whom_the_patient_agreed(world: ReferralWorld, link: str) -> None:
    """On the page alone: not in the link, not in the title or the preview, and never kept by anybody on the way."""
    page = ask(world, link)
    assert page.status_code == 200
    assert NAME in page.text
    assert NUMBER in page.text
    head = page.text.partition("</head>")[0]
    assert not any(word in head + link for word in (NAME, NUMBER, "food", "Pantry"))
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]


def test_wrong_links_keep_no_partner_out(world: ReferralWorld, link: str) -> None:
    """Behind a proxy all share one address: who guesses is held back, a link that is right is not."""
    with create_app(world.deps).test_client() as client:
        guesses = [client.get(f"/p/guess-{number}").status_code for number in range(MOST + 1)]
        assert guesses == [404] * MOST + [429]
        assert client.post("/p/guess", data={}).status_code == 429
        assert client.get(link).status_code == 200
        assert client.post(link, data={"seen": "0", "word": "accepted"}).status_code == 303


def test_reading_changes_nothing(world: ReferralWorld, link: str) -> None:
    """Mail scanners open links."""
    for _ in range(3):
        ask(world, link)
    assert world.latest().state == "requested"


@pytest.mark.parametrize(
    ("word", "more", "state", "reason"),
    [
        ("accepted", {}, "contacted", "partner_accepted"),
        ("declined", {"reason": "no_capacity"}, "rejected", "no_capacity"),
        ("appointment", {"at": "2026-03-09T14:30"}, "in_progress", "appointment"),
        ("waitlisted", {}, "waitlisted", "partner_waitlist"),
        ("reached", {}, "contacted", "partner_reached_patient"),
        ("not_reached", {}, "requested", "partner_told"),
        ("helped", {}, "completed", "partner_helped"),
        ("not_helped", {"reason": "did_not_come"}, "failed", "did_not_come"),
    ],
)
def test_each_answer(world: ReferralWorld, word: str, more: dict[str, str], state: str, reason: str) -> None:
    """Taken as the partner's word, without an account; the page says what was noted."""
    path = told(world)
    assert answer(world, path, word, **more).status_code == 303
    assert (world.latest().state, world.latest().state_reason) == (state, reason)
    assert "What you told us" in ask(world, path).text
    with world.db.read() as tx:
        last = [event for event in referrals.events(tx, world.latest().id) if event.source == "partner"]
    assert [event.word for event in last] == [word]
    assert last[0].actor.startswith("link:")


def test_the_patient_hears_that_they_will_call(world: ReferralWorld, link: str) -> None:
    """With the number of the place, and the time on the patient's own clock; later: did they call?"""
    answer(world, link, "appointment", at="2026-03-09T14:30")
    world.pass_days(1)
    said = next(reading for reading in world.script.readings if reading.intent == "partner_will_call")
    assert (said.value["number"], said.value["at"]) == ("+12025550150", "2026-03-09T14:30:00-04:00")
    assert "did_they_call" in world.kinds()
    assert "partner_step" not in world.kinds()


@pytest.mark.parametrize(
    ("written", "number"),
    [("(202) 555-0177", "+12025550177"), ("800 555 0100 ext. 4", "+18005550100"), ("", "+12025550150")],
)
def test_the_place_may_say_where_it_calls_from(world: ReferralWorld, written: str, number: str) -> None:
    """The patient is told that number, also when it is one that cannot be texted; else that of the listing."""
    path = told(world)
    assert answer(world, path, "accepted", calls_from=written).status_code == 303
    world.pass_days(1, 12)
    said = next(reading for reading in world.script.readings if reading.intent == "partner_will_call")
    assert said.value["number"] == number
    assert ("You call from" in ask(world, path).text) == bool(written)


def test_a_number_that_is_none_is_refused(world: ReferralWorld, link: str) -> None:
    """And nothing is changed."""
    assert answer(world, link, "accepted", calls_from="555").status_code == 422
    assert world.latest().state == "requested"


def test_once_it_is_closed_nobody_is_named(world: ReferralWorld, link: str) -> None:
    """What was said in error is put right."""
    answer(world, link, "helped")
    page = ask(world, link)
    assert NAME not in page.text
    assert NUMBER not in page.text
    assert answer(world, link, "not_helped", reason="did_not_come").status_code == 303
    assert (world.latest().state, world.latest().state_reason) == ("failed", "did_not_come")


@pytest.mark.parametrize(
    ("word", "by", "late", "state"),
    [
        ("no_response", "programme", "accepted", "contacted"),
        ("no_response", "programme", "helped", "completed"),
        ("lost_to_follow_up", "programme", "helped", "completed"),
        ("outreach_ended", "programme", "helped", "completed"),
        ("no_longer_needed", "patient", "helped", "cancelled"),
    ],
)
def test_a_late_answer_is_kept(world: ReferralWorld, link: str, word: str, by: str, late: str, state: str) -> None:
    """It counts where the end was only silence; against the patient's word it is for a CHW to settle."""
    with world.db.write() as tx:
        report(tx, load_referral(), world.latest().id, Said(by, word, "test"))
    assert f'value="{late}"' in ask(world, link).text
    assert answer(world, link, late).status_code == 303
    assert world.latest().state == state
    assert world.cases() == (["referral_conflict"] if by == "patient" else [])
    with world.db.read() as tx:
        assert referrals.events(tx, world.latest().id)[-1].word == late


def test_who_was_called_off_is_not_asked_for_again(world: ReferralWorld, link: str) -> None:
    """The patient opted out: the page asks for no help, and a form that was open is kept and said to a CHW."""
    world.texts_in(body="STOP")
    page = ask(world, link).text
    assert ('value="accepted"' in page, NAME in page) == (False, False)
    before = world.cases()
    assert answer(world, link, "accepted").status_code == 303
    assert (world.latest().state, world.cases()) == ("cancelled", [*before, "referral_late_word"])


def test_a_form_sent_twice_is_one_answer(world: ReferralWorld, link: str) -> None:
    """The second says that the page was older than the last answer."""
    form = {"seen": "0", "word": "accepted"}
    assert [ask(world, link, form).status_code for _ in range(2)] == [303, 409]
    with world.db.read() as tx:
        events = referrals.events(tx, world.latest().id)
    assert [event.word for event in events].count("accepted") == 1


@pytest.mark.parametrize(
    "form",
    [
        {"word": "agreed"},
        {"word": "declined"},
        {"word": "declined", "reason": "because"},
        {"word": "appointment", "at": "soon"},
        {"word": "appointment", "at": "2020-01-01T10:00"},
        {},
    ],
)
def test_an_answer_that_makes_no_sense_is_refused(world: ReferralWorld, form: dict[str, str]) -> None:
    """With a sentence, and nothing is changed."""
    path = told(world)
    refused = ask(world, path, {"seen": "0", **form})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert world.latest().state == "requested"
    # The page that the browser goes back to is not older than an answer that was none.
    assert ask(world, path, {"seen": "0", "word": "accepted"}).status_code == 303


def test_a_form_of_another_site_is_refused(world: ReferralWorld, link: str) -> None:
    """As the browser tells it."""
    form = {"seen": "0", "word": "accepted"}
    assert ask(world, link, form, Origin="https://elsewhere.example").status_code == 403
    assert ask(world, link, form, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert world.latest().state == "requested"


def test_a_link_ends(world: ReferralWorld, link: str) -> None:
    """After sixty days, and one that never was is no different to a guesser but for the number of the answer."""
    world.clock.advance(days=61)
    assert ask(world, link).status_code == 410
    assert ask(world, link, {"seen": "0", "word": "accepted"}).status_code == 410
    assert ask(world, "/p/nothing-like-it").status_code == 404


def test_links_are_not_guessed_at_leisure(world: ReferralWorld) -> None:
    """After thirty misses in a minute an address has to wait."""
    app = create_app(world.deps)
    with app.test_client() as client:
        statuses = [client.get(f"/p/guess-{n}").status_code for n in range(32)]
        world.clock.advance(minutes=2)
        assert client.get("/p/again").status_code == 404
    assert statuses == [404] * 30 + [429] * 2


@contextmanager
def served(world: ReferralWorld) -> Iterator[str]:
    """The app on a port of its own; gives its address."""
    port = free_port()
    world.settings = replace(world.settings, public_url=f"http://127.0.0.1:{port}")
    server = make_server("127.0.0.1", port, create_app(world.deps), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield world.settings.public_url
    server.shutdown()


def test_a_partner_answers_in_a_browser(world: ReferralWorld, tmp_path: Path) -> None:
    """On a phone and at a desk: nothing sticks out, every control has a name, and an answer is noted."""
    with served(world) as address, chromium(tmp_path / "profile", 390, 844) as browser:
        browser.get(address + told(world))
        width = "return document.documentElement.scrollWidth <= window.innerWidth"
        assert browser.execute_script(width)
        browser.save_screenshot(str(tmp_path / "phone.png"))
        fields = "[...document.querySelectorAll('input:not([type=hidden]),select,textarea')]"
        unnamed = f"return {fields}.filter(e => !e.labels.length).length"
        assert browser.execute_script(unnamed) == 0
        browser.find_element(By.CSS_SELECTOR, "button.main").click()
        WebDriverWait(browser, 20).until(lambda b: "You can help." in b.page_source)
        browser.find_elements(By.TAG_NAME, "summary")[-1].click()
        browser.save_screenshot(str(tmp_path / "answered.png"))
        assert complaints(browser) == []
    assert world.latest().state == "contacted"
