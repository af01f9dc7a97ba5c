"""Pulling Eurostat's months: the listing says which there are and when each was published.

Belongs here: reading the listing, choosing months, their addresses. Does not belong here: fetching and
storing (`orchestration.remote`), what a file means (module `adapter`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any

from orchestration import remote
from orchestration.ledger import Ledger
from orchestration.manifest import span
from orchestration.publishers import publisher
from orchestration.pulls import Progress, PullError, PullReport
from orchestration.remote import RemoteFile
from orchestration.settings import Settings

SOURCE = "comext"
FOLDER = "comext/COMEXT_DATA/PRODUCTS"
_NAME = re.compile(r"full_v2_((?:19|20)\d{2})(0[1-9]|1[0-2])\.7z")  # month 52 is the year, which repeats it
_ROW = re.compile(r"<tr\b.*?</tr\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_DAY = re.compile(r"\b(?:(\d{4})-(\d{2})-(\d{2})|(\d{2})[/.-](\d{2})[/.-](\d{4}))\b")
_MOMENT = re.compile(_DAY.pattern + r"(?:[T ,]+\d{2}:\d{2}(?::\d{2})?)?")


@dataclass(frozen=True)
class Query:
    """Months from `first` to `last` (`2024-02`), or the newest `months` of the listing."""

    first: str = ""
    last: str = ""
    months: int = 0

    @property
    def key(self) -> str:
        """The query as text, by which the journal knows it again."""
        return f"months {self.first}..{self.last}" if self.first else f"the newest {self.months} months"


@dataclass(frozen=True)
class Listed:
    """One month in the listing: its name, when it was published, and that as the listing writes it."""

    name: str
    month: str
    published: date | None
    version: str


def default_queries(today: date, pull_spec: Mapping[str, Any]) -> list[Query]:
    """The daily query: the newest months that are published."""
    return [Query(months=int(pull_spec["months"]))]


def queries(options: Any, today: date) -> list[Query]:
    """The months from `--from` to `--to` (this month where it is not given).

    Raises:
        PullError: another option was given, or a month is none.
    """
    options.only("Eurostat Comext", "--from", "--to")
    options.need("--from")
    return [months(options.first, options.last or f"{today:%Y-%m}")]


def months(first: str, last: str) -> Query:
    """A query for a span of months; a year stands for its months.

    Raises:
        PullError: naming the option.
    """
    ends = []
    for option, text in (("--from", first), ("--to", last)):
        try:
            ends.append(span(text))
        except ValueError as error:
            raise PullError(f"{option}: {error}") from None
    start, end = ends[0][0], ends[1][1]
    if end < start:
        raise PullError(f"--to: {last} is before --from {first}")
    return Query(f"{start:%Y-%m}", f"{end:%Y-%m}")


def pull(
    query: Query,
    settings: Settings,
    ledger: Ledger,
    progress: Progress | None = None,
    *,
    again: bool = False,
    pull_spec: Mapping[str, Any] | None = None,
) -> PullReport:
    """Fetch the months asked for that are new or revised by the listing's date.

    Raises:
        PublisherUnreachable: no usable answer in all attempts.
        PullError: the publisher refuses, the listing holds no month, or files failed.
    """
    asked = publisher(SOURCE, pull_spec)
    page = remote.listing(asked, f"{asked.base}/files/", {"sort": "1", "dir": FOLDER})
    listed = read_listing(page.decode("utf-8", "replace"))
    if not listed:
        raise PullError(f"{asked.name}: the listing names no file full_v2_YYYYMM.7z; its layout has changed")
    files = [_remote(asked.base, month) for month in _chosen(query, listed)]
    if not files:
        newest = max(each.month for each in listed)
        raise PullError(
            f"{asked.name} lists none of the months {query.first} to {query.last}; newest: {newest}"
        )
    return remote.fetch(asked, query.key, files, settings, ledger, progress, again=again)


def read_listing(page: str) -> list[Listed]:
    """The months that a listing names, oldest first; annual files and those in parts are left out."""
    found: dict[str, Listed] = {}
    for row in _ROW.findall(page):
        text = " ".join(unescape(_TAG.sub(" ", row)).split())
        name = _NAME.search(unescape(row))
        if name is None:
            continue
        moment = _MOMENT.search(text.replace(name[0], " "))
        month = f"{name[1]}-{name[2]}"
        found[month] = Listed(
            name[0], month, _date(moment[0]) if moment else None, moment[0] if moment else ""
        )
    return [found[month] for month in sorted(found)]


def _date(text: str) -> date | None:
    found = _DAY.search(text)
    if found is None:
        return None
    year, month, day = found.group(1, 2, 3) if found[1] else found.group(6, 5, 4)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _chosen(query: Query, listed: list[Listed]) -> list[Listed]:
    if not query.first:
        return listed[-query.months :]
    return [each for each in listed if query.first <= each.month <= query.last]


def _remote(base: str, month: Listed) -> RemoteFile:
    url = f"{base}/files?file={FOLDER.replace('/', '%2F')}%2F{month.name}"
    given = {"published": month.published} if month.published else {}
    return RemoteFile(month.name, url, month.name, month.version, given, dated_by_header=True)
