"""A publisher as its source.yml and the environment describe it: where to ask, and how politely.

Belongs here: address, limits and checks that every publisher shares. Does not belong here: asking (`http`,
`remote`), the paths and parameters of any one publisher.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from orchestration import http
from orchestration.pulls import PullError
from orchestration.sources import load_source


@dataclass(frozen=True)
class Publisher:
    """Where to ask for a source; `secret_headers` are in no message, and kept out of `repr`."""

    source: str
    name: str
    base: str
    policy: http.Policy
    every_hours: float = 24
    secret_headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def publisher(
    source: str, pull_spec: Mapping[str, Any] | None = None, secret_headers: Mapping[str, str] | None = None
) -> Publisher:
    """The publisher of a source, from the `pull` section of its source.yml (or the one given).

    `base_url` is overridden by the environment `<SOURCE>_BASE_URL`; `policy` holds fields of `http.Policy`.

    Raises:
        PullError: there is no such section, or the address cannot be used.
    """
    spec = load_source(source)
    asked = pull_spec if pull_spec is not None else spec.pull
    if asked is None:
        raise PullError(f"{spec.publisher}: source.yml has no pull section")
    name = f"{source.upper()}_BASE_URL"
    base = (os.environ.get(name) or str(asked["base_url"])).strip().rstrip("/")
    check_base(name, base, with_secret=bool(secret_headers))
    return Publisher(
        source=source,
        name=spec.publisher,
        base=base,
        policy=http.Policy(**asked.get("policy", {})),
        every_hours=float(asked.get("every_hours", 24)),
        secret_headers=secret_headers or {},
    )


def check_base(name: str, base: str, *, with_secret: bool) -> None:
    """Refuse an address that is no plain http(s) URL, or that would carry a secret in the clear.

    Raises:
        PullError: naming the setting `name`.
    """
    address = urlsplit(base)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise PullError(f"{name} must start with http:// or https:// and name a host")
    if address.username or address.password or address.query or address.fragment:
        raise PullError(f"{name} must be an address only: no user, password or parameters in it")
    if with_secret and address.scheme != "https" and not http.is_loopback(base):
        raise PullError(f"{name} must be https://, or the access key would travel in the clear")
