"""The landing database: views over the landed files that count now, and copies of what the ledger knows.

Belongs here: `landing.duckdb`, made anew for each refresh; the raw gate and dbt read it and nothing else of
ours. Does not belong here: decoding, checks, anything that lasts.
"""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration import collect, reference, sources
from orchestration.landing import quarantine_path, rows_path
from orchestration.ledger import FileEntry, Ledger
from orchestration.reference import table_of_texts
from orchestration.settings import Settings
from orchestration.sources import SourceSpec
from orchestration.sources.contract import row_schema

_FILE_COLUMNS = {
    "sha256": "varchar",
    "landing_id": "varchar",
    "source": "varchar",
    "file_name": "varchar",
    "origin": "varchar",
    "archived_path": "varchar",
    "bytes": "bigint",
    "first_seen": "timestamp",
    "vintage_date": "date",
    "vintage_basis": "varchar",
    "file_order": "bigint",
    "state": "varchar",
    "reason": "varchar",
    "layout": "varchar",
    "is_active": "boolean",
    "is_synthetic": "boolean",
    "source_grade": "varchar",
    "note": "varchar",
    "manifest_direction": "varchar",
    "manifest_currency": "varchar",
    "manifest_partner": "varchar",
    "manifest_only": "varchar",
    "manifest_area": "varchar",
    "manifest_period_start": "date",
    "manifest_period_end": "date",
    "is_complete": "boolean",
    "rows_in": "bigint",
    "rows_landed": "bigint",
    "rows_quarantined": "bigint",
}
_ROW_FACTS = (
    "file_name, origin as file_origin, file_order, vintage_date, vintage_basis, source_grade, is_synthetic,"
    " is_complete, manifest_direction, manifest_currency, manifest_partner, manifest_only, manifest_area,"
    " manifest_period_start, manifest_period_end"
)


def build(settings: Settings, ledger: Ledger) -> None:
    """Write `landing.duckdb` from the ledger and the landed Parquet files; the old one is replaced whole."""
    active = {entry.sha256 for entry in collect.active_files(ledger)}
    entries = ledger.files()
    partial = settings.landing_database.with_suffix(f".{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    with duckdb.connect(str(partial)) as db:
        _files(db, entries, active)
        for spec in sources.all_sources():
            _source(db, settings, spec, [e for e in entries if e.sha256 in active and e.source == spec.code])
        reference.write(db, settings.chosen_lists)
        _ledger_copies(db, ledger)
        _previous(db, settings)
    partial.replace(settings.landing_database)


_built: dict[Path, tuple[frozenset[str | None], int]] = {}


def ensure(settings: Settings, ledger: Ledger) -> None:
    """`build`, unless this process has built it for the very files that are there now.

    Every source's raw gate asks for it; what the ledger knows beside the files may be a little older.
    """
    active = frozenset(entry.landing_id for entry in collect.active_files(ledger))
    files = (active, len(ledger.files()))
    path = settings.landing_database
    if _built.get(path) != files or not path.exists():
        build(settings, ledger)
        _built[path] = files


def vintage(entry: FileEntry) -> date:
    """The publication date where it is known, else the day the file was first seen."""
    return entry.manifest.published or date.fromisoformat(entry.first_seen[:10])


def _files(db: duckdb.DuckDBPyConnection, entries: Sequence[FileEntry], active: set[str]) -> None:
    order = {e.sha256: n for n, e in enumerate(sorted(entries, key=lambda e: (vintage(e), e.sequence)), 1)}
    columns = ", ".join(f"{name} {kind}" for name, kind in _FILE_COLUMNS.items())
    db.execute(f"create table files ({columns})")
    insert = f"insert into files values ({', '.join('?' for _ in _FILE_COLUMNS)})"  # noqa: S608
    rows = [_file_row(e, e.sha256 in active, order[e.sha256]) for e in entries]
    if rows:
        db.executemany(insert, [[row[c] for c in _FILE_COLUMNS] for row in rows])


def _file_row(entry: FileEntry, is_active: bool, order: int) -> dict[str, Any]:
    known = entry.manifest
    start, end = known.span() or (None, None)
    return {
        "sha256": entry.sha256,
        "landing_id": entry.landing_id,
        "source": entry.source,
        "file_name": entry.file_name,
        "origin": entry.origin,
        "archived_path": entry.archived_path,
        "bytes": entry.bytes,
        "first_seen": entry.first_seen.removesuffix("+00:00"),
        "vintage_date": vintage(entry),
        "vintage_basis": "published" if known.published else "first_seen",
        "file_order": order,
        "state": entry.status,
        "reason": entry.rejected_why or entry.reason,
        "layout": entry.layout,
        "is_active": is_active,
        "is_synthetic": known.is_synthetic,
        "source_grade": known.grade,
        "note": known.note,
        "manifest_direction": known.direction,
        "manifest_currency": known.currency,
        "manifest_partner": known.partner,
        "manifest_only": known.only,
        "manifest_area": known.area,
        "manifest_period_start": start,
        "manifest_period_end": end,
        "is_complete": known.complete,
        "rows_in": entry.rows_in,
        "rows_landed": entry.rows_landed,
        "rows_quarantined": entry.rows_quarantined,
    }


def _source(
    db: duckdb.DuckDBPyConnection, settings: Settings, spec: SourceSpec, entries: Sequence[FileEntry]
) -> None:
    """Three views a source: `<source>__<table>`, `<source>__files`, `<source>__quarantine`."""
    identities = [str(entry.landing_id) for entry in entries]
    names = [*row_schema(spec.columns).names, "_file_sha256", "_landing_id"]
    kinds = ", ".join(f'null::{"bigint" if n == "_row_number" else "varchar"} as "{n}"' for n in names)
    rows = [rows_path(settings, spec.code, identity) for identity in identities]
    landed = f"read_parquet({_literals(rows)})" if rows else f"(select {kinds} where false)"
    db.execute(
        f"create view {spec.landed_as} as select r.*, {_ROW_FACTS} from {landed} r"  # noqa: S608
        " join files f on f.landing_id = r._landing_id"
    )
    db.execute(
        f"create view {spec.code}__files as select * from files where source = '{spec.code}' and is_active"  # noqa: S608
    )
    bad = [quarantine_path(settings, spec.code, identity) for identity in identities]
    empty = "(select null::bigint as _row_number, null::varchar as reason, null::varchar as raw_text,"
    empty += " null::varchar as _file_sha256, null::varchar as _landing_id where false)"
    quarantined = f"read_parquet({_literals(bad)})" if bad else empty
    select = f"select '{spec.code}' as source, q.* from {quarantined} q"  # noqa: S608
    db.execute(f"create view {spec.code}__quarantine as {select}")


def _literals(paths: Sequence[object]) -> str:
    return "[" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths) + "]"


