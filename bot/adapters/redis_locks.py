"""Locks across machines, in Redis."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
PREFIX = "followthrough:lock:"
RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
RETRY_EVERY = 0.02


class RedisLocks:
    """See :class:`bot.adapters.ports.Locks`.

    While Redis is away every lock is granted: the database's claims and versions still keep turns apart,
    and a patient should not wait for a cache.
    """

    def __init__(self, client: Redis) -> None:
        """Names are used as they are: they must be opaque ids."""
        self._client = client
        self._release_script = client.register_script(RELEASE)

    @contextmanager
    def hold(self, name: str, lease: float = 30.0, wait: float = 0.0) -> Iterator[bool]:
        """Enter with True when the lock is ours, False when somebody else still has it after ``wait`` seconds."""
        holder = secrets.token_hex(12)
        held = self._acquire(name, holder, lease, time.monotonic() + wait)
        try:
            yield held
        finally:
            if held:
                self._release(name, holder)

    def _acquire(self, name: str, holder: str, lease: float, deadline: float) -> bool:
        while not self._try(name, holder, lease):
            if time.monotonic() >= deadline:
                return False
            time.sleep(RETRY_EVERY)
        return True

    def _try(self, name: str, holder: str, lease: float) -> bool:
        try:
            return bool(self._client.set(PREFIX + name, holder, nx=True, px=int(lease * 1000)))
        except RedisError as error:
            log.warning("lock_not_reached error=%s", type(error).__name__)
            return True

    def _release(self, name: str, holder: str) -> None:
        try:
            self._release_script(keys=[PREFIX + name], args=[holder])
        except RedisError as error:
            log.warning("lock_not_given_back error=%s", type(error).__name__)
