"""A clinic to release follow-ups for, as the API's tests have one."""

from tests.api.conftest import both, clinic, make_deps

__all__ = ["both", "clinic", "make_deps"]
