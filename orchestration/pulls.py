"""Pulling from publishers, whoever they are: what a pull reports, and what is due.

Belongs here: the shared types and errors, when a source is due, running the daily queries. Does not belong
here: the journal of parts (`journal`), any one publisher's API (`sources/<source>/pull.py`), archiving.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol, cast

from orchestration.journal import SCHEMA, older
from orchestration.journal import Journal as Journal
from orchestration.journal import PartRecord as PartRecord
from orchestration.ledger import Ledger, now
from orchestration.settings import Settings
from orchestration.sources import all_sources

RETRY_AFTER = timedelta(minutes=10)


class PullError(Exception):
    """A pull that did not bring all it was asked for; one sentence naming the publisher and the reason."""


class PublisherUnreachable(PullError):
    """No connection, or only failures that may pass; the message names the publisher and the last error."""


@dataclass(frozen=True)
class PullProgress:
    """After each part: how many of the parts known so far are done, and what became of this one."""

    source: str
    done: int
    total: int
    message: str


Progress = Callable[[PullProgress], None]


@dataclass(frozen=True)
class PullReport:
    """What one pull came to. Counts are answers, but `rows` (rows in them) and `requests` (repeats included).

    `stored` went to the inbox, `unchanged` equals the last answer to the same part, `empty` (of both) had no
    row, `already` were there from earlier in the same pull.
    """

    stored: int
    unchanged: int
    empty: int
    requests: int
    rows: int
    warnings: tuple[str, ...] = ()
    already: int = 0


class PullModule(Protocol):
    """The module `orchestration.sources.<source>.pull` of a source whose source.yml has a `pull` section."""

    def default_queries(self, today: date, pull_spec: Mapping[str, Any]) -> list[Any]:
        """The daily queries."""

    def pull(
        self, query: Any, settings: Settings, ledger: Ledger, progress: Progress | None = None
    ) -> PullReport:
        """Ask one of them; raises PullError."""


def pull_due(source: str, spec: Mapping[str, Any], ledger: Ledger) -> bool:
    """Whether the daily queries should run: no success within `every_hours`, no try within ten minutes."""
    with ledger.connect() as db:
        db.executescript(SCHEMA)
    rows = ledger.rows(
        "select max(started_at) as tried, max(case when outcome = 'done' then ended_at end) as succeeded"
        " from pull_rounds where source = ?",
        (source,),
    )
    tried, succeeded = rows[0]["tried"], rows[0]["succeeded"]
    return older(tried, RETRY_AFTER) and older(succeeded, timedelta(hours=float(spec["every_hours"])))


def run_due(settings: Settings, ledger: Ledger, today: date, progress: Progress | None = None) -> list[str]:
    """Run the daily queries of every source that is due; what went wrong comes back as sentences.

    A publisher that cannot be reached does not stop anything. With `DUALUSE_PULL=off` nobody is asked.
    """
    if not settings.pull_enabled:
        return []
    warnings: list[str] = []
    for source in all_sources():
        if source.pull is not None and pull_due(source.code, source.pull, ledger):
            warnings += _round(source.code, source.pull, settings, ledger, today, progress)
    return warnings


def _round(
    code: str,
    spec: Mapping[str, Any],
    settings: Settings,
    ledger: Ledger,
    today: date,
    progress: Progress | None,
) -> list[str]:
    module = cast(PullModule, importlib.import_module(f"orchestration.sources.{code}.pull"))
    with ledger.connect() as db:
        entered = db.execute(
            "insert into pull_rounds (source, started_at) values (?, ?)", (code, now())
        ).lastrowid
    warnings: list[str] = []
    outcome = "done"
    for query in module.default_queries(today, spec):
        try:
            warnings += module.pull(query, settings, ledger, progress).warnings
        except PullError as error:
            outcome = "failed"
            warnings.append(f"{error}; the refresh goes on with what is archived")
            if isinstance(error, PublisherUnreachable):
                break
    with ledger.connect() as db:
        db.execute(
            "update pull_rounds set ended_at = ?, outcome = ? where round_id = ?", (now(), outcome, entered)
        )
    return warnings
