"""`dualuse status`: sources, files, the last refresh and the rows behind its red checks.

Belongs here: tables on a terminal. Does not belong here: gathering the facts (module status).
"""

from typing import Annotated, Any

import typer
from rich.table import Table

from orchestration import collect
from orchestration import status as facts
from orchestration.cli.app import app, out
from orchestration.ledger import Ledger
from orchestration.settings import Settings


@app.command()
def status(
    files: Annotated[
        bool, typer.Option("--files", help="Every archived file and what became of it.")
    ] = False,
) -> None:
    """Sources and their freshness, the last refresh, red checks with the rows behind them."""
    settings = Settings.from_env()
    settings.prepare()
    ledger = Ledger(settings.ledger_path)
    _sources(ledger)
    _published(settings)
    _coverage(settings)
    _last_run(ledger)
    _waiting(settings, ledger)
    if files:
        _files(settings, ledger)
    else:
        _notable_files(settings, ledger)


def _sources(ledger: Ledger) -> None:
    table = Table(title="Sources", title_justify="left")
    for column in ("source", "files", "rows", "newest vintage", "freshness", "synthetic"):
        table.add_column(column)
    for state in facts.source_states(ledger):
        synthetic = "SYNTHETIC" if state.has_synthetic else "no"
        counts = (str(state.files), f"{state.rows:,}")
        newest = str(state.newest or "-")
        table.add_row(f"{state.code}: {state.title}", *counts, newest, _freshness(state), synthetic)
    out.print(table)


def _freshness(state: facts.SourceState) -> str:
    if state.newest is None:
        return "no file"
    return f"older than {state.cadence_days} days" if state.is_stale else "fresh"


def _published(settings: Settings) -> None:
    manifest = facts.published(settings)
    if not manifest:
        out.print("Nothing is published yet.")
        return
    synthetic = "; holds SYNTHETIC rows" if manifest["contains_synthetic"] else ""
    out.print(
        f"Published {manifest['published_at'][:19]} UTC: {settings.marts_database}{synthetic}", markup=False
    )


def _coverage(settings: Settings) -> None:
    rows = facts.coverage(settings)
    if not rows:
        return
    table = Table(title="Coverage (periods; ops_coverage has each of them)", title_justify="left")
    for column in ("source", "reporters", "from", "to", "missing between", "empty", "partial", "late"):
        table.add_column(column)
    for row in rows:
        late = (
            f"{row['late_series']} series, up to {row['most_days_late']} days" if row["late_series"] else "no"
        )
        counts = (str(row[name]) for name in ("gaps", "empty", "partial"))
        span = (str(row["first_period"] or "-"), str(row["last_period"] or "-"))
        table.add_row(row["source"], str(row["reporters"]), *span, *counts, late)
    out.print(table)


def _last_run(ledger: Ledger) -> None:
    run = facts.last_run(ledger)
    if run is None:
        out.print("No refresh has run yet.")
        return
    ended = run["outcome"] or "interrupted, or still running"
    out.print(
        f"Last refresh ({run['trigger_kind']}) started {run['started_at'][:19]} UTC: {ended}", markup=False
    )
    if run["error"]:
        out.print(f"  error: {run['error']}", markup=False)
    for warning in run["warnings"]:
        out.print(f"  warning: {warning['message']}", markup=False)
    for check in run["failed"]:
        _check(check)


def _check(check: dict[str, Any]) -> None:
    word = "RED" if check["severity"] == "block" else "warning"
    out.print(f"{word}: {check['asset']} {check['name']}: {check['error'] or check['value']}", markup=False)
    out.print(f"  bound: {check['threshold']}. {check['reason']}", markup=False)
    for row in check["offending"][:5]:
        shown = ", ".join(f"{name}={value}" for name, value in row.items() if value not in (None, ""))
        out.print(f"  row: {shown}", markup=False)
    more = (check["offending_count"] or 0) - 5
    if more > 0:
        out.print(f"  and {more} more (ops_gate_results has them after the next green publish)")
    names = {str(row["file_name"]) for row in check["offending"] if row.get("file_name")}
    shas = {str(row.get("_file_sha256") or row.get("sha256") or "")[:12] for row in check["offending"]} - {""}
    if word == "RED" and shas:
        files = ", ".join(sorted(names)) or "the file"
        command = f"dualuse reject {' / '.join(sorted(shas))} --why ..."
        out.print(f"  to set {files} aside: {command}", markup=False)


def _waiting(settings: Settings, ledger: Ledger) -> None:
    problems = {row["path"]: row["reason"] for row in ledger.rows("select path, reason from waiting")}
    for path in collect.inbox_files(settings):
        name = str(path.relative_to(settings.data))
        out.print(f"Inbox: {name}: {problems.get(name, 'archived at the next refresh')}", markup=False)


def _line(state: facts.FileState) -> str:
    entry = state.entry
    synthetic = " SYNTHETIC" if entry.manifest.is_synthetic else ""
    rows = f"{entry.rows_landed:,} of {entry.rows_in:,} rows landed"
    name = f"{entry.sha256[:12]} {entry.status}{synthetic} {entry.source} {entry.file_name}"
    return f"{name}: {rows}: {state.explanation}"


def _files(settings: Settings, ledger: Ledger) -> None:
    for state in facts.file_states(settings, ledger):
        out.print(_line(state), markup=False)


def _notable_files(settings: Settings, ledger: Ledger) -> None:
    """Files of which nothing is in the flows, with the reason."""
    states = facts.file_states(settings, ledger)
    aside = [s for s in states if s.entry.status == "landed" and not s.is_active]
    if aside:
        out.print(f"The synthetic sample ({len(aside)} files) is set aside because real files are loaded.")
    for state in states:
        is_elsewhere = "in fct_trade_flows" not in state.explanation.split(" (")[0]
        if (state not in aside and is_elsewhere) or "none in fct_trade_flows" in state.explanation:
            out.print(_line(state), markup=False)
