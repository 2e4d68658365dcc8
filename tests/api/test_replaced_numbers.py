"""What becomes of a number when the clinic enters another one."""

from __future__ import annotations

from bot.store import conversations, phones, suppressions
from tests.api.clinic import Clinic
from tests.api.test_patients import ROSA, queue


def test_a_text_from_a_replaced_number_is_not_the_patients(both: Clinic) -> None:
    """The conversation there is no longer the current one; the patient keeps its history, the number its block."""
    both.put("/patients/mrn-1", ROSA)
    queue(both, "mrn-1")
    old = both.deps.vault.number_hash("+12025550123")
    with both.deps.db.write() as tx:
        suppressions.add(tx, old, "undeliverable", "30005")
    both.put("/patients/mrn-1", {"phone": "202-555-0177"})
    with both.deps.db.read() as tx:
        phone = phones.by_hash(tx, old)
        assert phone is not None
        assert phone.current_conversation_id is None
        assert suppressions.kinds(tx, old) == {"undeliverable"}
    assert len(both.read("/patients/mrn-1/messages")["items"]) == 1


def test_a_number_that_reaches_nobody_is_not_kept(both: Clinic) -> None:
    """A number on which nobody ever talked goes when it is replaced; its block stays."""
    both.put("/patients/mrn-1", ROSA)
    old = both.deps.vault.number_hash("+12025550123")
    with both.deps.db.write() as tx:
        suppressions.add(tx, old, "opted_out", "keyword")
    both.put("/patients/mrn-1", {"phone": "202-555-0177"})
    with both.deps.db.read() as tx:
        assert phones.by_hash(tx, old) is None
    assert both.put("/patients/mrn-1", {"phone": "202-555-0123"}).get_json()["opted_out"] is True


def test_a_shared_phone_goes_on_when_one_patient_leaves_it(both: Clinic) -> None:
    """Only what waits for the one who left is cancelled, and the other's conversation stays the current one."""
    for patient_id in ("mrn-1", "mrn-2"):
        both.put(f"/patients/{patient_id}", ROSA)
        queue(both, patient_id)
    with both.deps.db.write() as tx:
        phone = phones.primary(tx, "mrn-2")
        assert phone is not None
        (stays,) = conversations.of_patient(tx, "mrn-2")
        phones.make_current(tx, phone.id, stays.id)
    both.put("/patients/mrn-1", {"phone": None})
    assert [m["status"] for m in both.read("/patients/mrn-1/messages")["items"]] == ["cancelled"]
    assert [m["status"] for m in both.read("/patients/mrn-2/messages")["items"]] == ["waiting"]
    with both.deps.db.read() as tx:
        assert phones.get(tx, phone.id).current_conversation_id == stays.id


def test_an_erased_patient_takes_replaced_numbers_along(both: Clinic) -> None:
    """A number on which the patient talked before it was replaced is gone as well."""
    both.put("/patients/mrn-1", ROSA)
    queue(both, "mrn-1")
    both.put("/patients/mrn-1", {"phone": "202-555-0177"})
    both.delete("/patients/mrn-1")
    with both.deps.db.read() as tx:
        assert phones.by_hash(tx, both.deps.vault.number_hash("+12025550123")) is None
