"""What a dbt build came to: its tests as gate results, its tables as row counts.

Belongs here: reading `run_results.json` and the build database after dbt has let go of it. Does not belong
here: running dbt.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.ledger import Ledger
from orchestration.settings import DBT_PROJECT, Settings

_OFFENDING_LIMIT = 20
_MORE_MEMORY = " (DUALUSE_MEMORY_LIMIT gives the database more, say 8GB)"


@dataclass(frozen=True)
class Checks:
    """Tests that ran, and how many of them stop the refresh."""

    count: int
    red: int


def read(target: Path) -> list[dict[str, Any]]:
    """Results of a build, each with its manifest's node under `node`; empty where dbt did not get so far."""
    path = target / "run_results.json"
    if not path.exists():
        return []
    manifest = json.loads((DBT_PROJECT / "target" / "manifest.json").read_text(encoding="utf-8"))
    nodes = {**manifest["nodes"], **manifest.get("unit_tests", {})}
    results: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["results"]
    return [{**result, "node": nodes.get(result["unique_id"], {})} for result in results]


def enter(results: Sequence[Mapping[str, Any]], settings: Settings, ledger: Ledger, run_id: str) -> Checks:
    """Enter every dbt test that ran in the ledger, failed ones with the rows they found.

    A test that dbt skipped, because something above it failed, found nothing either way.
    """
    tests = [
        r
        for r in results
        if r["unique_id"].split(".")[0] in ("test", "unit_test") and r["status"] != "skipped"
    ]
    entries = [_entry(result, settings) for result in tests]
    ledger.record_gates(run_id, entries)
    red = sum(1 for entry in entries if not entry["passed"] and entry["severity"] == "block")
    return Checks(len(entries), red)


def _entry(result: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    node = result["node"]
    severity = str(node.get("config", {}).get("severity", "error")).lower()
    passed = result["status"] in ("pass", "success")
    offending = [] if passed else _offending(result, settings)
    tested = str(node.get("attached_node") or node.get("model") or "").split(".")[-1]
    return {
        "gate": "dbt",
        "asset": tested or "dbt",
        "name": str(node.get("name", result["unique_id"])),
        "source": None,
        "severity": "warn" if severity == "warn" else "block",
        "passed": int(passed),
        "value": f"{result.get('failures') or 0} rows",
        "threshold": "0 rows",
        "reason": str(node.get("description") or "dbt test"),
        "offending_count": result.get("failures"),
        "offending": json.dumps(offending, default=str, ensure_ascii=False) if offending else None,
        "error": None if passed or result["status"] in ("fail", "warn") else result.get("message"),
    }


def _offending(result: Mapping[str, Any], settings: Settings) -> list[dict[str, Any]]:
    sql = result.get("compiled_code")
    if not sql or not settings.build_database.exists():
        return []
    try:
        with duckdb.connect(str(settings.build_database), read_only=True) as db:
            db.execute(f"attach '{settings.landing_database}' as landing (read_only)")
            cursor = db.execute(f"select * from ({sql}) limit {_OFFENDING_LIMIT}")  # noqa: S608
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    except duckdb.Error as error:
        return [{"not_shown_because": str(error)}]


def row_counts(settings: Settings) -> dict[str, int]:
    """Rows of every table and view of the build database, by model name."""
    if not settings.build_database.exists():
        return {}
    with duckdb.connect(str(settings.build_database), read_only=True) as db:
        tables = db.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_catalog = current_database()"
        ).fetchall()
        return {name: _count(db, f'"{schema}"."{name}"') for schema, name in tables}


def _count(db: duckdb.DuckDBPyConnection, table: str) -> int:
    row = db.execute(f"select count(*) from {table}").fetchone()  # noqa: S608
    return int(row[0]) if row else 0


def first_error(results: Sequence[Mapping[str, Any]]) -> str:
    """The first thing that went wrong, in one line; empty where nothing did."""
    for result in results:
        if result["status"] in ("error", "fail", "runtime error"):
            name = result["unique_id"].split(".")[2]
            said = str(result.get("message") or result["status"])
            # dbt's first line names the model, the second one says what happened to it
            lines = [line.strip() for line in said.splitlines() if line.strip()][:2]
            advice = _MORE_MEMORY if "Out of Memory" in said else ""
            return f"{name}: {': '.join(lines)}{advice}"
    return ""
