"""Asking a publisher over HTTP: bounded, polite, patient, and silent about secrets.

Belongs here: the client, retries, small answers in memory. Does not belong here: limits and errors
(`http_rules`), answers that are files (`http_file`), reading words and headers (`http_text`), what an answer
means, any one publisher.
"""

import ipaddress
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import stamina

from orchestration.http_rules import Passing as Passing
from orchestration.http_rules import Policy as Policy
from orchestration.http_rules import Refused as Refused
from orchestration.http_rules import Unreachable as Unreachable
from orchestration.http_text import ERROR_BYTES, redact, retry_after, words

# Retries go to the log, as stamina would print them on standard output wherever structlog is installed, and
# nowhere while nobody has set up logging.
stamina.instrumentation.set_on_retry_hooks([stamina.instrumentation.LoggingOnRetryHook])
logging.getLogger("stamina").addHandler(logging.NullHandler())
# Its debug lines repeat whole headers, in which a publisher may repeat a secret.
logging.getLogger("httpcore").setLevel(logging.INFO)


def _without_parameters(line: logging.LogRecord) -> bool:
    """Keep the line, but not the parameters of its address: some publishers take a key there."""
    if isinstance(line.args, tuple):
        line.args = tuple(a.copy_with(query=None) if isinstance(a, httpx.URL) else a for a in line.args)
    return True


logging.getLogger("httpx").addFilter(_without_parameters)

Answer = TypeVar("Answer")

# Per host and process, so that the pause also holds between two pulls in a row.
_last_request: dict[str, float] = {}


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
    client: httpx.Client,
    url: str,
    params: Mapping[str, str | Sequence[str]],
    headers: Mapping[str, str],
    policy: Policy,
    secrets: Sequence[str] = (),
) -> bytes:
    """The body of a successful answer; of no bytes where the publisher says that there is none (204).

    The values of `headers` and the texts in `secrets` (a key among the parameters) are secret: no error and
    no log line carries them. Redirects are followed within the same host only.

    Raises:
        Unreachable: 429, 5xx, a cut body or a timeout in every attempt, or twice no connection.
        Refused: any other answer that is no success, a foreign redirect, or a body above `max_bytes`.
    """
    request = client.build_request("GET", url, params=params, headers=headers)

    def whole(response: httpx.Response) -> bytes:
        body, is_whole = _read(response, policy.max_bytes, policy)
        if not is_whole:
            raise Refused(f"sent more than {policy.max_bytes:,} bytes")
        return body

    return ask(client, request, policy, [text for text in (*headers.values(), *secrets) if text], whole)


def ask(
    client: httpx.Client,
    request: httpx.Request,
    policy: Policy,
    secrets: list[str],
    take: Callable[[httpx.Response], Answer],
) -> Answer:
    """What `take` makes of a successful answer, or of "not modified"; it may raise Passing and Refused.

    Raises as `get` does.
    """
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
                return _attempt(client, request, policy, secrets, take)
    except Passing as error:
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
    if not isinstance(error, Passing):
        return False
    return True if error.wait is None else error.wait


def _attempt(
    client: httpx.Client,
    request: httpx.Request,
    policy: Policy,
    secrets: list[str],
    take: Callable[[httpx.Response], Answer],
) -> Answer:
    """One attempt; every error that leaves here is free of secrets (`from None` drops httpx's own)."""
    try:
        return _exchange(client, request, policy, secrets, take)
    except httpx.TimeoutException as error:
        seconds = policy.connect_timeout if isinstance(error, httpx.ConnectTimeout) else policy.read_timeout
        raise Passing(f"no answer within {seconds:g} s") from None
    except httpx.ConnectError as error:
        raise Unreachable(redact(str(error) or "no connection", secrets)) from None
    except httpx.RequestError as error:
        raise Passing(redact(str(error) or type(error).__name__, secrets)) from None
    except Passing as error:
        raise Passing(redact(str(error), secrets), error.wait) from None
    except Refused as error:
        raise Refused(redact(str(error), secrets), error.status) from None


def _send(client: httpx.Client, request: httpx.Request, policy: Policy) -> httpx.Response:
    """Where nobody answers at all, one more try: minutes of waiting would not bring a network back."""
    try:
        return client.send(request, stream=True)
    except httpx.ConnectError:
        time.sleep(policy.wait_initial)
        return client.send(request, stream=True)


def _exchange(
    client: httpx.Client,
    request: httpx.Request,
    policy: Policy,
    secrets: list[str],
    take: Callable[[httpx.Response], Answer],
) -> Answer:
    for _ in range(policy.max_redirects + 1):
        response = _send(client, request, policy)
        try:
            if response.next_request is None:
                _check_status(response, policy, secrets)
                return take(response)
            target = response.next_request
        finally:
            response.close()
        if (target.url.scheme, target.url.netloc) != (request.url.scheme, request.url.netloc):
            raise Refused(f"redirects to another place: {target.url.scheme}://{target.url.host}")
        if any(secret in str(target.url) for secret in secrets):
            raise Refused("redirects to an address that holds the access key")
        request = target
    raise Refused(f"redirects more than {policy.max_redirects} times")


def _check_status(response: httpx.Response, policy: Policy, secrets: list[str]) -> None:
    status = response.status_code
    asked_for_news = {"if-none-match", "if-modified-since"} & set(response.request.headers)
    if response.is_success or (status == httpx.codes.NOT_MODIFIED and asked_for_news):
        return
    said = f"HTTP {status}: {words(_read(response, ERROR_BYTES, policy)[0], secrets)}"
    if status == 429 or status >= 500:
        raise Passing(said, retry_after(response.headers.get("Retry-After"), policy.retry_after_max))
    raise Refused(said, status)


def _read(response: httpx.Response, limit: int, policy: Policy) -> tuple[bytes, bool]:
    """The body up to `limit` bytes, and whether that is all of it."""
    deadline = time.monotonic() + policy.body_timeout
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > limit:
            return bytes(body[:limit]), False
        if time.monotonic() > deadline:
            raise Passing(f"the answer took more than {policy.body_timeout:g} s")
    return bytes(body), True
