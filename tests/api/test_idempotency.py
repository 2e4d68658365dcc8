"""Writes with an Idempotency-Key: done once, however often and however fast they are sent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bot.store import audit, campaigns
from tests.api.clinic import Clinic, fields, make_token


def test_a_repeat_is_answered_as_before_and_not_done_again(both: Clinic) -> None:
    """Same status, body and address, also when the record has moved on since."""
    first = both.put("/patients/mrn-1", {"given_name": "Rosa"}, key="k1")
    both.put("/patients/mrn-1", {"given_name": "Rosita"})
    again = both.put("/patients/mrn-1", {"given_name": "Rosa"}, key="k1")
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert again.headers["Location"] == first.headers["Location"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert both.read("/patients/mrn-1")["given_name"] == "Rosita"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/patients/mrn-1", {"given_name": "Maria"}),
        ("PUT", "/patients/mrn-2", {"given_name": "Rosa"}),
        ("DELETE", "/patients/mrn-1", None),
    ],
)
def test_a_key_is_for_one_request(both: Clinic, method: str, path: str, body: dict[str, str] | None) -> None:
    """Another body, address or method under the same key is refused, and the key is named."""
    both.put("/patients/mrn-1", {"given_name": "Rosa"}, key="k1")
    assert fields(both.ask(method, path, body, key="k1")) == ["Idempotency-Key"]
    assert both.read("/patients/mrn-1")["given_name"] == "Rosa"
    assert both.get("/patients/mrn-2").status_code == 404


def test_keys_belong_to_a_token(clinic: Clinic) -> None:
    """Two systems may use the same key."""
    other = replace(clinic, secret=make_token(clinic.deps))
    assert clinic.put("/patients/mrn-1", {"zip": "79901"}, key="k1").status_code == 201
    assert other.put("/patients/mrn-2", {"zip": "79902"}, key="k1").status_code == 201


def test_a_refused_request_leaves_its_key_free(both: Clinic) -> None:
    """Mended, it may be sent with the same key."""
    assert fields(both.put("/patients/mrn-1", {"language": "fr"}, key="k1")) == ["language"]
    assert both.put("/patients/mrn-1", {"language": "es"}, key="k1").status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 256, "a b", "k\u00e9"])
def test_an_unusable_key_is_named(clinic: Clinic, key: str) -> None:
    """Not quietly ignored: the sender relies on it."""
    assert fields(clinic.put("/patients/mrn-1", {}, key=key)) == ["Idempotency-Key"]


def test_an_erasure_can_be_repeated(both: Clinic) -> None:
    """204 twice with the key, and what was kept of the patient's own writes is gone."""
    both.put("/patients/mrn-1", {"given_name": "Rosa"}, key="k1")
    assert both.delete("/patients/mrn-1", key="k2").status_code == 204
    assert both.delete("/patients/mrn-1", key="k2").status_code == 204
    assert both.delete("/patients/mrn-1").status_code == 404


def test_eight_at_once_are_one_campaign(both: Clinic) -> None:
    """The same request from eight connections at the same moment: one answer, one campaign, one audit entry."""
    both.put("/patients/mrn-1", {"phone": "2025550123"})
    body = {"name": "March", "instrument": "ahc-hrsn-core", "patients": ["mrn-1"]}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: both.post("/campaigns", body, key="k1"), range(8)))
    assert {a.status_code for a in answers} == {202}
    ids = {a.get_json()["id"] for a in answers}
    assert len(ids) == 1
    with both.deps.db.read() as tx:
        assert [c.id for c in campaigns.list_page(tx, None, 10).items] == [*ids]
        assert len(audit.of_subject(tx, "campaign", ids.pop())) == 1


def test_writes_of_one_patient_at_once_do_not_undo_each_other(both: Clinic) -> None:
    """Each request sets one field; all of them are there in the end."""
    changes = [{"given_name": "Rosa"}, {"zip": "79901"}, {"clinic": "East"}, {"language": "es"}, {"proxy": True}]
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda change: both.put("/patients/mrn-1", change), changes))
    assert sorted(a.status_code for a in answers) == [200, 200, 200, 200, 201]
    shown = both.read("/patients/mrn-1")
    for change in changes:
        assert shown | change == shown
