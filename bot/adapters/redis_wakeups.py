"""Wake-ups across machines, by Redis publish and subscribe."""

from __future__ import annotations

import logging
import threading
import time

from redis import Redis
from redis.client import PubSub
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
PREFIX = "followthrough:wake:"


class RedisWakeups:
    """See :class:`bot.adapters.ports.Wakeups`. While Redis is away, waits last their whole time and answer False."""

    def __init__(self, client: Redis) -> None:
        """Each thread that waits gets a subscription of its own for each topic."""
        self._client = client
        self._mine = threading.local()
        self._guard = threading.Lock()
        self._open: list[PubSub] = []

    def notify(self, topic: str) -> None:
        """Wake everybody who waits on ``topic``."""
        try:
            self._client.publish(PREFIX + topic, "1")
        except RedisError as error:
            log.warning("wakeup_not_sent topic=%s error=%s", topic, type(error).__name__)

    def wait(self, topic: str, timeout: float) -> bool:
        """True as soon as ``topic`` is notified, False after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        try:
            return self._hear(self._subscription(topic), deadline)
        except RedisError as error:
            log.warning("wakeup_not_heard topic=%s error=%s", topic, type(error).__name__)
            self._mine.__dict__.pop(topic, None)
            time.sleep(max(0.0, deadline - time.monotonic()))
            return False

    def close(self) -> None:
        """Close every subscription."""
        with self._guard:
            for subscription in self._open:
                subscription.close()
            self._open.clear()

    def _subscription(self, topic: str) -> PubSub:
        mine: dict[str, PubSub] = self._mine.__dict__
        if topic not in mine:
            subscription: PubSub = self._client.pubsub()  # type: ignore[no-untyped-call]
            subscription.subscribe(PREFIX + topic)
            subscription.get_message(timeout=1.0)  # the answer to subscribe: from here on notices are heard
            mine[topic] = subscription
            with self._guard:
                self._open.append(subscription)
        return mine[topic]

    def _hear(self, subscription: PubSub, deadline: float) -> bool:
        while (left := deadline - time.monotonic()) > 0:
            message = subscription.get_message(timeout=left)
            if message and message["type"] == "message":
                self._drain(subscription)
                return True
        return self._drain(subscription)

    @staticmethod
    def _drain(subscription: PubSub) -> bool:
        """Take what else has come, so that many notices wake once."""
        heard = False
        while message := subscription.get_message(timeout=0):
            heard = heard or message["type"] == "message"
        return heard
