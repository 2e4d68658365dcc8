"""A place in a short text, in both languages: what is in it, and what it costs."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.content import load_content
from bot.core.directory.match import find
from bot.core.directory.service import Phone, Service
from bot.core.directory.texts import short_lines, short_list, short_listing, time_text
from bot.core.directory.wish import Match, Wish
from bot.core.segments import encoding, segments
from tests.directory.building import RULES, TUESDAY, ZIPS, a_place, a_service, weekly

MESSAGES = load_content().messages
NEW_YORK = ZoneInfo("America/New_York")


def matched(
    *services: Service, at: datetime = TUESDAY, language: str = "en", age: int | None = None
) -> tuple[Match, ...]:
    """The matches for food around 43215."""
    return find(services, Wish(("food",), at, zip="43215", language=language, age=age), RULES, ZIPS.get).matches


def said(service: Service, language: str = "en", at: datetime = TUESDAY) -> str:
    """The short text of one place."""
    (match,) = matched(service, at=at, language=language)
    return short_listing(match, MESSAGES[language], at)


def test_all_that_one_needs_to_go_there() -> None:
    """Name, distance, number, hours, what to bring, in one segment."""
    text = said(a_service(documents=("photo ID",)))
    assert text == "Elm Pantry 1 (0 mi). 614-555-0134. Open now until 5pm. Bring: photo ID."
    assert segments(text) == 1


def test_the_same_in_spanish_without_letters_that_cost_double() -> None:
    """Accents that GSM does not have are written without in a short text."""
    text = said(
        a_service(name="Despensa Jesús María", documents=("identificación",), verified_on=date(2024, 1, 1)), "es"
    )
    expected = "Despensa Jesus Maria (0 mi). 614-555-0134. Abierto hasta 5pm. Llame antes. Traiga: identificacion."
    assert text == expected
    assert encoding(text) == "GSM-7"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param(datetime(2026, 3, 3, 6, 0, tzinfo=NEW_YORK), "Open today 9am-5pm", id="before it opens"),
        pytest.param(datetime(2026, 3, 3, 17, 0, tzinfo=NEW_YORK), "Open tomorrow 9am-5pm", id="as it closes"),
        pytest.param(datetime(2026, 3, 7, 12, 0, tzinfo=NEW_YORK), "Open Mon 9am-5pm", id="on a Saturday"),
    ],
)
def test_when_it_opens(at: datetime, expected: str) -> None:
    """Closed now: the next hours, with today, tomorrow or the day."""
    assert expected in said(a_service(), at=at)


def test_a_day_beyond_a_week_has_its_date() -> None:
    """A monthly pantry says which day."""
    monthly = weekly("1", "10:00", "12:30", start=date(2026, 3, 17))
    pantry = a_service(schedules=(monthly,))
    assert "Open Mar 17 10am-12:30pm" in said(pantry)
    assert "Abre 17 mar 10am-12:30pm" in said(pantry, "es")


def test_unknown_hours_and_old_entries_say_call_first() -> None:
    """Nothing is said about hours that are not known."""
    assert said(a_service(schedules=())) == "Elm Pantry 1 (0 mi). 614-555-0134. Call first."
    assert "Call first" in said(a_service(verified_on=None))


@pytest.mark.parametrize(
    ("ages", "en", "es"),
    [
        ({"min_age": 60}, "For ages 60 and up. ", "Desde los 60 años. "),
        ({"min_age": 14, "max_age": 24}, "For ages 14 to 24. ", "De 14 a 24 años. "),
        ({"max_age": 5}, "For ages up to 5. ", "Hasta 5 años. "),
        ({"min_age": 18}, "", ""),
    ],
)
def test_an_age_limit_is_said_to_somebody_whose_age_is_not_known(ages: dict[str, int], en: str, es: str) -> None:
    """That it is for grown-ups goes without saying; who is known to be of the age is told nothing of it."""
    place = a_service(schedules=(), **ages)
    assert said(place) == f"Elm Pantry 1 (0 mi). 614-555-0134. {en}Call first."
    assert said(place, "es") == f"Elm Pantry 1 (0 mi). 614-555-0134. {es}Llame antes."
    (match,) = matched(place, age=ages.get("min_age", ages.get("max_age")))
    assert short_listing(match, MESSAGES["en"], TUESDAY) == "Elm Pantry 1 (0 mi). 614-555-0134. Call first."


def test_what_cannot_be_reached_is_last_and_sends_to_211() -> None:
    """Neither a number nor an address; with an address people can go there."""
    nowhere = a_service(1, phones=(), places=(a_place(address=None),))
    reached = a_service(2, phones=())
    dear = a_service(3, is_free=False, languages=("es",))
    found = matched(nowhere, reached, dear)
    assert [match.service.id for match in found] == ["res_002", "res_003", "res_001"]
    texts = [short_listing(match, MESSAGES["en"], TUESDAY) for match in found]
    assert ["Call 211 for details" in text for text in texts] == [False, False, True]


def test_an_extension_stands_behind_the_number() -> None:
    """So that the number itself can still be tapped."""
    assert "614-555-0134 ext. 23. " in said(a_service(phones=(Phone("+16145550134", "23"),)))


@pytest.mark.parametrize("language", ["en", "es"])
def test_three_places_fit_in_three_segments(language: str) -> None:
    """However long their names and papers are; the number never goes."""
    long = {"name": "Saint Bartholomew Community Emergency Food and Clothing Assistance Center of Franklin County"}
    services = [a_service(n, **long, documents=("proof of address, a photo ID and a letter " * 3,)) for n in range(3)]
    text = short_list(matched(*services, language=language), MESSAGES[language], TUESDAY)
    assert segments(text) <= 3
    assert text.count("614-555-0134") == 3
    assert [line[:2] for line in text.splitlines()] == ["1.", "2.", "3."]
    for match in matched(*services, language=language):
        assert segments(short_listing(match, MESSAGES[language], TUESDAY)) <= 2


def test_other_letters_are_left_as_they_are() -> None:
    """A name in another script is not mangled."""
    assert short_lines(matched(a_service(name="食品")), MESSAGES["en"], TUESDAY)[0].startswith("1. 食品")


def test_times_as_people_write_them() -> None:
    """Noon, midnight and half hours."""
    times = [datetime(2026, 1, 1, hour, minute, tzinfo=NEW_YORK) for hour, minute in ((0, 0), (12, 0), (13, 30))]
    assert [time_text(each) for each in times] == ["12am", "12pm", "1:30pm"]
