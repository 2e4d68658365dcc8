"""Places, check-ins and offers in the dialog: what the app says falls due, and what the conversation gives back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.adapters.dialog_client import HttpDialog
from bot.content import load_content
from bot.core.dialog import Reading
from tests.dialog.thread import NAMES, Thread

CONTENT = load_content()
PANTRY = {"id": "s1", "name": "Main Street Pantry", "text": "Main Street Pantry. 614-555-0100.", "domain": "food"}
KITCHEN = {"id": "s2", "name": "Riverside Kitchen", "text": "Riverside Kitchen. 614-555-0101.", "domain": "food"}
FOUND = {
    "domains": ["food"],
    "places": [{**PANTRY, "phone_only": False}, {**KITCHEN, "phone_only": True}],
    "more": True,
    "page": None,
    "navigation": False,
}
REFERRAL = {"referral_id": "r1", "place": "Main Street Pantry"}
NONE_FOUND = {**FOUND, "places": [], "more": False, "referral_id": "r1", "place": "Main Street Pantry"}
AT = "2026-03-04T15:30:00-05:00"
OPENED = {
    "places_form": Reading("places_found", FOUND),
    "check_in_form": Reading("check_in_due", {**REFERRAL, "domain": "food", "attempt": 1}),
    "offer_form": Reading("navigation_check_in_due", {"case_id": "n1", "month": 1}),
}


def a_thread(dialog_url: str, language: str = "en") -> Thread:
    """The thread of somebody who agreed to the texts."""
    state = '{"v": 1, "slots": {"conversation": {"consent": true}}}'
    return Thread(HttpDialog(dialog_url), CONTENT, language, state)


def text_of(result: Any) -> str:
    """All that a turn says."""
    return "\n".join(reply.text for reply in result.replies)


def reported(thread: Thread) -> list[str]:
    """The statuses and barriers that the thread gave so far."""
    return [event.get("status") or event["barrier"] for event in thread.events if "_reported" in event["type"]]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "due",
    [
        *(OPENED[form] for form in ("check_in_form", "offer_form")),
        Reading("did_they_call", REFERRAL),
        Reading("next_place_due", {**FOUND, **REFERRAL, "reason": "no_response"}),
        Reading("next_place_due", {**NONE_FOUND, "reason": "no_response"}),
        Reading("partner_will_call", {**REFERRAL, "number": "+16145550100", "at": AT}),
        Reading("partner_will_call", {**REFERRAL, "number": None, "at": None}),
        Reading("appointment_reminder", {"at": AT, "place": "Elm Clinic", "chw": "Maria"}),
        Reading("appointment_reminder", {"at": AT, "place": None, "chw": None}),
    ],
    ids=lambda value: value.intent if isinstance(value, Reading) else value,
)
def test_what_falls_due_opens_with_a_line_about_nobodys_health(dialog_url: str, due: Reading, language: str) -> None:
    """Whoever sees the first line of it learns who texts and how to stop, no more."""
    said = a_thread(dialog_url, language).take(due)
    assert said.replies[0].text == CONTENT.say("greeting_due", language, **NAMES)
    assert len(said.replies) > 1


@pytest.mark.parametrize("form", sorted(OPENED))
def test_a_question_comes_back_after_a_digression_and_after_later(dialog_url: str, form: str) -> None:
    """As everywhere else; who comes back after a pause is asked it again, too."""
    thread = a_thread(dialog_url)
    asked = thread.take(OPENED[form]).replies[-1].text
    assert thread.say("who is this").replies[-1].text == asked
    thread.say("later")
    assert thread.say("ok i am back").replies[-1].text == asked


@pytest.mark.parametrize("form", sorted(OPENED))
def test_the_wrong_person_ends_it(dialog_url: str, form: str) -> None:
    """And nothing of it is kept in the thread."""
    thread = a_thread(dialog_url)
    thread.take(OPENED[form])
    thread.say("wrong number")
    assert thread.events[-1]["type"] == "wrong_person_reported"
    assert "places" not in (thread.state or "")


def test_what_is_told_leaves_the_open_question_open(dialog_url: str) -> None:
    """A call that is to come is told while a place is being chosen."""
    thread = a_thread(dialog_url)
    thread.take(OPENED["places_form"])
    thread.take(Reading("partner_will_call", {**REFERRAL, "number": "+16145550100", "at": None}))
    assert "phone number" in text_of(thread.say("1"))


@pytest.mark.parametrize("reply", ["1", "no", "yes", "still waiting", "more"])
@pytest.mark.parametrize("ended", ["r1", "r2"])
@pytest.mark.parametrize("intent", ["next_place_due", "places_found"])
@pytest.mark.parametrize("form", [*sorted(OPENED), "share_form", "which"])
def test_where_there_is_no_other_place_the_thread_goes_on(
    dialog_url: str, form: str, intent: str, ended: str, reply: str
) -> None:
    """A question about what ended is closed, one about something else is asked again; every reply finds an answer."""
    thread = a_thread(dialog_url)
    asked = _open(thread, form)
    domains = ["food" if ended == "r1" else "housing"]
    said = thread.take(Reading(intent, {**NONE_FOUND, "referral_id": ended, "domains": domains}))
    state = json.loads(thread.state or "{}")
    stays = intent == "next_place_due" and (ended == "r2" or form in ("offer_form", "which"))
    assert (state.get("form") is not None) is stays
    assert (said.replies[-1].text == asked) is stays
    assert text_of(thread.say(reply))


def _open(thread: Thread, form: str) -> str:
    """The question of the form is open; gives what it says at the end."""
    if form == "share_form":
        thread.take(OPENED["places_form"])
        return thread.say("1").replies[-1].text
    if form == "which":
        thread.referrals = [{"id": "r1", "place": "Main Street Pantry"}, {"id": "r3", "place": "Riverside Kitchen"}]
        return thread.say("still waiting").replies[-1].text
    return thread.take(OPENED[form]).replies[-1].text


def test_the_next_need_follows_and_then_a_persons_help(dialog_url: str) -> None:
    """One need at a time; yes and no are read for what is asked last."""
    thread = a_thread(dialog_url)
    thread.take(Reading("places_found", {**FOUND, "domains": ["food", "housing"], "navigation": True}))
    thread.say("the second one")
    assert thread.events[-1] == {"type": "resources_wanted", "domains": ["housing"]}
    assert [event["type"] for event in thread.events] == [
        "places_offered", "place_chosen", "referral_agreed", "resources_wanted",
    ]  # fmt: skip
    last = thread.take(Reading("places_found", {**NONE_FOUND, "domains": ["housing"], "navigation": True}))
    assert last.replies[-1].text == CONTENT.say("navigation_offer", "en", **NAMES)
    thread.say("yes please")
    assert thread.events[-1] == {"type": "navigation_accepted"}


@pytest.mark.parametrize(
    ("replies", "given"),
    [
        (["no"], ["never_heard"]),
        (["yes", "1"], ["waiting", "got_help"]),
        (["they called but no help", "5"], ["waiting", "not_eligible"]),
        (["yes", "they said i make too much"], ["waiting", "not_eligible"]),
    ],
)
def test_did_they_call(dialog_url: str, replies: list[str], given: list[str]) -> None:
    """No is that they never called; after yes, how it went is asked."""
    thread = a_thread(dialog_url)
    thread.take(Reading("did_they_call", REFERRAL))
    for reply in replies:
        thread.say(reply)
    assert reported(thread) == given


def test_with_several_places_it_is_asked_which_is_meant(dialog_url: str) -> None:
    """Out of the blue, without a name."""
    thread = a_thread(dialog_url)
    names = ("Main Street Pantry", "Ready Rides")
    thread.referrals = [
        {"id": f"r{number}", "place": name, "domain": "food", "state": "requested", "told": True}
        for number, name in enumerate(names)
    ]
    assert "2. Ready Rides" in text_of(thread.say("nobody ever called me back"))
    thread.say("the rides one")
    assert (thread.events[-1]["referral_id"], reported(thread)) == ("r1", ["never_heard"])
