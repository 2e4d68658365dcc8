"""Patients: written, read, found by phone, opted out and erased by the clinic."""

from __future__ import annotations

from bot.referrals import visits
from bot.store import audit, erasure, patients
from webhooks.api import opting_out, patient_writes
from webhooks.api.calls import Answer, Asked, Call
from webhooks.api.models.patients import OptOutWrite, PatientJson, PatientList, PatientWrite, PhoneQuery
from webhooks.api.pages import next_address
from webhooks.api.patient_json import require_patient, show

_PATH = "/patients/{patient_id}"


def put_patient(asked: Asked) -> Answer:
    """201 for a new patient, 200 for a known one; fields left out stay, null clears."""
    patient_id = asked.path["patient_id"]
    is_new, touched = patient_writes.write(asked, patient_id)
    if "appointments" in touched:
        visits.plan(asked.tx, patient_id, asked.deps.settings.content_dir)
    action = "patient_created" if is_new else "patient_updated"
    audit.record(asked.tx, asked.caller.actor, action, "patient", patient_id, fields=touched)
    shown = show(asked.tx, require_patient(asked.tx, patient_id))
    location = {"Location": asked.request.path} if is_new else {}
    return Answer(201 if is_new else 200, shown, location)


def get_patient(asked: Asked) -> Answer:
    """The patient as it stands. 404 for none."""
    return Answer(200, show(asked.tx, require_patient(asked.tx, asked.path["patient_id"])))


def find_patients(asked: Asked) -> Answer:
    """Everybody that a phone reaches, those who texted in first included."""
    page = patients.page_by_number(asked.tx, asked.query.phone, asked.query.cursor, asked.query.limit)
    further = next_address(asked.request, asked.deps.settings.public_url, page.next)
    return Answer(200, PatientList(items=[show(asked.tx, p) for p in page.items], next=further))


def delete_patient(asked: Asked) -> Answer:
    """Erase everything about the person. A number that said STOP stays stopped; the audit keeps that it happened."""
    require_patient(asked.tx, asked.path["patient_id"])
    erasure.erase_patient(asked.tx, asked.path["patient_id"], asked.caller.actor)
    return Answer(204)


def opt_out_patient(asked: Asked) -> Answer:
    """The patient told somebody else to stop: nothing more is sent to the patient's phones."""
    patient = require_patient(asked.tx, asked.path["patient_id"])
    opting_out.opt_out(asked.tx, patient.id, asked.caller.actor, asked.body.reason)
    return Answer(200, show(asked.tx, patient))


CALLS = (
    Call(
        "PUT",
        _PATH,
        put_patient,
        "Create or update a patient",
        "patients",
        {200: PatientJson, 201: PatientJson},
        body=PatientWrite,
    ),
    Call("GET", _PATH, get_patient, "Read a patient", "patients", {200: PatientJson}, refuses=(404,)),
    Call("DELETE", _PATH, delete_patient, "Erase a patient", "patients", {204: None}, refuses=(404,)),
    Call("GET", "/patients", find_patients, "Find patients by phone", "patients", {200: PatientList}, query=PhoneQuery),
    Call(
        "POST",
        f"{_PATH}/opt-out",
        opt_out_patient,
        "Stop texting a patient",
        "patients",
        {200: PatientJson},
        body=OptOutWrite,
        body_required=False,
        refuses=(404,),
    ),
)
