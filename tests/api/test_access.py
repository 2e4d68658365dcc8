"""Who may call what: every route, whatever is added later."""

from __future__ import annotations

import re

import pytest

from bot.store import tokens
from tests.api.clinic import Clinic, make_token
from webhooks.api.blueprint import CALLS, PREFIX

OPEN_TO_ALL = {f"{PREFIX}/openapi.json", f"{PREFIX}/docs", f"{PREFIX}/docs/start.js", f"{PREFIX}/docs/<name>"}


def routes(clinic: Clinic) -> list[tuple[str, str]]:
    """Every method and address below the API's prefix, from the app's own map."""
    return [
        (method, re.sub(r"<\w+>", "some-id", rule.rule))
        for rule in clinic.app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX) and rule.rule not in OPEN_TO_ALL
        for method in sorted((rule.methods or set()) - {"OPTIONS"})
    ]


def test_every_route_refuses_a_request_without_a_token(clinic: Clinic) -> None:
    """Prevents a new call that forgets to ask who is calling."""
    for method, address in routes(clinic):
        with clinic.app.test_client() as client:
            answer = client.open(address, method=method)
        assert answer.status_code == 401, f"{method} {address}"
        assert answer.mimetype == "application/problem+json"
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Followthrough"'


@pytest.mark.parametrize("role", ["", "viewer", "Clinic", "admin"])
def test_every_route_refuses_other_roles(clinic: Clinic, role: str) -> None:
    """A role opens what it is named for and nothing else."""
    stranger = Clinic(clinic.app, clinic.deps, make_token(clinic.deps, role))
    for method, address in routes(clinic):
        answer = stranger.ask(method, address.removeprefix(PREFIX))
        assert answer.status_code == 403, f"{method} {address}"
        assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_every_call_names_its_roles_and_is_routed(clinic: Clinic) -> None:
    """The table of calls and the app's map are the same set."""
    served = {(m, a) for m, a in routes(clinic) if m != "HEAD"}
    named = {(c.method, PREFIX + re.sub(r"{\w+}", "some-id", c.path)) for c in CALLS}
    assert served == named
    assert all(call.roles for call in CALLS)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Basic {secret}",
        "{secret}",
        "Bearer {secret}x",
        "Bearer \udcff",
        "Bearer " + "x" * 5000,
    ],
)
def test_a_wrong_header_is_refused(clinic: Clinic, header: str) -> None:
    """401, never an error of ours, and the secret is not repeated."""
    sent = header.format(secret=clinic.secret).encode("utf-8", "surrogateescape").decode("latin-1")
    with clinic.app.test_client() as client:
        answer = client.get("/api/v1/escalations", headers={"Authorization": sent})
    assert answer.status_code == 401
    assert clinic.secret not in answer.get_data(as_text=True)


def test_the_scheme_may_be_written_in_any_case(clinic: Clinic) -> None:
    """RFC 9110: the scheme's name has no case."""
    with clinic.app.test_client() as client:
        answer = client.get("/api/v1/escalations", headers={"Authorization": f"bearer {clinic.secret}"})
    assert answer.status_code == 200


def test_a_revoked_token_is_refused(clinic: Clinic) -> None:
    """From the moment it is revoked, with the reason in the challenge."""
    with clinic.deps.db.write() as tx:
        for token in tokens.list_all(tx):
            tokens.revoke(tx, token.id)
    answer = clinic.get("/escalations")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_write_without_a_token_writes_nothing(clinic: Clinic) -> None:
    """The token is asked for before anything is read."""
    with clinic.app.test_client() as client:
        client.put("/api/v1/patients/mrn-1", json={"given_name": "Rosa"})
    assert clinic.get("/patients/mrn-1").status_code == 404
