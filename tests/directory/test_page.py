"""The page of places behind a link: what it shows, to whom, and what it never says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.bootstrap import Deps
from bot.core.directory.service import Phone, Service
from bot.directory.links import make_link
from bot.store import directory, patients
from bot.store.database import Transaction
from bot.store.patients import Profile
from tests.directory.building import a_place, a_service, weekly
from tests.world import StandingClock
from webhooks.app import create_app

PANTRY = a_service(
    1,
    documents=("photo ID",),
    eligibility="Anyone in Franklin County",
    languages=("es", "so"),
    phones=(Phone("+16145550134", "23"),),
    schedules=(weekly("0-4", "09:00", "17:00"), weekly("2", "18:00", "20:00")),
)


def shared(deps: Deps, *services: Service, language: str = "en") -> str:
    """The path of a link to these services, shared with Maria."""
    with deps.db.write() as tx:
        directory.write(tx, [directory.encode(service) for service in services], "i1")
        patients.upsert(tx, "pat-maria", profile=Profile(given_name="Maria"), clinic="Oak Clinic")
        url = make_link(deps.settings, tx, "pat-maria", [service.id for service in services], language)
    return url.removeprefix(deps.settings.public_url)


def client(deps: Deps) -> FlaskClient:
    """A browser without JavaScript."""
    return create_app(deps).test_client()


def test_a_place_with_all_that_one_needs(deps: Deps) -> None:
    """Name, number to tap, address, the week, what to bring, for whom, cost, languages, and whom to ask."""
    page = client(deps).get(shared(deps, PANTRY)).text
    assert '<a href="tel:+16145550134;ext=23">Call 614-555-0134 ext. 23</a>' in page
    for words in ("Elm Pantry 1", "12 Elm St, Columbus, OH 43215", "photo ID", "Anyone in Franklin County", "Free"):
        assert words in page
    days = re.findall(r"<dd>(\w{3}(?:-\w{3})? \d[^<]*)</dd>", page)
    assert days == ["Mon-Tue 9am-5pm", "Wed 9am-5pm, 6pm-8pm", "Thu-Fri 9am-5pm"]
    assert "<dd>español</dd>" in page
    assert "Oak Clinic" in page
    assert "until May 1 2026" in page


def test_in_the_language_of_the_patient(deps: Deps) -> None:
    """Every word of ours, and the language of the page itself."""
    page = client(deps).get(shared(deps, PANTRY, language="es")).text
    assert '<html lang="es">' in page
    for words in ("Lugares para usted", "Dirección", "Traiga", "lun-mar 9am-5pm", "1 may 2026"):
        assert words in page


def test_link_title_and_preview_say_nothing(deps: Deps) -> None:
    """No need, no name, no place before the page itself is opened; and nobody may keep or index it."""
    path = shared(deps, PANTRY)
    answer = client(deps).get(path)
    head = answer.text.split("</head>")[0]
    assert re.fullmatch(r"/r/[\w-]{27}", path)
    assert "<title>Followthrough</title>" in head
    assert not re.search("food|pantry|maria|elm|need", head, re.IGNORECASE)
    assert "Maria" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers


def test_help_against_violence_has_no_address_and_no_details(deps: Deps) -> None:
    """Its number is all that is shown, whatever the record holds."""
    careless = a_service(2, name="Harbor Line", is_violence=True, eligibility="Women in danger", places=(a_place(),))
    page = client(deps).get(shared(deps, careless)).text
    assert "614-555-0134" in page
    assert "12 Elm St" not in page
    assert "danger" not in page
    assert "Call to ask where to go." in page


def test_a_hidden_place_has_no_address(deps: Deps) -> None:
    """Marked private by its directory: nobody is sent there unasked."""
    page = client(deps).get(shared(deps, a_service(3, places=(a_place(is_hidden=True),)))).text
    assert "12 Elm St" not in page


def test_what_changed_since(deps: Deps) -> None:
    """Gone from the directory: call first. Private by now: not shown. Old: call first."""
    services = [a_service(number, name=f"Place {number}") for number in (1, 2, 3)]
    path = shared(deps, *services)
    with deps.db.write() as tx:
        rest = [replace(services[1], status="private"), replace(services[2], verified_on=date(2024, 1, 1))]
        directory.write(tx, [directory.encode(service) for service in rest], "i2")
        directory.retire_others(tx, "test", "i2")
    page = client(deps).get(path).text
    assert "We do not know if this place is still open" in page
    assert "Place 2" not in page
    assert "nobody has checked this entry" in page


def test_hours_that_are_not_known(deps: Deps) -> None:
    """The page says to ask; a monthly pantry shows its next day."""
    monthly = replace(weekly("1", "10:00", "12:00"), freq="MONTHLY", weekdays=(), nth=((3, 1),))
    page = client(deps).get(shared(deps, a_service(1, schedules=()), a_service(2, schedules=(monthly,)))).text
    assert "Call to ask when they are open." in page
    assert "Open Mar 17 10am-12pm" in page


@pytest.mark.parametrize(("days", "status"), [(59, 200), (60, 410)])
def test_a_link_ends(deps: Deps, clock: StandingClock, days: int, status: int) -> None:
    """After sixty days the page says whom to ask instead, in the language of the list."""
    path = shared(deps, PANTRY, language="es")
    clock.set(clock.now() + timedelta(days=days))
    answer = client(deps).get(path)
    assert answer.status_code == status
    if status == 410:
        assert "Esta página ya no está abierta" in answer.text
        assert "614-555-0100" in answer.text
        assert "Elm Pantry" not in answer.text


@pytest.mark.parametrize("token", ["a", "x" * 27, "%00", "é", "x" * 3000])
def test_what_is_no_link(deps: Deps, token: str) -> None:
    """The same page as for one that ended, in the language that the browser asks for."""
    answer: TestResponse = client(deps).get(f"/r/{token}", headers={"Accept-Language": "es-MX,es;q=0.9"})
    assert answer.status_code == 404
    assert "Esta página ya no está abierta" in answer.text
    assert client(deps).get("/r/x").text.count("This page is no longer open") == 1


def test_words_of_a_directory_are_never_markup(deps: Deps) -> None:
    """A listing is somebody else's text."""
    page = client(deps).get(shared(deps, a_service(1, name="<script>alert(1)</script>"))).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_an_erased_patient_leaves_no_page(deps: Deps) -> None:
    """The link dies with the record."""
    path = shared(deps, PANTRY)

    def erase(tx: Transaction) -> None:
        from bot.store.erasure import erase_patient

        erase_patient(tx, "pat-maria", "test")

    with deps.db.write() as tx:
        erase(tx)
    assert client(deps).get(path).status_code == 404
