"""Asking a publisher over HTTP: bounded, polite, patient, and silent about secrets.

Belongs here: the client, retries, limits. Does not belong here: reading words and headers of an answer
(`http_text`), what an answer means, where it is stored, any one publisher.
"""

import ipaddress
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

import httpx
import stamina

from orchestration.http_text import ERROR_BYTES, redact, retry_after, words

# Retries go to the log, as stamina would print them on standard output wherever structlog is installed, and
# nowhere while nobody has set up logging.
stamina.instrumentation.set_on_retry_hooks([stamina.instrumentation.LoggingOnRetryHook])
logging.getLogger("stamina").addHandler(logging.NullHandler())
# Its debug lines repeat whole headers, in which a publisher may repeat a secret.
logging.getLogger("httpcore").setLevel(logging.INFO)

# Per host and process, so that the pause also holds between two pulls in a row.
_last_request: dict[str, float] = {}


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


class _Passing(RuntimeError):
    """A failure that may pass: worth another attempt."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


def make_client(url: str, policy: Policy, on_request: Callable[[], None] = lambda: None) -> httpx.Client:
    """A client for one publisher; `on_request` is called before every request, repeats included."""

    def before(request: httpx.Request) -> None:
        on_request()
        _pause(request.url.netloc.decode(), policy.min_interval)

    return httpx.Client(
        headers={"User-Agent": f"dualuse-trade/{_version()}", "Accept": "application/json"},
        timeout=httpx.Timeout(policy.read_timeout, connect=policy.connect_timeout),
        follow_redirects=False,  # done in `_exchange`: httpx would carry our own headers to another host
        trust_env=not is_loopback(url),
        event_hooks={"request": [before]},
    )


def get(
    client: httpx.Client, url: str, params: Mapping[str, str], headers: Mapping[str, str], policy: Policy
) -> bytes:
    """The body of a successful answer.

    The values of `headers` count as secrets: no error and no log line carries them. Redirects are followed
    within the same host only.

    Raises:
        Unreachable: 429, 5xx, a cut body or a timeout in every attempt, or twice no connection.
        Refused: any other answer that is no success, a foreign redirect, or a body above `max_bytes`.
    """
    secrets = [value for value in headers.values() if value]
    request = client.build_request("GET", url, params=params, headers=headers)
    try:
        for attempt in stamina.retry_context(
            on=_wait_for,
            attempts=policy.attempts,
            timeout=None,
            wait_initial=policy.wait_initial,
            wait_max=policy.wait_max,
            wait_jitter=policy.wait_jitter,
        ):
            with attempt:
                return _attempt(client, request, policy, secrets)
    except _Passing as error:
        raise Unreachable(f"{error} (after {policy.attempts} attempts)") from None
    raise AssertionError("unreachable: the last attempt returns or raises")


def is_loopback(url: str) -> bool:
    """Whether a URL points at this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _version() -> str:
    try:
        return version("dualuse-trade")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0"


def _pause(host: str, interval: float) -> None:
    since = time.monotonic() - _last_request.get(host, float("-inf"))
    if since < interval:
        time.sleep(interval - since)
    _last_request[host] = time.monotonic()


def _wait_for(error: Exception) -> bool | float:
    """Stamina's question after a failure: again at all, and after how long."""
    if not isinstance(error, _Passing):
        return False
    return True if error.wait is None else error.wait


def _attempt(client: httpx.Client, request: httpx.Request, policy: Policy, secrets: list[str]) -> bytes:
    """One attempt; every error that leaves here is free of secrets (`from None` drops httpx's own)."""
    try:
        return _exchange(client, request, policy, secrets)
    except httpx.TimeoutException as error:
        seconds = policy.connect_timeout if isinstance(error, httpx.ConnectTimeout) else policy.read_timeout
        raise _Passing(f"no answer within {seconds:g} s") from None
    except httpx.ConnectError as error:
        raise Unreachable(redact(str(error) or "no connection", secrets)) from None
    except httpx.RequestError as error:
        raise _Passing(redact(str(error) or type(error).__name__, secrets)) from None
    except _Passing as error:
        raise _Passing(redact(str(error), secrets), error.wait) from None
    except Refused as error:
        raise Refused(redact(str(error), secrets)) from None


def _send(client: httpx.Client, request: httpx.Request, policy: Policy) -> httpx.Response:
    """Where nobody answers at all, one more try: minutes of waiting would not bring a network back."""
    try:
        return client.send(request, stream=True)
    except httpx.ConnectError:
        time.sleep(policy.wait_initial)
        return client.send(request, stream=True)


def _exchange(client: httpx.Client, request: httpx.Request, policy: Policy, secrets: list[str]) -> bytes:
    for _ in range(policy.max_redirects + 1):
        response = _send(client, request, policy)
        try:
            if response.next_request is None:
                return _body(response, policy, secrets)
            target = response.next_request
        finally:
            response.close()
        if (target.url.scheme, target.url.netloc) != (request.url.scheme, request.url.netloc):
            raise Refused(f"redirects to another place: {target.url.scheme}://{target.url.host}")
        if any(secret in str(target.url) for secret in secrets):
            raise Refused("redirects to an address that holds the access key")
        request = target
    raise Refused(f"redirects more than {policy.max_redirects} times")


def _body(response: httpx.Response, policy: Policy, secrets: list[str]) -> bytes:
    status = response.status_code
    if response.is_success:
        body, whole = _read(response, policy.max_bytes, policy)
        if not whole:
            raise Refused(f"sent more than {policy.max_bytes:,} bytes")
        return body
    said = f"HTTP {status}: {words(_read(response, ERROR_BYTES, policy)[0], secrets)}"
    if status == 429 or status >= 500:
        raise _Passing(said, retry_after(response.headers.get("Retry-After"), policy.retry_after_max))
    raise Refused(said)


def _read(response: httpx.Response, limit: int, policy: Policy) -> tuple[bytes, bool]:
    """The body up to `limit` bytes, and whether that is all of it."""
    deadline = time.monotonic() + policy.body_timeout
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > limit:
            return bytes(body[:limit]), False
        if time.monotonic() > deadline:
            raise _Passing(f"the answer took more than {policy.body_timeout:g} s")
    return bytes(body), True
