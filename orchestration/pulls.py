"""Pulling from publishers, whoever they are: what may be asked, what a pull reports, and what is due.

Belongs here: the shared types and errors, when a source is due, running the daily queries. Does not belong
here: the journal of parts (`journal`), any one publisher's API (`sources/<source>/pull.py`), archiving.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, Protocol, cast

from orchestration.journal import SCHEMA, older
from orchestration.journal import Journal as Journal
from orchestration.journal import PartRecord as PartRecord
from orchestration.ledger import Ledger, now
from orchestration.settings import Settings
from orchestration.sources import FOLDER, all_sources, source_codes

RETRY_AFTER = timedelta(minutes=10)


class PullError(Exception):
    """A pull that did not bring all it was asked for; one sentence naming the publisher and the reason."""


class PublisherUnreachable(PullError):
    """No connection, or only failures that may pass; the message names the publisher and the last error."""


class QueryError(PullError, ValueError):
    """A question that cannot be asked; `option` is the one to change and stands first in the message."""

    def __init__(self, option: str, message: str) -> None:
        """Name the option and the rule."""
        super().__init__(f"{option}: {message}")
        self.option = option


@dataclass(frozen=True)
class PullOptions:
    """What a user asked for, as typed; an empty text is an option that was not given."""

    reporter: str = ""
    partner: str = ""
    flow: str = ""
    hs: str = ""
    first: str = ""
    last: str = ""
    frequency: str = ""

    def __bool__(self) -> bool:
        """Whether any option was given."""
        return bool(self._given())

    def only(self, publisher: str, *used: str) -> None:
        """Check that nothing but the options in `used` (such as `--from`) was given.

        Raises:
            QueryError: an option that this publisher's files know nothing of.
        """
        for option in self._given():
            if option not in used:
                taken = f"it takes {', '.join(used)}" if used else "it takes no option"
                raise QueryError(option, f"means nothing to {publisher}; {taken}")

    def need(self, *required: str) -> None:
        """Check that every option in `required` was given.

        Raises:
            PullError: one or more are missing; the message names them all.
        """
        missing = [option for option in required if option not in self._given()]
        if missing:
            raise PullError(f"give {', '.join(missing)} as well (or no option at all, for the daily queries)")

    def _given(self) -> list[str]:
        return [option_name(field.name) for field in fields(self) if getattr(self, field.name)]


def option_name(field: str) -> str:
    """The option of a field as users type it."""
    return f"--{ {'first': 'from', 'last': 'to'}.get(field, field) }"


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

    `stored` went to the inbox, `unchanged` equals the last answer to the same part (or nothing was released
    since), `empty` (of both) had no row, `already` were there from earlier in the same pull.
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

    def queries(self, options: PullOptions, today: date) -> list[Any]:
        """What a user asked for; raises PullError, naming the option.

        Without any option only where the source has no daily queries.
        """

    def pull(
        self,
        query: Any,
        settings: Settings,
        ledger: Ledger,
        progress: Progress | None = None,
        *,
        again: bool = False,
    ) -> PullReport:
        """Ask one of them; raises PullError. `again` asks anew for what was pulled earlier today."""


def pull_module(source: str) -> PullModule:
    """The module that pulls from the publisher of a source."""
    return cast(PullModule, importlib.import_module(f"orchestration.sources.{source}.pull"))


def pullable() -> list[str]:
    """Codes of the sources whose publisher can be asked, sorted (their folder has a `pull.py`)."""
    return [code for code in source_codes() if (FOLDER / code / "pull.py").is_file()]


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
    module = pull_module(code)
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
