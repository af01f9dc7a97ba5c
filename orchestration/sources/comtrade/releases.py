"""What UN Comtrade has released, and when: asked once a pull, so that only what is new is asked for.

Belongs here: the publisher's list of releases (`getDa`) and what it says of a part. Does not belong here:
asking for data and what to do where the list says nothing (module `pull`).

The list needs no key, takes nothing from a key's daily calls, and names each reporter and period with its
last release and a checksum. `getLiveUpdate` needs a key and names the most recent updates only, so that
after a longer pause one could be missing there. A list that is cut or of another shape is no list: what is
absent from it would look as if it had not been released.
"""

import hashlib
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Any

import httpx

from orchestration import http
from orchestration.sources.comtrade.answers import BadAnswer, read
from orchestration.sources.comtrade.countries import comtrade_code
from orchestration.sources.comtrade.query import Query
from orchestration.sources.comtrade.service import Service

Block = tuple[str, str]  # the publisher's code of a reporter, and a period
_ATTEMPTS = 2  # without the list everything is asked for, so that long waiting would be no gain


class Unknown(Exception):
    """The publisher does not say what it has released; the message is the reason."""


@dataclass(frozen=True)
class Releases:
    """Each reporter and period that is released, with the day of its last release and its listed state."""

    days: Mapping[Block, date]
    states: Mapping[Block, str]

    def version(self, part: Query) -> str:
        """A short text that changes whenever any reporter and period of a part is released or revised."""
        listed = [f"{block} {self.states[block]}" for block in _blocks(part) if block in self.states]
        return f"releases {hashlib.sha256(' | '.join(listed).encode()).hexdigest()[:32]}"

    def published(self, part: Query) -> date | None:
        """The day of the newest release in a part, or None where nothing of it is listed."""
        return max((self.days[block] for block in _blocks(part) if block in self.days), default=None)

    def explain(self, rows: Iterable[Mapping[str, Any]]) -> bool:
        """Whether the list names whatever an answer has rows of; else it says nothing of that answer."""
        return all((str(row.get("reporterCode")), str(row.get("period"))) in self.days for row in rows)


def ask(client: httpx.Client, asked: Service, query: Query) -> Releases:
    """Ask once for all releases of a query's reporters.

    Raises:
        Unknown: no answer, a refusal, or a list that cannot be relied on.
    """
    policy = replace(asked.policy, attempts=min(_ATTEMPTS, asked.policy.attempts))
    params = {"reporterCode": ",".join(map(comtrade_code, query.reporters))}
    try:
        body = http.get(client, asked.releases_url(query), params, {}, policy)
        rows, is_cut = read(body, sys.maxsize)
    except (http.Unreachable, http.Refused, BadAnswer) as error:
        raise Unknown(str(error)) from None
    if is_cut or len(rows) == asked.releases_cap:
        raise Unknown(f"the list is cut at {len(rows):,} rows")
    return from_rows(rows)


def from_rows(rows: Iterable[Mapping[str, Any]]) -> Releases:
    """The releases that the rows of a list state; several of one reporter and period count together.

    Raises:
        Unknown: a row without reporter, period or the moment of its last release.
    """
    days: dict[Block, date] = {}
    states: dict[Block, list[str]] = {}
    for row in rows:
        try:
            block = (str(row["reporterCode"]), str(row["period"]))
            day = date.fromisoformat(str(row["lastReleased"])[:10])
        except (KeyError, ValueError):
            raise Unknown("the list's rows are not as they were: no reporter, period or release") from None
        days[block] = max(day, days.get(block, day))
        kept = (row.get(name) for name in ("lastReleased", "classificationCode", "datasetChecksum"))
        states.setdefault(block, []).append(" ".join(map(str, kept)))
    return Releases(days, {block: ", ".join(sorted(found)) for block, found in states.items()})


def _blocks(part: Query) -> Iterable[Block]:
    return product(map(comtrade_code, part.reporters), part.periods)
