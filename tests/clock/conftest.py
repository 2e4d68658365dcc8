"""A clinic to release follow-ups for, and a world to send them in, as the tests of the API and of sending have them."""

from tests.api.conftest import both, clinic, make_deps
from tests.sending.conftest import make_world, world

__all__ = ["both", "clinic", "make_deps", "make_world", "world"]
