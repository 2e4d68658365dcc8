"""Letters kept in memory: the twin of :class:`bot.adapters.mail.SmtpMail`."""

from __future__ import annotations

from collections import deque

from bot.adapters.mail import Mail


class MemoryMail:
    """See :class:`bot.adapters.mail.MailApi`. ``kept`` is everything that was taken, oldest first."""

    def __init__(self) -> None:
        """Takes everything until told otherwise."""
        self.kept: list[Mail] = []
        self._troubles: deque[tuple[bool, Exception]] = deque()

    def fail_next(self, error: Exception, taken: bool = False) -> None:
        """The next letter (after those told before) raises ``error``; it is kept if ``taken``."""
        self._troubles.append((taken, error))

    def send(self, mail: Mail) -> None:
        """See the port."""
        taken, error = self._troubles.popleft() if self._troubles else (True, None)
        if taken:
            self.kept.append(mail)
        if error is not None:
            raise error

    def ready(self) -> None:
        """See the port."""
        if self._troubles:
            raise self._troubles[0][1]
