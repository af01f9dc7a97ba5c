"""The ledger: one SQLite file that remembers every archived file, landing, refusal, run and gate result.

Belongs here: small typed reads and writes, each one transaction, so that a kill at any instruction leaves the
ledger as it was before or after. Does not belong here: the schema (`ledger_tables`), file contents,
decisions.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock

from orchestration import clock
from orchestration.ledger_tables import SCHEMA
from orchestration.ledger_tables import FileEntry as FileEntry
from orchestration.ledger_tables import Landing as Landing
from orchestration.manifest import Manifest


def now() -> str:
    """This moment in UTC, as ISO text to the millisecond."""
    return clock.utc_now().isoformat(timespec="milliseconds")


class Ledger:
    """Reads and writes of one ledger file; safe to open from several processes."""

    def __init__(self, path: Path) -> None:
        """Open the ledger, making file and tables where they are missing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        # SQLite fails at once, timeout or not, where two processes turn a new file to WAL together.
        with FileLock(path.with_suffix(".opening.lock")), self.connect() as db:
            db.execute("pragma journal_mode = wal")
            db.executescript(SCHEMA)

    @contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        """One connection, one transaction: committed at the end, rolled back on an exception."""
        db = sqlite3.connect(self._path, timeout=30)
        db.row_factory = sqlite3.Row
        db.execute("pragma synchronous = full")
        try:
            with db:
                yield db
        finally:
            db.close()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """All rows of a query as dictionaries."""
        with self.connect() as db:
            return [dict(row) for row in db.execute(sql, parameters)]

    def add_file(
        self,
        sha256: str,
        source: str,
        file_name: str,
        origin: str,
        archived_path: str,
        size: int,
        manifest: Manifest,
    ) -> None:
        """Enter an archived file; a digest that is there already stays as it is."""
        with self.connect() as db:
            db.execute(
                "insert or ignore into files (sha256, source, file_name, origin, archived_path, bytes,"
                " first_seen, manifest) values (?, ?, ?, ?, ?, ?, ?, ?)",
                (sha256, source, file_name, origin, archived_path, size, now(), manifest.model_dump_json()),
            )

    def amend(self, sha256: str, manifest: Manifest) -> None:
        """Replace what is known of a file, its source included; the next refresh lands it anew."""
        with self.connect() as db:
            db.execute(
                "update files set manifest = ?, source = coalesce(?, source) where sha256 = ?",
                (manifest.model_dump_json(), manifest.source, sha256),
            )

    def files(self) -> list[FileEntry]:
        """Every archived file in the order of arrival."""
        return self.find("")

    def find(self, sha256_prefix: str) -> list[FileEntry]:
        """Files whose digest starts with the given text, in the order of arrival."""
        rows = self.rows(
            "select f.*, l.landing_id, l.state, l.reason, l.layout, l.header,"
            " coalesce(l.rows_in, 0) as rows_in, coalesce(l.rows_landed, 0) as rows_landed,"
            " coalesce(l.rows_quarantined, 0) as rows_quarantined, r.why as rejected_why"
            " from files f left join landings l using (sha256) left join rejections r using (sha256)"
            " where substr(f.sha256, 1, length(?1)) = ?1 order by f.sequence",
            (sha256_prefix.lower(),),
        )
        for row in rows:
            row["manifest"] = Manifest.model_validate_json(row["manifest"])
        return [FileEntry(**row) for row in rows]

    def record_landing(self, landing: Landing) -> None:
        """Enter what landing a file came to; this one write makes the landing count."""
        fields = asdict(landing) | {"landed_at": now()}
        names = ", ".join(fields)
        marks = ", ".join("?" for _ in fields)
        with self.connect() as db:
            sql = f"insert or replace into landings ({names}) values ({marks})"  # noqa: S608
            db.execute(sql, tuple(fields.values()))

    def reject(self, sha256: str, why: str) -> None:
        """Set a file aside, with the reason."""
        with self.connect() as db:
            db.execute("insert or replace into rejections values (?, ?, ?)", (sha256, why, now()))

    def unreject(self, sha256: str) -> bool:
        """Take a file back; False where it was not set aside."""
        with self.connect() as db:
            return db.execute("delete from rejections where sha256 = ?", (sha256,)).rowcount > 0

    def start_run(self, run_id: str, trigger_kind: str) -> None:
        """Enter a refresh that starts now."""
        with self.connect() as db:
            db.execute(
                "insert or ignore into runs (run_id, trigger_kind, started_at) values (?, ?, ?)",
                (run_id, trigger_kind, now()),
            )

    def end_run(self, run_id: str, outcome: str, summary: Mapping[str, object]) -> None:
        """Enter how a refresh ended: published, unchanged, red or failed."""
        with self.connect() as db:
            db.execute(
                "update runs set ended_at = ?, outcome = ?, summary = ? where run_id = ?",
                (now(), outcome, json.dumps(summary, default=str), run_id),
            )

    def record_gates(self, run_id: str, results: Sequence[Mapping[str, object]]) -> None:
        """Enter gate results of a run: one dictionary a check, with the table's column names."""
        with self.connect() as db:
            for result in results:
                fields = {"run_id": run_id, **result, "checked_at": now()}
                names, marks = ", ".join(fields), ", ".join("?" for _ in fields)
                sql = f"insert or replace into gate_results ({names}) values ({marks})"  # noqa: S608
                db.execute(sql, tuple(fields.values()))

    def warn(self, run_id: str, subject: str, message: str) -> None:
        """Enter something a user should know that did not stop the refresh."""
        with self.connect() as db:
            db.execute("insert into warnings values (?, ?, ?, ?)", (run_id, subject, message, now()))

    def set_waiting(self, problems: Mapping[str, str]) -> None:
        """Replace the list of inbox files that cannot be archived yet: path to reason."""
        with self.connect() as db:
            db.execute("delete from waiting")
            rows = [(path, reason, now()) for path, reason in problems.items()]
            db.executemany("insert into waiting values (?, ?, ?)", rows)

    def option(self, name: str, default: str = "") -> str:
        """A remembered choice of the user."""
        rows = self.rows("select value from options where name = ?", (name,))
        return str(rows[0]["value"]) if rows else default

    def set_option(self, name: str, value: str) -> None:
        """Remember a choice of the user."""
        with self.connect() as db:
            db.execute("insert or replace into options values (?, ?)", (name, value))
