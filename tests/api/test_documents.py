"""The OpenAPI document and the browsable docs: whole, true to what is served, and from this app alone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.api.clinic import Clinic
from tests.api.test_campaigns import INVITE
from tests.api.test_patients import ROSA
from webhooks.api.blueprint import CALLS, PREFIX
from webhooks.api.models.campaigns import CampaignWrite
from webhooks.api.models.patients import PatientWrite


@pytest.fixture
def document(clinic: Clinic) -> dict[str, Any]:
    """The document as anybody gets it, without a token."""
    with clinic.app.test_client() as client:
        answer = client.get(f"{PREFIX}/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation of each call."""
    return [(m.upper(), p, o) for p, item in document["paths"].items() for m, o in item.items()]


def test_every_call_is_documented_once(document: dict[str, Any]) -> None:
    """What is served is what is described, each with an id of its own and a summary."""
    assert document["openapi"].startswith("3.")
    found = operations(document)
    assert {(m, p) for m, p, _ in found} == {(c.method, PREFIX + c.path) for c in CALLS}
    assert len({o["operationId"] for _, _, o in found}) == len(CALLS)
    assert all(o["summary"] and o["tags"] for _, _, o in found)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """No schema is missing and none lies about unused."""
    schemas = document["components"]["schemas"]
    used = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert used == set(schemas)


def test_every_path_parameter_is_described(document: dict[str, Any]) -> None:
    """The names in the braces, no others."""
    for _, path, operation in operations(document):
        named = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))


def test_every_refusal_is_a_problem(document: dict[str, Any]) -> None:
    """All calls may answer 401, 403 and 422, and each refusal has the problem form."""
    for method, path, operation in operations(document):
        refusals = {s: a for s, a in operation["responses"].items() if s >= "400"}
        assert {"401", "403", "422"} <= set(refusals), f"{method} {path}"
        for answer in refusals.values():
            assert answer["content"]["application/problem+json"]["schema"]["$ref"].endswith("/ProblemJson")


def test_every_write_documents_its_idempotency_key(document: dict[str, Any]) -> None:
    """And no read does."""
    for method, _, operation in operations(document):
        named = {p["name"] for p in operation["parameters"] if p["in"] == "header"}
        assert named == (set() if method == "GET" else {"Idempotency-Key"})


def test_the_examples_work(document: dict[str, Any], clinic: Clinic) -> None:
    """Who copies an example from the docs gets the good answer."""
    schemas = document["components"]["schemas"]
    patient, campaign = schemas["PatientWrite"]["examples"][0], schemas["CampaignWrite"]["examples"][0]
    for patient_id in campaign["patients"]:
        assert clinic.put(f"/patients/{patient_id}", patient).status_code == 201
    assert clinic.post("/campaigns", campaign).status_code == 202


def test_the_fields_are_those_of_the_interface(document: dict[str, Any]) -> None:
    """The documented bodies take exactly what the tests send."""
    schemas = document["components"]["schemas"]
    assert set(schemas["PatientWrite"]["properties"]) == set(ROSA) == set(PatientWrite.model_fields)
    assert set(schemas["CampaignWrite"]["properties"]) == set(INVITE) | {"start_at", "dry_run"}
    assert set(CampaignWrite.model_fields) == set(schemas["CampaignWrite"]["properties"])


def test_answers_keep_to_their_documented_fields(document: dict[str, Any], clinic: Clinic) -> None:
    """A patient has exactly the properties that the document lists."""
    shown = clinic.put("/patients/mrn-1", ROSA).get_json()
    assert set(shown) == set(document["components"]["schemas"]["PatientJson"]["properties"])


def test_the_docs_page_loads_nothing_from_elsewhere(clinic: Clinic) -> None:
    """Page, script and style come from this app, under a policy that forbids anything else."""
    with clinic.app.test_client() as client:
        page = client.get(f"{PREFIX}/docs")
        html = page.get_data(as_text=True)
        files = re.findall(r'(?:src|href)="(docs/[^"]+)"', html)
        answers = {file: client.get(f"{PREFIX}/{file}") for file in files}
    assert page.status_code == 200
    assert "//" not in html
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert len(files) == 4
    assert {a.status_code for a in answers.values()} == {200}
    assert answers["docs/swagger-ui-bundle.js"].mimetype == "text/javascript"
    assert "openapi.json" in answers["docs/start.js"].get_data(as_text=True)


@pytest.mark.parametrize("name", ["nothing.js", "..%2f__init__.py", "__init__.py"])
def test_no_other_file_is_served(clinic: Clinic, name: str) -> None:
    """The folder beside the assets is not open."""
    with clinic.app.test_client() as client:
        assert client.get(f"{PREFIX}/docs/{name}").status_code == 404
