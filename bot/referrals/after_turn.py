"""Places right after the turn that asks for them: everybody is offered help, whatever they answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.bootstrap import Deps
from bot.core.dialog import JsonObject, Reading
from bot.core.instrument import Instrument
from bot.core.scoring import Result, age_on, given_from_record, score_answers
from bot.referrals import planning
from bot.referrals.places import find_places, finder
from bot.scene import Scene
from bot.store import navigation, screenings
from bot.store.database import Transaction
from bot.store.patients import Patient

# How often a ZIP code is asked for again that could not be read, or is none.
ZIP_TRIES = 1
ASKING = frozenset({"screening_completed", "resources_wanted", "more_places_wanted"})


def asks_for_places(events: Sequence[JsonObject]) -> JsonObject | None:
    """The event of a turn that asks for places, the last one; None when none does."""
    return next((event for event in reversed(events) if event["type"] in ASKING), None)


def places_reading(
    deps: Deps, tx: Transaction, scene: Scene, events: Sequence[JsonObject], asking: JsonObject
) -> Reading:
    """What the conversation is told after a turn with these events, of which ``asking`` asks for places."""
    result = _result(deps, tx, scene, events) if asking["type"] == "screening_completed" else None
    again = asking["type"] != "more_places_wanted"
    patient, domains = _with_zip(scene.patient, events), _domains(asking, result, _stated(scene, events))
    if asking["type"] == "resources_wanted" and not domains:
        # Somebody gave their ZIP code unasked.
        domains = [need.domain for need in planning.waiting_needs(tx, patient.id)]
    zip_wanted = _zip_wanted(deps, tx, scene, patient, domains) if again else None
    if zip_wanted:
        value = {"domains": domains, "places": [], "more": False, "page": None, "navigation": False, "zip": zip_wanted}
    else:
        value = find_places(deps, tx, patient, scene.language, domains, again=again)
    if result is not None and result.navigation_eligible and navigation.current(tx, scene.patient.id) is None:
        # The case is opened when the turn is written.
        value["navigation"] = True
    return Reading("places_found", value)


def _with_zip(patient: Patient, events: Sequence[JsonObject]) -> Patient:
    """The patient with the ZIP code that this turn gave, which is not written yet."""
    given = next((str(event["zip"]) for event in reversed(events) if event["type"] == "zip_given"), None)
    return patient if given is None else replace(patient, profile=replace(patient.profile, zip=given))


def _zip_wanted(deps: Deps, tx: Transaction, scene: Scene, patient: Patient, domains: Sequence[str]) -> str | None:
    """``ask`` once in a thread while nobody knows where the patient lives, ``again`` after a ZIP code that is none.

    Not where there are no places for these needs anywhere.
    """
    places, code = finder(deps), patient.profile.zip
    if code is not None and places.knows_zip(code):
        return None
    if not places.offers(tx, domains) and (domains or code == scene.patient.profile.zip):
        return None
    if code != scene.patient.profile.zip and scene.kept_places.get("tries", 0) < ZIP_TRIES:
        return "again"
    return None if scene.remembered.get("zip_asked") else "ask"


def _stated(scene: Scene, events: Sequence[JsonObject]) -> list[str]:
    """The needs that the patient named while the questions were being asked."""
    now = [str(event["domain"]) for event in events if event["type"] == "need_stated" and event["domain"]]
    return [*map(str, scene.remembered.get("needs", ())), *now]


def _domains(asking: JsonObject, result: Result | None, stated: Sequence[str]) -> list[str]:
    if asking["type"] == "resources_wanted":
        return list(asking["domains"])
    if asking["type"] == "more_places_wanted":
        return [asking["domain"]]
    found = [need.domain for need in result.needs if need.positive] if result else []
    return list(dict.fromkeys([*found, *stated]))


def _result(deps: Deps, tx: Transaction, scene: Scene, events: Sequence[JsonObject]) -> Result | None:
    """What the screening finds with the answers of this turn, which are not written yet."""
    running = screenings.running_in(tx, scene.conversation.id)
    recorded = {answer.link_id: answer.value for answer in running.answers} if running else {}
    instrument = deps.content.instruments[running.instrument] if running else None
    for event in events:
        instrument = _follow(deps, event, recorded, instrument)
    if instrument is None:
        return None
    profile = scene.patient.profile
    age = age_on(scene.now.date(), profile.birth_date)
    return score_answers(instrument, given_from_record(instrument, recorded), profile.emergency_visits_12m, age)


def _follow(
    deps: Deps, event: JsonObject, recorded: dict[str, object], instrument: Instrument | None
) -> Instrument | None:
    if event["type"] == "screening_started":
        recorded.clear()
        return deps.content.instruments[event["instrument"]]
    if event["type"] == "answer_recorded":
        recorded[event["link_id"]] = event["value"]
    elif event["type"] == "answer_withdrawn":
        recorded.pop(event["link_id"], None)
    return instrument
