"""Which checks stand at which gate, and what a result looks like in the ledger.

Belongs here: reading the entries (each source's YAML, `marts.yml`) and running a gate. Does not belong here:
the engine (expectations), the entries themselves.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

from orchestration import sources
from orchestration.gates.expectations import run_checks
from orchestration.gates.model import Check, GateResult, parse_checks
from orchestration.ledger import Ledger
from orchestration.settings import Settings

_MARTS = Path(__file__).parent / "marts.yml"


@cache
def raw_checks(source: str) -> tuple[Check, ...]:
    """Checks on the landed rows of one source."""
    spec = sources.load_source(source)
    origin = f"sources/{source}/source.yml"
    return tuple(
        parse_checks(
            spec.gates, gate="raw", asset=spec.asset, table=spec.landed_as, source=source, origin=origin
        )
    )


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
    """Run one source's raw gate on the landing database and enter the results."""
    return _run(settings.landing_database, raw_checks(source), ledger, run_id)


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
