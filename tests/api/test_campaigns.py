"""Outreach: who is invited, who is held back and why, and that each invitation is released once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.campaigns import Outreach, UnknownPatients, create_campaign
from bot.core.gate import MISSED, REFUSALS
from bot.release import release_due
from bot.store import campaigns, conversations, escalations, inbound, phones, screenings, suppressions
from bot.store.inbound import ClaimedInbound
from tests.api.clinic import Clinic, fields
from tests.world import StandingClock

GRANTED = {"granted": True, "method": "intake form", "at": "2026-03-02T15:00:00Z"}
INVITE: dict[str, Any] = {
    "name": "March outreach",
    "kind": "screening",
    "instrument": "ahc-hrsn-core",
    "patients": ["mrn-1"],
    "channel": "sms",
}


def enter(clinic: Clinic, patient_id: str, phone: str | None = "2025550123", **more: Any) -> None:
    """A patient who consented, unless told otherwise."""
    clinic.put(f"/patients/{patient_id}", {"phone": phone, "consent": GRANTED} | more)


def released(clinic: Clinic) -> list[ClaimedInbound]:
    """Everything that waits for a worker, as a worker gets it."""
    found = []
    while (row := inbound.claim(clinic.deps.db, "w1", timedelta(minutes=1))) is not None:
        found.append(row)
        with clinic.deps.db.write() as tx:
            inbound.finish(tx, row, "invited", None, None)
    return found


def followup_of(clinic: Clinic, patient_id: str) -> tuple[str, str | None]:
    """State and reason of the patient's last follow-up."""
    last = clinic.read(f"/patients/{patient_id}/followups")["items"][-1]
    return last["state"], last["reason"]


def test_a_campaign_is_released_at_once(both: Clinic) -> None:
    """202 with an id; a worker finds a row with all it needs, and no text in it."""
    enter(both, "mrn-1")
    answer = both.post("/campaigns", INVITE)
    assert answer.status_code == 202
    campaign_id = answer.get_json()["id"]
    assert answer.headers["Location"].endswith(f"/campaigns/{campaign_id}")
    (row,) = released(both)
    (followup,) = both.read("/patients/mrn-1/followups")["items"]
    assert (row.kind, row.from_address, row.to_address, row.body) == ("due", "+12025550123", "+12025550100", "")
    assert row.message_sid.startswith(f"followup:{followup['id']}")
    with both.deps.db.read() as tx:
        (enrolment,) = campaigns.enrolments(tx, campaign_id)
    wanted = {
        "followup_id": followup["id"],
        "followup_kind": "campaign_invitation",
        "enrolment_id": enrolment.id,
        "instrument": "ahc-hrsn-core",
        "patient_id": "mrn-1",
    }
    assert row.detail | wanted == row.detail
    assert (followup["state"], enrolment.state) == ("sent", "enrolled")


def test_a_campaign_shows_how_far_it_is(both: Clinic) -> None:
    """Every state has a count, the held ones their reasons."""
    enter(both, "mrn-1")
    both.put("/patients/mrn-2", {"phone": "2025550177"})
    enter(both, "mrn-3", None)
    made = both.post("/campaigns", INVITE | {"patients": ["mrn-1", "mrn-2", "mrn-3", "mrn-1"]}).get_json()
    with both.deps.db.write() as tx:
        (first, *_) = campaigns.enrolments(tx, made["id"])
        campaigns.set_enrolment_state(tx, first.id, "sent")
    assert both.read(f"/campaigns/{made['id']}") == {
        "id": made["id"],
        "name": "March outreach",
        "kind": "screening",
        "instrument": "ahc-hrsn-core",
        "channel": "sms",
        "state": "running",
        "start_at": "2026-03-03T15:00:00Z",
        "created_at": "2026-03-03T15:00:00Z",
        "importing": 0,
        "not_imported": 0,
        "total": 3,
        "counts": {
            "enrolled": 0,
            "held": 2,
            "sent": 1,
            "delivered": 0,
            "failed": 0,
            "started": 0,
            "completed": 0,
            "partial": 0,
            "declined": 0,
            "opted_out": 0,
        },
        "held_reasons": {"cannot_be_texted": 1, "no_consent": 1},
    }


