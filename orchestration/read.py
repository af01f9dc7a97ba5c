"""Reading what is published: connections that cannot write, and the way from a row back to its raw cells.

Belongs here: opening `marts.duckdb` read-only, `trace`. Does not belong here: printing, anything that writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pyarrow as pa

from orchestration import opening
from orchestration.ledger import FileEntry, Ledger
from orchestration.settings import Settings

_TRACED = {
    "fct_trade_flows": "flow_id",
    "fct_trade_quantities": "flow_id",
    "fct_trade_totals": "total_id",
    "fct_dual_use_trade": "national_flow_id",
}


class NothingPublished(Exception):
    """There is no published file yet."""


class QueryError(ValueError):
    """A query or condition that DuckDB does not take; the message is DuckDB's."""


@dataclass(frozen=True)
class RawRow:
    """One landed row behind a published one."""

    role: str
    file_name: str
    sha256: str
    row_number: int
    archived_path: str
    is_synthetic: bool
    cells: dict[str, str]


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """A read-only connection to what is published.

    Raises:
        NothingPublished: no refresh has been green yet.
    """
    if not settings.marts_database.exists():
        raise NothingPublished(f"nothing is published in {settings.published} yet: run dualuse refresh")
    return duckdb.connect(str(settings.marts_database), read_only=True)


def query(settings: Settings, sql: str) -> pa.Table:
    """The result of one query as an Arrow table.

    Raises:
        NothingPublished, QueryError
    """
    with connect(settings) as db:
        try:
            relation = db.sql(sql)
            return pa.table({}) if relation is None else relation.to_arrow_table()
        except duckdb.Error as error:
            raise QueryError(str(error)) from error


def trace(
    settings: Settings, ledger: Ledger, table: str, where: str, limit: int
) -> list[tuple[dict[str, Any], list[RawRow]]]:
    """Rows of a mart that meet a condition, each with the raw rows it was made of.

    For a remainder these are the heading's own row and, as `subtracted`, the rows of its parts; for growth
    and comparison the year before and the other destination are there too (`base, part`; `compared, part`).

    Raises:
        NothingPublished, QueryError
    """
    if table not in _TRACED and table not in opening.SUMS:
        raise QueryError(f"no trace for {table!r}; it is there for {', '.join([*_TRACED, *opening.SUMS])}")
    with connect(settings) as db:
        try:
            cursor = db.execute(f"select * from main.{table} where {where} order by all limit {int(limit)}")  # noqa: S608
        except duckdb.Error as error:
            raise QueryError(str(error)) from error
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        entries = {entry.sha256: entry for entry in ledger.files()}
        return [(row, _rows_of(db, settings, entries, table, row)) for row in rows]


def _rows_of(
    db: duckdb.DuckDBPyConnection,
    settings: Settings,
    entries: Mapping[str, FileEntry],
    table: str,
    row: dict[str, Any],
) -> list[RawRow]:
    if table in _TRACED:
        return _behind(db, settings, entries, row, _TRACED[table])
    return [
        replace(raw, role=raw.role if part == "flow" else f"{part}, {raw.role}")
        for part, flow in opening.flows_behind(db, table, row)
        for raw in _behind(db, settings, entries, flow, _TRACED["fct_dual_use_trade"])
    ]


def _behind(
    db: duckdb.DuckDBPyConnection,
    settings: Settings,
    entries: Mapping[str, FileEntry],
    row: dict[str, Any],
    key: str,
) -> list[RawRow]:
    places = [("part", *place) for place in _places(db, f"{key} = ?", row[key])]
    if row.get("row_kind") == "remainder":
        flow_id = row["flow_id"]
        places = [("heading", *place) for place in _places(db, "remainder_flow_id = ?", flow_id)]
        parts = db.execute(
            "select p.flow_id from main.fct_trade_flows p join main.fct_trade_flows r on r.flow_id = ?"
            " and p.source = r.source"
            " and p.reporter_iso2 = r.reporter_iso2 and p.partner_iso2 = r.partner_iso2"
            " and p.flow = r.flow and p.period_start = r.period_start and p.period_end = r.period_end"
            " and p.hs_revision is not distinct from r.hs_revision and p.value_basis = r.value_basis"
            " and p.is_synthetic = r.is_synthetic and p.flow_id <> r.flow_id"
            " and starts_with(p.hs_code, case when r.hs_code = 'TOTAL' then '' else r.hs_code end)",
            [flow_id],
        ).fetchall()
        places += [("subtracted", *place) for (part,) in parts for place in _places(db, "flow_id = ?", part)]
    return [_raw(db, settings, entries, *place) for place in places]


def _places(db: duckdb.DuckDBPyConnection, condition: str, value: str) -> list[tuple[str, str, int]]:
    return db.execute(
        "select _file_sha256, _landing_id, _row_number from intermediate.int_ops__row_outcomes"  # noqa: S608
        f" where {condition} order by all",
        [value],
    ).fetchall()


def _raw(
    db: duckdb.DuckDBPyConnection,
    settings: Settings,
    entries: Mapping[str, FileEntry],
    role: str,
    sha256: str,
    landing_id: str,
    number: int,
) -> RawRow:
    entry = entries[sha256]
    # Not under entry.source: that may have been amended since the published row was landed.
    path = next(settings.landing.glob(f"*/{landing_id}.parquet"))
    cursor = db.execute("select * from read_parquet(?) where _row_number = ?", [str(path), number])
    names = [column[0] for column in cursor.description]
    found = cursor.fetchone() or ()
    cells = {n: v for n, v in zip(names, found, strict=False) if v is not None and not n.startswith("_")}
    archived = str(settings.archive / entry.archived_path)
    return RawRow(role, entry.file_name, sha256, number, archived, entry.manifest.is_synthetic, cells)
