"""The limits of an exchange with a publisher, and the ways in which one fails.

Belongs here: these types, which every module of an exchange shares. Does not belong here: the exchange
itself (`http`).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Limits of one exchange; all times in seconds.

    A request is tried `attempts` times. The wait between doubles from `wait_initial` to `wait_max`; a
    `Retry-After` of the publisher goes before it, up to `retry_after_max`. `body_timeout` bounds a whole
    answer, so that one that drips does not hold us for ever.
    """

    attempts: int = 5
    wait_initial: float = 2.0
    wait_max: float = 60.0
    wait_jitter: float = 1.0
    retry_after_max: float = 120.0
    connect_timeout: float = 5.0
    read_timeout: float = 60.0
    body_timeout: float = 600.0
    min_interval: float = 1.0
    max_bytes: int = 512 << 20
    max_redirects: int = 3


class Unreachable(RuntimeError):
    """No usable answer in all attempts; the message is the last failure."""


class Refused(RuntimeError):
    """An answer that asking again would not change; the message holds the publisher's words."""

    def __init__(self, message: str, status: int | None = None) -> None:
        """Keep the HTTP status where an answer had one that is no success."""
        super().__init__(message)
        self.status = status


class Passing(RuntimeError):
    """A failure that may pass: worth another attempt."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        """Keep how long the publisher asks us to wait, if it does."""
        super().__init__(message)
        self.wait = wait
