"""Which checks stand at which gate, and what a result looks like in the ledger.

Belongs here: reading the entries (each source's YAML, the YAML files here) and running a gate. Does not
belong here: the engine (expectations), the entries themselves.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration import sources
from orchestration.gates.expectations import run_checks
from orchestration.gates.model import Check, GateEntryError, GateResult, parse_checks
from orchestration.ledger import Ledger
from orchestration.settings import Settings

_FOLDER = Path(__file__).parent
_MARTS = _FOLDER / "marts.yml"


@cache
def raw_checks(source: str) -> tuple[Check, ...]:
    """Checks on the landed rows of one source: those of all sources, then its own."""
    spec = sources.load_source(source)
    shared = ["common.yml", "flows.yml"] if spec.flows else ["common.yml"]
    entries = [(f"gates/{name}", _shared(name, source)) for name in shared]
    entries.append((f"sources/{source}/source.yml", spec.gates))
    checks = [
        check
        for origin, given in entries
        for check in parse_checks(
            given, gate="raw", asset=spec.asset, table=spec.landed_as, source=source, origin=origin
        )
    ]
    names = [check.name for check in checks]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise GateEntryError(f"sources/{source}/source.yml: {doubled[0]} stands at every source already")
    return tuple(checks)


def _shared(name: str, source: str) -> list[dict[str, Any]]:
    """Entries of a shared file, their tables named for one source."""
    entries = yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))
    return [
        {**entry, **({"table": entry["table"].format(source=source)} if "table" in entry else {})}
        for entry in entries
    ]


@cache
def mart_checks() -> tuple[Check, ...]:
    """Checks on the build database."""
    checks: list[Check] = []
    for mart, entries in yaml.safe_load(_MARTS.read_text(encoding="utf-8")).items():
        checks += parse_checks(
            entries,
            gate="mart",
            asset=f"marts/{mart}",
            table=f"main.{mart}",
            source=None,
            origin="gates/marts.yml",
        )
    return tuple(checks)


def run_raw(settings: Settings, ledger: Ledger, run_id: str, source: str) -> list[GateResult]:
    """Run one source's raw gate on the landing database and enter the results.

    Where no file of the source counts there is nothing to read: its checks hold, and say so.
    """
    if _has_files(settings.landing_database, source):
        return _run(settings.landing_database, raw_checks(source), ledger, run_id)
    results = [GateResult(check, True, "no file counts", [], 0, None) for check in raw_checks(source)]
    ledger.record_gates(run_id, [as_entry(result) for result in results])
    return results


def _has_files(database: Path, source: str) -> bool:
    with duckdb.connect(str(database), read_only=True) as db:
        found = db.execute("select 1 from files where source = ? and is_active limit 1", [source])
        return found.fetchone() is not None


def run_marts(settings: Settings, ledger: Ledger, run_id: str) -> list[GateResult]:
    """Run the mart gate on the build database and enter the results."""
    return _run(settings.build_database, mart_checks(), ledger, run_id)


def _run(database: Path, checks: Sequence[Check], ledger: Ledger, run_id: str) -> list[GateResult]:
    results = run_checks(database, checks)
    ledger.record_gates(run_id, [as_entry(result) for result in results])
    return results


def as_entry(result: GateResult) -> dict[str, object]:
    """A result under the ledger's column names."""
    check = result.check
    return {
        "gate": check.gate,
        "asset": check.asset,
        "name": check.name,
        "source": check.source,
        "severity": check.severity,
        "passed": int(result.passed),
        "value": result.value,
        "threshold": check.threshold,
        "reason": check.reason,
        "offending_count": result.offending_count,
        "offending": json.dumps(result.offending, ensure_ascii=False, default=str)
        if result.offending
        else None,
        "error": result.error,
    }
