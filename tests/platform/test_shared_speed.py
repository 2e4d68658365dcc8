"""Wake-ups, buckets and locks: one contract, in-process and on a real Redis."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from bot.adapters.memory_buckets import MemoryBuckets
from bot.adapters.memory_locks import MemoryLocks
from bot.adapters.memory_wakeups import MemoryWakeups
from bot.adapters.ports import Buckets, Locks, Wakeups
from bot.adapters.redis_buckets import RedisBuckets
from bot.adapters.redis_locks import RedisLocks
from bot.adapters.redis_wakeups import RedisWakeups
from bot.processes import free_port

both = pytest.mark.parametrize("kind", ["memory", "redis"])
MakeBuckets = Callable[[float, float], Buckets]


def _redis(request: pytest.FixtureRequest) -> Redis:
    client: Redis = request.getfixturevalue("redis_client")
    return client


@pytest.fixture
def wakeups(kind: str, request: pytest.FixtureRequest) -> Iterator[Wakeups]:
    """Wake-ups of the kind."""
    made: Wakeups = MemoryWakeups() if kind == "memory" else RedisWakeups(_redis(request))
    yield made
    made.close()


@pytest.fixture
def buckets(kind: str, request: pytest.FixtureRequest) -> MakeBuckets:
    """Makes buckets of the kind."""
    if kind == "memory":
        return MemoryBuckets
    client = _redis(request)
    return lambda rate, burst: RedisBuckets(client, rate, burst, MemoryBuckets(rate, burst))


@pytest.fixture
def locks(kind: str, request: pytest.FixtureRequest) -> Locks:
    """Locks of the kind."""
    return MemoryLocks() if kind == "memory" else RedisLocks(_redis(request))


@both
def test_a_notice_wakes_who_waits(wakeups: Wakeups) -> None:
    """Long before the time is up."""
    wakeups.wait("inbound", 0.01)
    notice = threading.Timer(0.1, wakeups.notify, ["inbound"])
    notice.start()
    begun = time.monotonic()
    assert wakeups.wait("inbound", 10.0)
    assert time.monotonic() - begun < 5.0
    notice.join()


@both
def test_a_notice_between_two_waits_is_heard(wakeups: Wakeups) -> None:
    """Nothing falls between two waits of one thread."""
    wakeups.wait("inbound", 0.01)
    wakeups.notify("inbound")
    assert wakeups.wait("inbound", 5.0)


@both
def test_many_notices_wake_once(wakeups: Wakeups) -> None:
    """A hundred messages at once do not make a hundred idle looks."""
    wakeups.wait("inbound", 0.01)
    for _ in range(100):
        wakeups.notify("inbound")
    time.sleep(0.1)
    assert wakeups.wait("inbound", 5.0)
    assert not wakeups.wait("inbound", 0.05)


@both
def test_other_topics_do_not_wake(wakeups: Wakeups) -> None:
    """The time is up, and the answer is False."""
    wakeups.wait("inbound", 0.01)
    wakeups.notify("outbox")
    begun = time.monotonic()
    assert not wakeups.wait("inbound", 0.2)
    assert time.monotonic() - begun >= 0.19


@both
def test_everybody_who_waits_is_woken(wakeups: Wakeups) -> None:
    """Each waiting thread hears it."""
    ready = threading.Barrier(4)

    def wait(_: int) -> bool:
        wakeups.wait("inbound", 0.01)
        ready.wait(5)
        return wakeups.wait("inbound", 5.0)

    with ThreadPoolExecutor(3) as pool:
        woken = [pool.submit(wait, n) for n in range(3)]
        ready.wait(5)
        wakeups.notify("inbound")
        assert all(each.result() for each in woken)


@both
def test_a_bucket_gives_its_reserve_then_its_rate(buckets: MakeBuckets) -> None:
    """Five at once, then one each tenth of a second."""
    bucket = buckets(10.0, 5.0)
    assert [bucket.take("+12025550100", 1) for _ in range(5)] == [0.0] * 5
    short = bucket.take("+12025550100", 1)
    assert 0.0 < short <= 0.1
    time.sleep(short + 0.01)
    assert bucket.take("+12025550100", 1) == 0.0


@both
def test_a_bucket_is_costed_in_segments(buckets: MakeBuckets) -> None:
    """A text of three segments takes three, or none at all while there are two."""
    bucket = buckets(0.001, 5.0)
    assert bucket.take("s", 3) == 0.0
    assert bucket.take("s", 3) > 0.0
    assert bucket.take("s", 2) == 0.0


@both
def test_a_long_text_gets_through_and_is_paid_off(buckets: MakeBuckets) -> None:
    """One larger than the bucket waits for a full one, and the next waits for the rest."""
    bucket = buckets(1.0, 2.0)
    assert bucket.take("s", 10) == 0.0
    assert bucket.take("s", 1) == pytest.approx(9.0, abs=0.5)


@both
def test_each_sender_has_a_bucket(buckets: MakeBuckets) -> None:
    """One that is empty does not hold up another."""
    bucket = buckets(0.001, 1.0)
    assert bucket.take("a", 1) == 0.0
    assert bucket.take("a", 1) > 0.0
    assert bucket.take("b", 1) == 0.0


@both
def test_a_bucket_is_shared_between_threads(buckets: MakeBuckets) -> None:
    """Of a hundred that ask at once, as many get through as the bucket holds."""
    bucket = buckets(0.001, 20.0)
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: bucket.take("s", 1), range(100)))
    assert waits.count(0.0) == 20


@both
def test_a_lock_keeps_others_out_until_given_back(locks: Locks) -> None:
    """And is free for the next one after."""
    with locks.hold("cnv_1") as mine:
        assert mine
        with locks.hold("cnv_1") as second:
            assert not second
        with locks.hold("cnv_1") as third:
            assert not third, "somebody who did not get it must not give it back"
        with locks.hold("cnv_2") as other:
            assert other
    with locks.hold("cnv_1") as again:
        assert again


@both
def test_a_lock_is_given_back_when_the_turn_fails(locks: Locks) -> None:
    """An error does not hold up the conversation."""
    with pytest.raises(KeyError), locks.hold("cnv_1"):
        raise KeyError
    with locks.hold("cnv_1") as again:
        assert again


@both
def test_a_lock_that_is_not_given_back_runs_out(locks: Locks) -> None:
    """Who held it too long does not free it for the one who took it since."""
    with locks.hold("cnv_1", lease=0.05):
        time.sleep(0.1)
        second = locks.hold("cnv_1")
        assert second.__enter__()
    with locks.hold("cnv_1") as third:
        assert not third
    second.__exit__(None, None, None)


@both
def test_a_lock_can_be_waited_for(locks: Locks) -> None:
    """The second one gets it as soon as the first is done."""
    with ThreadPoolExecutor(1) as pool:
        with locks.hold("cnv_1"):
            waiting = pool.submit(_holds, locks, 5.0)
            time.sleep(0.1)
            assert not waiting.done()
        assert waiting.result(5)
        with locks.hold("cnv_1"):
            assert not _holds(locks, 0.05)


def _holds(locks: Locks, wait: float) -> bool:
    with locks.hold("cnv_1", wait=wait) as mine:
        return mine


@both
def test_turns_of_one_conversation_do_not_overlap(locks: Locks) -> None:
    """Eight threads, one at a time."""
    inside, most = 0, 0

    def turn(_: int) -> None:
        nonlocal inside, most
        with locks.hold("cnv_1", wait=10.0) as mine:
            assert mine
            inside += 1
            most = max(most, inside)
            time.sleep(0.005)
            inside -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(turn, range(24)))
    assert most == 1


@pytest.fixture
def no_redis() -> Iterator[Redis]:
    """A client of a Redis that is not there."""
    client = Redis.from_url(f"redis://127.0.0.1:{free_port()}/0", socket_connect_timeout=0.2)
    yield client
    client.close()


def test_without_redis_work_goes_on(no_redis: Redis) -> None:
    """Redis is speed only: when it is away, waits time out, rates are kept in-process, locks are granted."""
    wakeups = RedisWakeups(no_redis)
    wakeups.notify("inbound")
    assert not wakeups.wait("inbound", 0.05)
    bucket = RedisBuckets(no_redis, 0.001, 1.0, MemoryBuckets(0.001, 1.0))
    assert bucket.take("s", 1) == 0.0
    assert bucket.take("s", 1) > 0.0
    with RedisLocks(no_redis).hold("cnv_1") as mine:
        assert mine


def test_a_flush_loses_nothing(redis_client: Redis) -> None:
    """After a flush locks can be taken, buckets are full and notices still come."""
    wakeups, locks = RedisWakeups(redis_client), RedisLocks(redis_client)
    wakeups.wait("inbound", 0.01)
    with locks.hold("cnv_1"):
        redis_client.flushall()
        with locks.hold("cnv_1") as taken:
            assert taken
    wakeups.notify("inbound")
    assert wakeups.wait("inbound", 5.0)
    wakeups.close()


def test_no_number_in_redis(redis_client: Redis) -> None:
    """The sender's number is in no key, and every key goes away by itself."""
    RedisBuckets(redis_client, 1.0, 1.0, MemoryBuckets(1.0, 1.0)).take("+12025550123", 1)
    with RedisLocks(redis_client).hold("cnv_1"):
        keys = list(redis_client.scan_iter())
        assert len(keys) == 2
        assert not any(b"2025550123" in key for key in keys)
        assert all(redis_client.pttl(key) > 0 for key in keys)
