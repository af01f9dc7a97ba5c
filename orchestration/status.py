"""What a user asks first: which files are there, how fresh, how did the last refresh end and why.

Belongs here: putting together ledger, inbox and published file. Does not belong here: printing.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from orchestration import clock, collect, publish, read
from orchestration.catalogue import vintage
from orchestration.ledger import FileEntry, Ledger
from orchestration.settings import Settings
from orchestration.sources import all_sources


@dataclass(frozen=True)
class SourceState:
    """One source: how many files count, the newest, and whether it is older than its cadence allows."""

    code: str
    title: str
    files: int
    rows: int
    newest: date | None
    cadence_days: int
    is_stale: bool
    has_synthetic: bool


@dataclass(frozen=True)
class FileState:
    """One archived file and what became of it, in words."""

    entry: FileEntry
    is_active: bool
    explanation: str


def source_states(ledger: Ledger) -> list[SourceState]:
    """Every source, with or without files."""
    active = collect.active_files(ledger)
    today = clock.today()
    states = []
    for spec in all_sources():
        mine = [entry for entry in active if entry.source == spec.code]
        newest = max((vintage(entry) for entry in mine), default=None)
        is_stale = newest is not None and (today - newest).days > spec.cadence_days
        has_synthetic = any(entry.manifest.is_synthetic for entry in mine)
        rows = sum(entry.rows_landed for entry in mine)
        states.append(
            SourceState(
                spec.code, spec.title, len(mine), rows, newest, spec.cadence_days, is_stale, has_synthetic
            )
        )
    return states


def file_states(settings: Settings, ledger: Ledger) -> list[FileState]:
    """Every archived file in the order of arrival, explained as the last green publish knows it."""
    active = {entry.sha256 for entry in collect.active_files(ledger)}
    published = _explanations(settings)
    states = []
    for entry in ledger.files():
        if entry.status in ("refused", "rejected"):
            explanation = entry.rejected_why or entry.reason or ""
        elif entry.status == "archived":
            explanation = "archived; lands at the next refresh"
        elif entry.sha256 not in active:
            explanation = "synthetic sample, set aside because real files are loaded"
        else:
            explanation = published.get(entry.sha256, "landed; in the tables after the next green refresh")
        states.append(FileState(entry, entry.sha256 in active, explanation))
    return states


def _explanations(settings: Settings) -> dict[str, str]:
    try:
        table = read.query(
            settings,
            "select sha256, explanation || ' (' || rows_in_flows || ' rows in flows, '"
            " || rows_in_totals || ' in totals, ' || rows_superseded"
            " || ' superseded, ' || rows_not_additive || ' not additive)' as words"
            " from ops_files where is_active",
        )
    except (read.NothingPublished, read.QueryError):
        return {}
    return {row["sha256"]: row["words"] for row in table.to_pylist()}


def coverage(settings: Settings) -> list[dict[str, Any]]:
    """What is published of each source: reporters, first and last period, what is missing, what is late."""
    try:
        table = read.query(
            settings,
            "select source, count(distinct reporter_iso2) as reporters,"
            " min(first_period_start) as first_period, max(last_period_start) as last_period,"
            " count(*) filter (where coverage_status = 'gap') as gaps,"
            " count(*) filter (where coverage_status = 'empty') as empty,"
            " count(*) filter (where coverage_status = 'partial') as partial,"
            " count(*) filter (where days_late > 0) as late_series, max(days_late) as most_days_late"
            " from ops_coverage group by source order by source",
        )
    except (read.NothingPublished, read.QueryError):
        return []
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def last_run(ledger: Ledger) -> dict[str, Any] | None:
    """The newest refresh, with the warnings noticed in it and its failed checks."""
    runs = ledger.rows("select * from runs order by started_at desc limit 1")
    if not runs:
        return None
    run = runs[0]
    run["error"] = json.loads(run["summary"] or "{}").get("error", "")
    run["failed"] = failed_checks(ledger, run["run_id"])
    run["warnings"] = ledger.rows(
        "select distinct message from warnings where run_id = ? order by message", (run["run_id"],)
    )
    return run


def failed_checks(ledger: Ledger, run_id: str) -> list[dict[str, Any]]:
    """Checks of a run that did not pass, with the rows behind them."""
    rows = ledger.rows(
        "select * from gate_results where run_id = ? and not passed order by severity, gate, asset, name",
        (run_id,),
    )
    for row in rows:
        row["offending"] = json.loads(row["offending"]) if row["offending"] else []
    return rows


def published(settings: Settings) -> dict[str, Any]:
    """The manifest of what is published; empty where nothing is."""
    return publish.published_manifest(settings)
