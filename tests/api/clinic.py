"""A clinic's system, as the API sees one: requests with a token, and answers as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from bot.bootstrap import Deps
from bot.store import tokens


@dataclass(frozen=True)
class Clinic:
    """Makes requests with one bearer token."""

    app: Flask
    deps: Deps
    secret: str

    def ask(self, method: str, path: str, json: Any = None, key: str | None = None, **more: Any) -> TestResponse:
        """One request to ``/api/v1`` + ``path``; ``key`` is its Idempotency-Key."""
        headers = {"Authorization": f"Bearer {self.secret}", **more.pop("headers", {})}
        if key is not None:
            headers["Idempotency-Key"] = key
        address = path if path.startswith("http") else f"/api/v1{path}"
        with self.app.test_client() as client:
            return client.open(address, method=method, json=json, headers=headers, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        """A GET."""
        return self.ask("GET", path, **more)

    def put(self, path: str, json: Any, **more: Any) -> TestResponse:
        """A PUT of JSON."""
        return self.ask("PUT", path, json, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        """A POST."""
        return self.ask("POST", path, json, **more)

    def delete(self, path: str, **more: Any) -> TestResponse:
        """A DELETE."""
        return self.ask("DELETE", path, **more)

    def read(self, path: str) -> Any:
        """The JSON of a GET that must succeed."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()


def make_token(deps: Deps, role: str = "clinic") -> str:
    """A new token's secret."""
    with deps.db.write() as tx:
        return tokens.create(tx, f"the {role}'s system", role)[1]


def fields(answer: TestResponse) -> list[str]:
    """The fields that a 422 problem blames."""
    assert answer.status_code == 422, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    return [error["field"] for error in answer.get_json()["errors"]]
