"""Fetching Brazil's year files, one for each direction.

Belongs here: which years and directions, and where their files stand. Does not belong here: asking and the
inbox (`remote`), what the files mean (`adapter`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from orchestration import remote
from orchestration.ledger import Ledger
from orchestration.publishers import publisher
from orchestration.pulls import Progress, PullOptions, PullReport, QueryError
from orchestration.remote import RemoteFile
from orchestration.settings import Settings
from orchestration.sources import load_source

SOURCE = "comexstat"
_FILES = {"X": ("EXP", "export"), "M": ("IMP", "import")}


@dataclass(frozen=True)
class Query:
    """Years of some directions (`X` exports, `M` imports); `running` is the year that is not over."""

    flows: tuple[str, ...]
    years: tuple[int, ...]
    running: int

    @property
    def key(self) -> str:
        """The same for the same question."""
        return f"{','.join(self.flows)} {','.join(map(str, self.years))}"


def default_queries(today: date, pull_spec: Mapping[str, Any]) -> list[Query]:
    """The daily queries of source.yml, if any: the last `years` years, the running one included."""
    last = today.year
    return [
        Query(_flows(entry["flow"]), tuple(range(last - int(entry["years"]) + 1, last + 1)), last)
        for entry in pull_spec["defaults"]
    ]


def queries(options: PullOptions, today: date) -> list[Query]:
    """Whole years from `--from` to `--to` (the running year unless given), both directions unless `--flow`.

    Raises:
        QueryError: another option, or a value that is no year or direction of this source.
    """
    options.only("Comex Stat, whose files hold a whole year of a direction", "--flow", "--from", "--to")
    start = _year("--from", options.first or options.last or str(today.year), today)
    end = _year("--to", options.last or str(today.year), today)
    if end < start:
        raise QueryError("--to", f"{end} is before {start}")
    given = [flow.strip().upper() for flow in options.flow.split(",")] if options.flow else _FILES
    return [Query(_flows(given), tuple(range(start, end + 1)), today.year)]


def pull(
    query: Query,
    settings: Settings,
    ledger: Ledger,
    progress: Progress | None = None,
    *,
    again: bool = False,
    pull_spec: Mapping[str, Any] | None = None,
) -> PullReport:
    """Fetch the year files that are new or made anew; they go to the inbox, each with its manifest.

    The running year has no file until its first month is out, which is no failure. `pull_spec` is the `pull`
    section of source.yml unless given.

    Raises:
        PublisherUnreachable: no usable answer in all attempts.
        PullError: the publisher refuses, or a file failed.
    """
    spec = pull_spec if pull_spec is not None else _spec()
    asked = publisher(SOURCE, spec)
    files = [
        _file(asked.base, spec["path"], flow, year, may_be_missing=year == query.running)
        for year in query.years
        for flow in query.flows
    ]
    return remote.fetch(asked, query.key, files, settings, ledger, progress, again=again)


def _file(base: str, path: str, flow: str, year: int, *, may_be_missing: bool) -> RemoteFile:
    prefix, direction = _FILES[flow]
    name = f"{prefix}_{year}.csv"
    return RemoteFile(
        key=name,
        url=f"{base}/{path.format(direction=prefix, year=year)}",
        name=name,
        given={"direction": direction},
        dated_by_header=True,
        may_be_missing=may_be_missing,
    )


def _flows(given: Iterable[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(given))
    for flow in found:
        if flow not in _FILES:
            raise QueryError("--flow", f"{flow!r} is neither X (exports) nor M (imports)")
    return found


def _year(option: str, text: str, today: date) -> int:
    match = re.fullmatch(r"([0-9]{4})(-[0-9]{2})?", text.strip())
    first = int(_spec()["first_year"])
    if match is None or not first <= int(match[1]) <= today.year:
        raise QueryError(option, f"{text!r} is no year from {first} to {today.year}")
    return int(match[1])


def _spec() -> Mapping[str, Any]:
    return load_source(SOURCE).pull or {}