def make_refusable(clinic: Clinic, reason: str) -> None:
    """A patient mrn-1 whom the gate refuses for this reason."""
    enter(clinic, "mrn-1", None if reason == "cannot_be_texted" else "2025550123")
    if reason in ("opted_out", "wrong_person", "undeliverable", "asked_to_stop"):
        with clinic.deps.db.write() as tx:
            suppressions.add(tx, clinic.deps.vault.number_hash("+12025550123"), reason, "test")
    elif reason == "no_consent":
        clinic.delete("/patients/mrn-1")
        clinic.put("/patients/mrn-1", {"phone": "2025550123"})
    elif reason == "consent_refused":
        clinic.put("/patients/mrn-1", {"consent": {"granted": False, "method": "front desk"}})
    elif reason in ("screening_open", "phone_busy"):
        enter(clinic, "mrn-2")
        _begin_screening(clinic, "mrn-1" if reason == "screening_open" else "mrn-2")
    elif reason == "screened_recently":
        _begin_screening(clinic, "mrn-1")
        with clinic.deps.db.write() as tx:
            screenings.complete(tx, screenings.in_progress(tx, "mrn-1")[0].id, "completed", {})
    elif reason == "not_safe_to_text":
        with clinic.deps.db.write() as tx:
            escalations.create(
                tx, patient_id="mrn-1", conversation_id=None, inbound_id=None, kind="danger", urgency="now"
            )
    elif reason == "invited_recently":
        clinic.post("/campaigns", INVITE)
        released(clinic)


# An invitation never misses its day: it is planned anew.
REASONS = [reason for reason, _ in REFUSALS if reason != MISSED]


@pytest.mark.parametrize("reason", REASONS)
def test_each_refusal_of_the_gate_is_held_with_its_reason(clinic: Clinic, reason: str) -> None:
    """Nothing is handed on; the campaign, the follow-up and the dry run all say the same reason."""
    make_refusable(clinic, reason)
    foreseen = clinic.post("/campaigns", INVITE | {"dry_run": True}).get_json()
    assert foreseen["would_not_text"] == [{"patient_id": "mrn-1", "reason": reason}]
    campaign_id = clinic.post("/campaigns", INVITE).get_json()["id"]
    assert released(clinic) == []
    assert clinic.read(f"/campaigns/{campaign_id}")["held_reasons"] == {reason: 1}
    assert followup_of(clinic, "mrn-1")[1] == reason


def test_a_dry_run_keeps_and_sends_nothing(both: Clinic) -> None:
    """200; who would be texted from when on, and who not and why."""
    enter(both, "mrn-1")
    both.put("/patients/mrn-2", {"phone": "2025550177"})
    body = INVITE | {"patients": ["mrn-1", "mrn-2"], "start_at": "2026-03-05T16:00:00Z", "dry_run": True}
    answer = both.post("/campaigns", body)
    assert answer.status_code == 200
    assert answer.get_json() == {
        "dry_run": True,
        "would_text": [{"patient_id": "mrn-1", "at": "2026-03-05T16:00:00Z"}],
        "would_not_text": [{"patient_id": "mrn-2", "reason": "no_consent"}],
        "notes": [],
    }
    assert released(both) == []
    assert both.read("/patients/mrn-1/followups")["items"] == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"name": ""}, ["name"]),
        ({"name": "a\nb"}, ["name"]),
        ({"kind": "party"}, ["kind"]),
        ({"instrument": "nothing"}, ["instrument"]),
        ({"patients": []}, ["patients"]),
        ({"patients": "mrn-1"}, ["patients"]),
        ({"patients": ["mrn-1", "nobody", "mrn-1", "none"]}, ["patients[1]", "patients[3]"]),
        ({"patients": ["x"] * 20001}, ["patients"]),
        ({"patients": [7]}, ["patients[0]"]),
        ({"channel": "pigeon"}, ["channel"]),
        ({"start_at": "tomorrow"}, ["start_at"]),
        ({"start_at": "2026-03-05T16:00:00"}, ["start_at"]),
        ({"dry_run": "no"}, ["dry_run"]),
        ({"speed": 9}, ["speed"]),
    ],
)
def test_an_unusable_campaign_is_refused_whole(clinic: Clinic, change: dict[str, Any], named: list[str]) -> None:
    """422 with the fields; nobody is invited."""
    enter(clinic, "mrn-1")
    assert fields(clinic.post("/campaigns", INVITE | change)) == named
    assert released(clinic) == []