def _ledger_copies(db: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    gates = ledger.rows("select * from gate_results order by checked_at, asset, name")
    columns = ["run_id", "gate", "asset", "name", "source", "severity", "passed", "value", "threshold"]
    columns += ["reason", "offending_count", "offending", "error", "checked_at"]
    table_of_texts(db, "gate_results", gates, columns)
    runs = ledger.rows(
        "select run_id, trigger_kind, started_at, ended_at, outcome from runs order by started_at"
    )
    table_of_texts(db, "runs", runs, ["run_id", "trigger_kind", "started_at", "ended_at", "outcome"])


def _previous(db: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Coverage as published now, so that the mart gate can see a month that would vanish."""
    if settings.marts_database.exists() and not settings.accept_vanished:
        path = str(settings.marts_database).replace("'", "''")
        db.execute(f"attach '{path}' as published (read_only)")
        db.execute(
            "create table previous_coverage as select source, reporter_iso2, flow, frequency, period_start,"
            " period_end, is_synthetic, flow_count from published.main.ops_coverage"
        )
        db.execute(
            "create table previous_files as"
            " select sha256, source from published.main.ops_files where is_active"
        )
        db.execute("detach published")
        return
    db.execute(
        "create table previous_coverage (source varchar, reporter_iso2 varchar, flow varchar,"
        " frequency varchar, period_start date, period_end date, is_synthetic boolean, flow_count bigint)"
    )
    db.execute("create table previous_files (sha256 varchar, source varchar)")


def counts(settings: Settings, tables: Sequence[str]) -> dict[str, int]:
    """Rows of tables of the landing database."""
    with duckdb.connect(str(settings.landing_database), read_only=True) as db:
        rows = {table: db.execute(f"select count(*) from {table}").fetchone() for table in tables}  # noqa: S608
    return {table: int(row[0]) if row else 0 for table, row in rows.items()}
