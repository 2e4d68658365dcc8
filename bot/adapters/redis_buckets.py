"""Token buckets shared by all workers, in Redis."""

from __future__ import annotations

import hashlib
import logging

from redis import Redis
from redis.exceptions import RedisError

from bot.adapters.ports import Buckets

log = logging.getLogger(__name__)

# Redis's own time is used, so that machines whose clocks differ share one bucket.
TAKE = """
local rate, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
local kept = redis.call('HMGET', KEYS[1], 'level', 'at')
local level, at = tonumber(kept[1]) or burst, tonumber(kept[2]) or now
level = math.min(burst, level + math.max(0, now - at) * rate)
local short = math.min(cost, burst) - level
if short > 0 then return tostring(short / rate) end
level = level - cost
redis.call('HSET', KEYS[1], 'level', string.format('%.6f', level), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - level) / rate * 1000) + 1000)
return '0'
"""


class RedisBuckets:
    """See :class:`bot.adapters.ports.Buckets`. While Redis is away, ``spare`` keeps the rate for this process."""

    def __init__(self, client: Redis, rate: float, burst: float, spare: Buckets) -> None:
        """``rate`` segments a second and a reserve of ``burst``, over all processes that share the Redis."""
        self._script = client.register_script(TAKE)
        self._rate = rate
        self._burst = burst
        self._spare = spare

    def take(self, sender: str, cost: int) -> float:
        """Take ``cost`` segments and answer 0.0, or take none and answer the seconds after which to ask again."""
        key = "followthrough:bucket:" + hashlib.sha256(sender.encode()).hexdigest()[:24]
        try:
            return float(self._script(keys=[key], args=[self._rate, self._burst, cost]))
        except RedisError as error:
            log.warning("bucket_not_reached error=%s", type(error).__name__)
            return self._spare.take(sender, cost)
