"""The bucket may be asked for tokens that are given back: both kinds of bucket allow it."""

from __future__ import annotations

import redis

from bot.adapters.memory_buckets import MemoryBuckets
from bot.adapters.ports import Buckets
from bot.adapters.redis_buckets import RedisBuckets


def keeps_what_is_given_back(buckets: Buckets) -> None:
    """Five taken and three given back leave eight of ten."""
    assert buckets.take("s", 5) == 0.0
    assert buckets.take("s", -3) == 0.0
    assert buckets.take("s", 8) == 0.0
    assert buckets.take("s", 1) > 0.0


def test_memory_buckets_take_back() -> None:
    """In one process."""
    keeps_what_is_given_back(MemoryBuckets(0.001, 10.0, lambda: 0.0))


def test_redis_buckets_take_back(redis_client: redis.Redis) -> None:
    """Across processes."""
    keeps_what_is_given_back(RedisBuckets(redis_client, 0.001, 10.0, MemoryBuckets(0.001, 10.0)))
