"""The bucket may be asked for tokens that are given back: both kinds of bucket allow it."""

from __future__ import annotations

import redis

from bot.adapters.memory_buckets import MemoryBuckets
from bot.adapters.ports import Buckets
from bot.adapters.redis_buckets import RedisBuckets


def at_once(buckets: Buckets) -> list[bool]:
    """Five taken and three given back leave eight of ten; which of these and one more may go at once."""
    return [buckets.take("s", tokens) == 0.0 for tokens in (5, -3, 8, 1)]


def test_memory_buckets_take_back() -> None:
    """In one process."""
    assert at_once(MemoryBuckets(0.001, 10.0, lambda: 0.0)) == [True, True, True, False]


def test_redis_buckets_take_back(redis_client: redis.Redis) -> None:
    """Across processes."""
    buckets = RedisBuckets(redis_client, 0.001, 10.0, MemoryBuckets(0.001, 10.0))
    assert at_once(buckets) == [True, True, True, False]