@pytest.mark.parametrize("left_out", ["name", "instrument", "patients"])
def test_what_a_campaign_needs_is_named(clinic: Clinic, left_out: str) -> None:
    """Kind, channel and start have defaults; these have none."""
    body = {name: value for name, value in INVITE.items() if name != left_out}
    assert fields(clinic.post("/campaigns", body)) == [left_out]


def test_the_command_line_starts_campaigns_the_same_way(clinic: Clinic) -> None:
    """Created and released in one call; unknown patients refuse the whole."""
    enter(clinic, "mrn-1")
    start = clinic.deps.clock.now()
    outreach = Outreach("March", "screening", "ahc-hrsn-core", "sms", ("mrn-1",), start)
    assert create_campaign(clinic.deps, outreach, "cli").startswith("cmp_")
    assert len(released(clinic)) == 1
    with pytest.raises(UnknownPatients) as refused:
        create_campaign(clinic.deps, Outreach("x", "screening", "ahc-hrsn-core", "sms", ("mrn-1", "no"), start), "cli")
    assert refused.value.positions == (1,)


def _begin_screening(clinic: Clinic, patient_id: str) -> None:
    with clinic.deps.db.write() as tx:
        phone = phones.primary(tx, patient_id)
        assert phone is not None
        thread = conversations.find_or_create(tx, phone.id, patient_id, "en")
        screenings.start(tx, patient_id, thread.id, "ahc-hrsn-core", "1.0", "en", "sms")


@pytest.mark.parametrize("dry_run", [True, False])
def test_unknown_patients_are_named_in_a_dry_run_too(clinic: Clinic, dry_run: bool) -> None:
    """A dry run that passes and a campaign that is then refused would help nobody; a doubled id shifts no place."""
    enter(clinic, "mrn-1")
    answer = clinic.post("/campaigns", INVITE | {"patients": ["mrn-1", "mrn-1", "nobody"], "dry_run": dry_run})
    assert fields(answer) == ["patients[2]"]
    named_once = clinic.post("/campaigns", INVITE | {"patients": ["mrn-1", "mrn-1"], "dry_run": dry_run}).get_json()
    assert (len(named_once["would_text"]) if dry_run else named_once["total"]) == 1


def test_who_was_invited_and_has_not_answered_is_left_in_peace_for_a_day(both: Clinic, clock: StandingClock) -> None:
    """A second campaign waits a day, in a dry run and in earnest, and then goes out."""
    enter(both, "mrn-1")
    both.post("/campaigns", INVITE)
    assert len(released(both)) == 1
    clock.advance(hours=1)
    would_not = both.post("/campaigns", INVITE | {"dry_run": True}).get_json()["would_not_text"]
    assert would_not == [{"patient_id": "mrn-1", "reason": "invited_recently"}]
    second = both.post("/campaigns", INVITE).get_json()["id"]
    assert both.read(f"/campaigns/{second}")["held_reasons"] == {"invited_recently": 1}
    clock.advance(hours=24)
    release_due(both.deps)
    assert len(released(both)) == 1
