"""Where and how to ask UN Comtrade: the keyless preview, or the keyed endpoint where there is a key.

Belongs here: addresses, parameters, limits, the key. Does not belong here: the exchange itself (`http`),
what comes back (module `pull`).

The key (environment `COMTRADE_API_KEY`) travels in a header only; it is in no URL, file, ledger or message.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from orchestration import http
from orchestration.pulls import PullError
from orchestration.sources.comtrade.countries import comtrade_code
from orchestration.sources.comtrade.query import FREQUENCIES, Query

PUBLISHER = "UN Comtrade"
KEY_HEADER = "Ocp-Apim-Subscription-Key"


@dataclass(frozen=True)
class Service:
    """Where and how to ask; the key is kept out of `repr`."""

    base: str
    path: str
    cap: int
    policy: http.Policy
    parameters: Mapping[str, str]
    releases_path: str
    releases_cap: int
    key: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """The key's header, or none."""
        return {KEY_HEADER: self.key} if self.key else {}

    def url(self, part: Query) -> str:
        """The address without parameters."""
        return f"{self.base}/{self.path}/C/{FREQUENCIES[part.frequency]}/HS"

    def releases_url(self, query: Query) -> str:
        """The address of the list of releases; it takes no key."""
        return f"{self.base}/{self.releases_path}/C/{FREQUENCIES[query.frequency]}/HS"

    def params(self, part: Query) -> dict[str, str]:
        """The parameters of one call; the fixed ones of source.yml ask for totals only."""
        return {
            "reporterCode": ",".join(map(comtrade_code, part.reporters)),
            "partnerCode": ",".join(map(comtrade_code, part.partners)),
            "flowCode": part.flow,
            "period": ",".join(part.periods),
            "cmdCode": ",".join(part.hs),
            **self.parameters,
            "maxRecords": str(self.cap),
        }


def service(pull_spec: Mapping[str, Any]) -> Service:
    """The endpoint to use: with a key in the environment the keyed one, else the preview.

    Raises:
        PullError: COMTRADE_BASE_URL or COMTRADE_API_KEY cannot be used; the key is not quoted.
    """
    key = os.environ.get("COMTRADE_API_KEY", "").strip()
    if not re.fullmatch(r"[!-~]*", key):
        raise PullError("COMTRADE_API_KEY holds characters that no key has; copy it again")
    base = (os.environ.get("COMTRADE_BASE_URL") or str(pull_spec["base_url"])).strip().rstrip("/")
    _check_base(base, with_key=bool(key))
    endpoint = pull_spec["keyed" if key else "preview"]
    return Service(
        base=base,
        path=str(endpoint["path"]),
        cap=int(endpoint["cap"]),
        policy=http.Policy(**pull_spec["policy"]),
        parameters={name: str(value) for name, value in pull_spec["parameters"].items()},
        key=key,
        releases_path=str(pull_spec["releases"]["path"]),
        releases_cap=int(pull_spec["releases"]["cap"]),
    )


def _check_base(base: str, *, with_key: bool) -> None:
    """Refuse an address that is no plain http(s) URL, or that would carry the key in the clear."""
    address = urlsplit(base)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise PullError("COMTRADE_BASE_URL must start with http:// or https:// and name a host")
    if address.username or address.password or address.query or address.fragment:
        raise PullError("COMTRADE_BASE_URL must be an address only: no user, password or parameters in it")
    if with_key and address.scheme != "https" and not http.is_loopback(base):
        raise PullError(
            "COMTRADE_BASE_URL must be https:// while COMTRADE_API_KEY is set, or the key would travel in the"
            " clear (http:// is allowed for this machine only)"
        )
