"""Campaigns from an uploaded list: tried out, begun, paused, resumed, cancelled, and nothing half-done."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from bot.importing import write_accepted
from bot.release import release_due
from bot.store import campaigns, escalations, followups, suppressions, uploads
from bot.store.upload_tables import CampaignUpload
from tests.api.clinic import Clinic, fields
from tests.api.test_campaigns import GRANTED, enter, released
from tests.world import StandingClock

QUERY = "/campaigns?name=March&instrument=ahc-hrsn-core"
LIST = "MRN;Cell;Consent;ZIP\nA-1;(202) 555-0123;yes;20001\nA-2;202-555-0177;yes;90001\nA-3;;yes;\nA-4;2025550188;;\n"

LOST = "v1.a-key-that-is-gone.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def upload(clinic: Clinic, text: str = LIST, path: str = QUERY, **more: Any) -> Any:
    """The list as a ``text/csv`` body."""
    headers = {"Content-Type": "text/csv", **more.pop("headers", {})}
    return clinic.ask("POST", path, data=text.encode(), headers=headers, **more)


def test_a_list_becomes_patients_and_a_campaign(both: Clinic) -> None:
    """202; the first is texted, who is where it is early waits, who cannot be texted is held."""
    answer = upload(both)
    assert answer.status_code == 202, answer.get_data(as_text=True)
    assert [row.detail["patient_id"] for row in released(both)] == ["A-1"]
    assert both.read("/patients/A-1")["phone"] == "+12025550123"
    shown = both.read(f"/campaigns/{answer.get_json()['id']}")
    assert (shown["total"], shown["importing"]) == (4, 0)
    assert shown["held_reasons"] == {"cannot_be_texted": 1, "no_consent": 1}
    (early,) = both.read("/patients/A-2/followups")["items"]
    assert (early["state"], early["due_at"]) == ("planned", "2026-03-03T18:00:00Z")


def test_what_a_list_leaves_out_is_said(clinic: Clinic) -> None:
    """With the campaign, and already when it is tried out."""
    found = upload(clinic, LIST.replace("ZIP", "Plan")).get_json()
    assert found["notes"] == ["Columns that are not used: Plan."]
    tried = upload(clinic, "MRN;Ph.\nA-1;2025550123\n", QUERY + "&dry_run=true").get_json()
    assert tried["notes"][0].startswith("No column is the phone (call it Phone)")
    assert tried["would_not_text"]


def test_a_rescreening_opens_in_its_own_way(clinic: Clinic) -> None:
    """The turn is told which words to begin with."""
    upload(clinic, path=QUERY + "&kind=rescreening")
    (row,) = released(clinic)
    assert (row.detail["followup_kind"], row.detail["guard"]["opening"]) == ("campaign_invitation", "rescreening")


def test_a_form_does_the_same(clinic: Clinic) -> None:
    """Multipart, with the other fields beside the file."""
    form = {"name": "March", "instrument": "ahc-hrsn-core", "file": (io.BytesIO(LIST.encode("utf-16")), "list.csv")}
    answer = clinic.ask("POST", "/campaigns", data=form, headers={"Content-Type": "multipart/form-data"})
    assert answer.status_code == 202, answer.get_data(as_text=True)
    assert answer.get_json()["total"] == 4


def test_a_dry_run_of_a_list_keeps_nothing(both: Clinic) -> None:
    """Who would be texted when, who would not and why: also of patients who are not known yet."""
    enter(both, "A-2", "2025550177", consent=GRANTED | {"granted": False})
    with both.deps.db.write() as tx:
        suppressions.add(tx, both.deps.vault.number_hash("+12025550123"), "opted_out", "keyword")
    foreseen = upload(both, LIST + "A-5;2025550190;y;\nA-6;2025550190;y;\n", QUERY + "&dry_run=true").get_json()
    assert foreseen["would_text"] == [
        {"patient_id": "A-2", "at": "2026-03-03T18:00:00Z"},
        {"patient_id": "A-5", "at": "2026-03-03T15:00:00Z"},
    ]
    assert {each["patient_id"]: each["reason"] for each in foreseen["would_not_text"]} == {
        "A-1": "opted_out",
        "A-3": "cannot_be_texted",
        "A-4": "no_consent",
        "A-6": "phone_busy",
    }
    assert both.get("/patients/A-1").status_code == 404


def test_a_list_with_a_bad_line_is_refused_whole(clinic: Clinic) -> None:
    """422 with line and column; no patient of it is written."""
    answer = upload(clinic, LIST + "A-9;911;yes;\n")
    assert fields(answer) == ["file"]
    assert answer.get_json()["errors"][0]["message"].startswith("line 6, Cell: is ")
    assert "911" not in answer.get_data(as_text=True)
    assert clinic.get("/patients/A-1").status_code == 404


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/campaigns?instrument=ahc-hrsn-core", ["name"]),
        ("/campaigns?name=x&instrument=none", ["instrument"]),
        (QUERY + "&start_at=tomorrow", ["start_at"]),
        (QUERY + "&speed=9", ["speed"]),
        (QUERY + "&name=again", ["name"]),
    ],
)
def test_the_fields_beside_a_list_are_checked(clinic: Clinic, path: str, named: list[str]) -> None:
    """As those of a JSON body."""
    assert fields(upload(clinic, path=path)) == named


def test_the_same_upload_again_is_one_campaign(clinic: Clinic) -> None:
    """With its key it is answered as before; another list with the key is refused."""
    first = upload(clinic, key="march").get_json()
    again = upload(clinic, key="march")
    assert again.get_json()["id"] == first["id"]
    assert upload(clinic, LIST + "A-7;;;\n", key="march").status_code == 422


def test_a_known_patient_is_updated_and_a_no_stands(clinic: Clinic) -> None:
    """A list's yes without a date does not undo the patient's own no; a field that is not in the list stays."""
    enter(clinic, "A-1", given_name="Ana")
    clinic.post("/patients/A-1/opt-out")
    upload(clinic)
    shown = clinic.read("/patients/A-1")
    assert (shown["given_name"], shown["zip"], shown["consent"]["granted"]) == ("Ana", "20001", False)


def test_pause_resume_and_cancel(both: Clinic, clock: StandingClock) -> None:
    """Paused, nothing goes; resumed, it goes on from now; cancelled, it never does, and says so at once."""
    body = {"name": "x", "instrument": "ahc-hrsn-core", "patients": ["mrn-1"], "start_at": "2026-03-04T16:00:00Z"}
    enter(both, "mrn-1")
    campaign_id = both.post("/campaigns", body).get_json()["id"]
    assert both.post(f"/campaigns/{campaign_id}/pause").get_json()["state"] == "paused"
    clock.advance(days=1, hours=2)
    release_due(both.deps)
    assert released(both) == []
    assert both.read(f"/campaigns/{campaign_id}")["held_reasons"] == {"campaign_paused": 1}
    assert both.post(f"/campaigns/{campaign_id}/resume").get_json()["state"] == "running"
    assert [row.detail["patient_id"] for row in released(both)] == ["mrn-1"]
    enter(both, "mrn-2", "2025550177")
    enter(both, "mrn-3", None)
    later = {"patients": ["mrn-2", "mrn-3"], "start_at": "2026-03-09T16:00:00Z"}
    other = both.post("/campaigns", body | later).get_json()["id"]
    both.post(f"/campaigns/{other}/cancel")
    assert both.read(f"/campaigns/{other}")["held_reasons"] == {"campaign_cancelled": 1, "cannot_be_texted": 1}
    assert both.post(f"/campaigns/{other}/resume").status_code == 409
    assert both.post("/campaigns/none/pause").status_code == 404
    clock.advance(days=8)
    release_due(both.deps)
    assert released(both) == []


@pytest.mark.parametrize("paused_before", [True, False])
def test_a_resume_sends_nothing_before_the_start(both: Clinic, clock: StandingClock, paused_before: bool) -> None:
    """The start that the clinic chose stands; resuming a campaign that runs changes nothing."""
    body = {"name": "x", "instrument": "ahc-hrsn-core", "patients": ["mrn-1"], "start_at": "2026-03-05T16:00:00Z"}
    enter(both, "mrn-1")
    campaign_id = both.post("/campaigns", body).get_json()["id"]
    if paused_before:
        both.post(f"/campaigns/{campaign_id}/pause")
    assert both.post(f"/campaigns/{campaign_id}/resume").get_json()["state"] == "running"
    assert released(both) == []
    (planned,) = both.read("/patients/mrn-1/followups")["items"]
    assert planned["due_at"] == "2026-03-05T16:00:00Z"


def test_a_long_list_is_written_by_the_clock_and_spread(both: Clinic, clock: StandingClock) -> None:
    """Accepted at once, written in chunks, spread over minutes at the sender's rate, in every patient's hours."""
    lines = "\n".join(f"L-{n:04},+1202456{n:04},yes" for n in range(1200))
    answer = upload(both, f"id,phone,consent\n{lines}\n")
    campaign_id = answer.get_json()["id"]
    assert answer.get_json()["importing"] == 1200
    assert write_accepted(both.deps) == 1200
    with both.deps.db.read() as tx:
        assert sum(campaigns.counts(tx, campaign_id).by_state.values()) == 1200
        times = [followups.pending(tx, f"L-{n:04}")[0].due_at for n in range(1200)]
    # Ten segments a second are 300 invitations a minute.
    minutes = [times.count(at) for at in sorted(set(times))]
    assert minutes == [300, 300, 300, 300]
    assert write_accepted(both.deps) == 0


def test_a_patient_who_cannot_be_written_stops_nobody_else(both: Clinic) -> None:
    """Set aside without their data, once told of a list; the others of the list, and the lists behind it, go on."""
    campaign_id = upload(both).get_json()["id"]
    vault = both.deps.vault
    visit = {"appointment_at": "2026-03-05T14:30:00"}
    nowhere = [{"patient_id": f"B-{n}", "timezone": "No/Where", **visit} for n in (2, 3)]
    chunks: list[tuple[str | None, str, list[dict[str, Any]]]] = [
        (campaign_id, "list-1", [{"patient_id": "B-1"}, *nowhere]),
        (None, "list-2", [{"patient_id": "B-4", "appointment_at": "0001-01-01T00:00:00+00:00"}]),
    ]
    with both.deps.db.write() as tx:
        uploads.put(tx, None, "list-0", LOST, 7)
        for campaign, batch, rows in chunks:
            uploads.put(tx, campaign, batch, uploads.seal_rows(vault, rows), len(rows))
    assert write_accepted(both.deps) == 2
    assert write_accepted(both.deps) == 0
    shown = both.read(f"/campaigns/{campaign_id}")
    assert (shown["total"], shown["importing"], shown["not_imported"]) == (7, 0, 2)
    with both.deps.db.read() as tx:
        cases = [(case.kind, case.urgency, case.note) for case in escalations.list_page(tx, None, 10).items]
        kept = [(row.state, row.reason, row.rows_sealed) for row in tx.session.scalars(select(CampaignUpload))]
    assert sorted(cases) == [
        ("patient_list_not_written", "today", "Patient list list-0, campaign none: VaultError"),
        ("patient_list_not_written", "today", f"Patient list list-1, campaign {campaign_id}: ZoneInfoNotFoundError"),
    ]
    assert sorted((state, reason) for state, reason, _ in kept) == [
        ("failed", "VaultError"),
        *[("failed", "ZoneInfoNotFoundError")] * 2,
    ]
    assert [uploads.open_rows(vault, sealed) for _, _, sealed in kept] == [[], [], []]


def test_a_database_that_is_away_sets_nobody_aside(clinic: Clinic) -> None:
    """The list waits, and is written when the database is there again."""
    with clinic.deps.db.write() as tx:
        uploads.put(tx, None, "list-1", uploads.seal_rows(clinic.deps.vault, [{"patient_id": "B-1"}]), 1)
        tx.session.execute(text("ALTER TABLE patient RENAME TO away"))
    with pytest.raises(OperationalError):
        write_accepted(clinic.deps)
    with clinic.deps.db.write() as tx:
        tx.session.execute(text("ALTER TABLE away RENAME TO patient"))
    assert write_accepted(clinic.deps) == 1
