"""Publishing: the build database replaces the one users read, in one atomic rename.

Belongs here: preparing the build from what is published, the fingerprint of what went in, the swap, the
manifest beside it. Does not belong here: deciding whether a run is green (that is asked of the ledger).
"""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from orchestration import archive, collect, sources
from orchestration.gates.entries import mart_checks, raw_checks
from orchestration.ledger import Ledger, now
from orchestration.settings import DBT_PROJECT, PROJECT_ROOT, Settings

_CODE = (PROJECT_ROOT / "orchestration", DBT_PROJECT)
_CODE_SUFFIXES = {".py", ".yml", ".sql", ".csv"}


class NotPublishable(Exception):
    """A blocking check is red, or a check that must have run did not."""


@dataclass(frozen=True)
class Published:
    """What stands in the published folder after a run."""

    is_new: bool
    path: Path
    marts: dict[str, int]


@cache
def code_version() -> str:
    """Package version and a digest of every model, seed, adapter and check entry."""
    digest = hashlib.sha256()
    files = [path for root in _CODE for path in root.rglob("*") if path.suffix in _CODE_SUFFIXES]
    for path in sorted(path for path in files if not {"target", "logs", "__pycache__"} & set(path.parts)):
        digest.update(str(path.relative_to(PROJECT_ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{version('dualuse-trade')}+{digest.hexdigest()[:12]}"


def inputs(settings: Settings, ledger: Ledger) -> str:
    """Fingerprint of all that decides the published rows: files, their state, versions chosen, code."""
    active = sorted(str(entry.landing_id) for entry in collect.active_files(ledger))
    states = sorted(f"{entry.sha256}:{entry.status}" for entry in ledger.files())
    chosen = sorted(f"{name}={day}" for name, day in settings.chosen_lists.items())
    text = json.dumps([active, states, chosen, code_version()])
    return hashlib.sha256(text.encode()).hexdigest()


def published_manifest(settings: Settings) -> dict[str, Any]:
    """The manifest beside the published file; empty where nothing is published yet."""
    if not settings.published_manifest.exists() or not settings.marts_database.exists():
        return {}
    manifest: dict[str, Any] = json.loads(settings.published_manifest.read_text(encoding="utf-8"))
    return manifest


def is_current(settings: Settings, ledger: Ledger) -> bool:
    """Whether what is published was made from exactly what there is now."""
    return published_manifest(settings).get("inputs") == inputs(settings, ledger)


def prepare_build(settings: Settings, rebuild: bool) -> bool:
    """Start the build from a copy of the published file; from nothing on `rebuild` or when the code changed.

    Returns whether the build starts from nothing.
    """
    settings.build.mkdir(parents=True, exist_ok=True)
    for stale in settings.build.glob("marts.duckdb*"):
        stale.unlink()
    is_fresh = rebuild or published_manifest(settings).get("code_version") != code_version()
    if not is_fresh:
        shutil.copyfile(settings.marts_database, settings.build_database)
    return is_fresh


def publish(
    settings: Settings, ledger: Ledger, run_id: str, started_at: str, rebuild: bool = False
) -> Published:
    """Swap the build in, if every blocking check of the run is there and green.

    Raises:
        NotPublishable: a check is red or missing; nothing has changed then.
    """
    _require_green(ledger, run_id)
    if is_current(settings, ledger) and not rebuild:
        return Published(False, settings.marts_database, published_manifest(settings)["marts"])
    gates = ledger.rows("select * from gate_results where run_id = ? order by gate, asset, name", (run_id,))
    with duckdb.connect(str(settings.build_database)) as db:
        marts = _finish(db, gates)
        has_synthetic = bool(
            _value(db, "select count(*) from main.ops_files where is_active and is_synthetic")
        )
    _sync(settings.build_database)
    manifest = {
        "run_id": run_id,
        "published_at": now(),
        "refresh_started_at": started_at,
        "code_version": code_version(),
        "inputs": inputs(settings, ledger),
        "contains_synthetic": has_synthetic,
        "database": {"file": settings.marts_database.name, "sha256": archive.digest(settings.build_database)},
        "marts": marts,
        "files": [
            {"sha256": e.sha256, "source": e.source, "file_name": e.file_name, "rows_landed": e.rows_landed}
            for e in collect.active_files(ledger)
        ],
        "gates": [{k: g[k] for k in ("gate", "asset", "name", "severity", "passed", "value")} for g in gates],
        "duration_seconds": _seconds_since(started_at),
    }
    os.replace(settings.build_database, settings.marts_database)  # noqa: PTH105 - the one atomic step
    _write_atomically(settings.published_manifest, json.dumps(manifest, indent=1, ensure_ascii=False))
    archive.sync_folder(settings.published)
    return Published(True, settings.marts_database, marts)


def _require_green(ledger: Ledger, run_id: str) -> None:
    results = ledger.rows(
        "select asset, name, severity, passed from gate_results where run_id = ?", (run_id,)
    )
    seen = {(row["asset"], row["name"]) for row in results}
    expected = [*mart_checks(), *(check for code in sources.source_codes() for check in raw_checks(code))]
    missing = [f"{check.asset}: {check.name}" for check in expected if (check.asset, check.name) not in seen]
    red = [f"{r['asset']}: {r['name']}" for r in results if not r["passed"] and r["severity"] == "block"]
    if red:
        raise NotPublishable("blocking checks are red: " + "; ".join(red))
    if missing:
        raise NotPublishable("checks did not run: " + "; ".join(missing))


def _finish(db: duckdb.DuckDBPyConnection, gates: list[dict[str, Any]]) -> dict[str, int]:
    """Enter this run's own gate results (dbt ran before the mart gate) and count the marts."""
    for g in gates:
        db.execute(
            "delete from main.ops_gate_results where run_id = ? and asset = ? and check_name = ?",
            [g["run_id"], g["asset"], g["name"]],
        )
        row = [g["run_id"], g["gate"], g["asset"], g["name"], g["source"], g["severity"], bool(g["passed"])]
        row += [g["value"], g["threshold"], g["reason"], g["offending_count"], g["offending"], g["error"]]
        row += [g["checked_at"][:23]]
        db.execute(f"insert into main.ops_gate_results values ({', '.join('?' for _ in row)})", row)  # noqa: S608
    names = db.execute(
        "select table_name from information_schema.tables where table_schema = 'main' order by 1"
    ).fetchall()
    counts = {name: int(_value(db, f'select count(*) from main."{name}"')) for (name,) in names}  # noqa: S608
    db.execute("checkpoint")
    return counts


def _value(db: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = db.execute(sql).fetchone()
    return row[0] if row else None


def _seconds_since(started_at: str) -> float:
    from datetime import datetime

    return round((datetime.fromisoformat(now()) - datetime.fromisoformat(started_at)).total_seconds(), 1)


def _sync(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _write_atomically(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    _sync(partial)
    partial.replace(path)
