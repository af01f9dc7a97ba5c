"""The journal of pulls: which parts of which query were asked, when, and what came of each.

Belongs here: its tables in the ledger's file, and when a pull is gone on with. Does not belong here: asking,
storing answers, any one publisher.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from orchestration import clock
from orchestration.ledger import Ledger, now

RESUME_WITHIN = timedelta(hours=12)  # less than a day, so that a daily pull always asks for everything
State = Literal["stored", "unchanged", "split", "failed"]

SCHEMA = """
create table if not exists pull_runs (
    pull_id integer primary key autoincrement,
    source text not null,
    query_id text not null,
    query text not null,
    started_at text not null,
    ended_at text,
    outcome text check (outcome in ('done', 'failed'))
);
create table if not exists pull_parts (
    pull_id integer not null references pull_runs (pull_id),
    source text not null,
    query_id text not null,
    part_key text not null,
    state text not null check (state in ('stored', 'unchanged', 'split', 'failed')),
    data_digest text,
    file_sha256 text,
    file_name text,
    url text not null,
    rows integer not null,
    attempts integer not null,
    reason text,
    fetched_at text not null,
    primary key (pull_id, part_key)
);
create index if not exists pull_parts_by_key on pull_parts (source, part_key);
create table if not exists pull_versions (
    source text not null,
    part_key text not null,
    version text,
    etag text,
    last_modified text,
    primary key (source, part_key)
);
create table if not exists pull_rounds (
    round_id integer primary key autoincrement,
    source text not null,
    started_at text not null,
    ended_at text,
    outcome text check (outcome in ('done', 'failed'))
);
"""


@dataclass(frozen=True)
class PartRecord:
    """One part in the journal."""

    part_key: str
    state: State
    url: str
    attempts: int
    rows: int = 0
    data_digest: str | None = None
    file_sha256: str | None = None
    file_name: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Version:
    """Which version of a file we have, as its publisher's listing and the answer's headers state it."""

    version: str = ""
    etag: str | None = None
    last_modified: str | None = None


class Journal:
    """One pull of one query, resumable.

    A pull that was interrupted or failed is taken up again within 12 hours; one that is done counts until the
    UTC day or `every_hours` is over. `again` starts afresh in any case.
    """

    def __init__(
        self,
        ledger: Ledger,
        source: str,
        query_id: str,
        query: str,
        every_hours: float = 24,
        again: bool = False,
    ) -> None:
        """Find the pull to go on with, or enter a new one."""
        self._ledger, self._source, self._query_id = ledger, source, query_id
        with ledger.connect() as db:
            db.executescript(SCHEMA)
            last = db.execute(
                "select * from pull_runs where source = ? and query_id = ? order by pull_id desc limit 1",
                (source, query_id),
            ).fetchone()
            if last is not None and not again and _still_counts(dict(last), every_hours):
                self.pull_id = int(last["pull_id"])
                return
            entered = db.execute(
                "insert into pull_runs (source, query_id, query, started_at) values (?, ?, ?, ?)",
                (source, query_id, query, now()),
            )
            self.pull_id = int(entered.lastrowid or 0)

    def states(self) -> dict[str, str]:
        """Part key to state, for the parts this pull has dealt with."""
        rows = self._ledger.rows("select part_key, state from pull_parts where pull_id = ?", (self.pull_id,))
        return {row["part_key"]: row["state"] for row in rows}

    def last_answer(self, part_key: str) -> dict[str, Any] | None:
        """Digest, file, rows and time of the last answer to this part in any pull, or None."""
        rows = self._ledger.rows(
            "select data_digest, file_sha256, file_name, rows, fetched_at from pull_parts"
            " where source = ? and part_key = ? and state in ('stored', 'unchanged')"
            " order by pull_id desc limit 1",
            (self._source, part_key),
        )
        return rows[0] if rows else None

    def version(self, part_key: str) -> Version | None:
        """The version of a file that was fetched last, in any pull."""
        rows = self._ledger.rows(
            "select version, etag, last_modified from pull_versions where source = ? and part_key = ?",
            (self._source, part_key),
        )
        return Version(**rows[0]) if rows else None

    def record(self, part: PartRecord, version: Version | None = None) -> None:
        """Enter a part, and the version of the file that it is; this one write makes them count."""
        fields = {
            "pull_id": self.pull_id,
            "source": self._source,
            "query_id": self._query_id,
            **asdict(part),
            "fetched_at": now(),
        }
        names, marks = ", ".join(fields), ", ".join("?" for _ in fields)
        with self._ledger.connect() as db:
            sql = f"insert or replace into pull_parts ({names}) values ({marks})"  # noqa: S608
            db.execute(sql, tuple(fields.values()))
            if version is not None:
                db.execute(
                    "insert or replace into pull_versions values (?, ?, ?, ?, ?)",
                    (self._source, part.part_key, version.version, version.etag, version.last_modified),
                )

    def close(self, outcome: Literal["done", "failed"]) -> None:
        """Enter how the pull ended; without this it counts as interrupted."""
        with self._ledger.connect() as db:
            db.execute(
                "update pull_runs set ended_at = ?, outcome = ? where pull_id = ?",
                (now(), outcome, self.pull_id),
            )


def _still_counts(run: Mapping[str, Any], every_hours: float) -> bool:
    if run["outcome"] != "done":
        return not older(run["started_at"], RESUME_WITHIN)
    same_day = str(run["ended_at"])[:10] == now()[:10]
    return same_day and not older(run["ended_at"], timedelta(hours=every_hours))


def older(moment: str | None, age: timedelta) -> bool:
    """Whether a time of the ledger is at least `age` ago; what never happened is."""
    return moment is None or clock.utc_now() - datetime.fromisoformat(moment) >= age
