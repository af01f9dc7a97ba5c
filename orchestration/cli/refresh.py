"""`dualuse refresh` and `dualuse ui`: run the pipeline, look at it.

Belongs here: progress and the summary. Does not belong here: what a refresh does.
"""

import contextlib
import os
import signal
import socket
import sys
import time
from typing import Annotated, Any

import typer
from rich.markup import escape

from orchestration import collect, lock, progress, publish
from orchestration.cli.app import Exit, app, err, fail, out
from orchestration.ledger import Ledger
from orchestration.refresh import Outcome
from orchestration.refresh import refresh as run_refresh
from orchestration.settings import Settings

_USE_DG = "ignore:Function `dev_command` is superseded"  # by a command we do not install


class _Console:
    """One line a stage: live with a spinner on a terminal, plain lines elsewhere."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._status = err.status("starting") if err.is_terminal else contextlib.nullcontext()

    def __enter__(self) -> "_Console":
        self._live: Any = self._status.__enter__()
        progress.listen(self.show)
        return self

    def __exit__(self, *details: object) -> None:
        self._status.__exit__(None, None, None)

    def show(self, stage: str, detail: str) -> None:
        if self._live is not None:
            self._live.update(escape(f"{stage}: {detail}" if detail else stage))
        if detail:
            seconds = time.monotonic() - self._started
            err.print(f"{seconds:6.1f} s  {stage:<17} {detail}", markup=False)


@app.command()
def refresh(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build from nothing; the rows come out the same.")
    ] = False,
    no_pull: Annotated[bool, typer.Option("--no-pull", help="Ask no publisher.")] = False,
    accept_vanished: Annotated[
        bool,
        typer.Option("--accept-vanished", help="Publish although periods that were published are gone."),
    ] = False,
) -> None:
    """Bring everything up to date and publish it, if every blocking check is green."""
    if no_pull:
        os.environ["DUALUSE_PULL"] = "off"
    if accept_vanished:
        os.environ["DUALUSE_ACCEPT_VANISHED"] = "1"
    settings = Settings.from_env()
    settings.prepare()
    ledger = Ledger(settings.ledger_path)
    started = time.monotonic()
    try:
        with _Console():
            outcome = run_refresh(settings, ledger, rebuild)
    except lock.LockedError as locked:
        fail(str(locked), Exit.LOCKED)
    _report(settings, ledger, outcome, time.monotonic() - started)
    if outcome.outcome not in ("published", "unchanged"):
        raise typer.Exit(int(Exit.RED))


def _report(settings: Settings, ledger: Ledger, outcome: Outcome, seconds: float) -> None:
    if outcome.placed_sample:
        out.print(
            "The data folder was empty: the bundled SYNTHETIC sample is loaded; no row of it is real trade."
        )
        out.print("The first real file you add sets the sample aside.")
    for warning in outcome.warnings:
        out.print(f"warning: {warning}", markup=False)
    if outcome.outcome == "unchanged":
        out.print(f"Nothing new since the last refresh: nothing published ({seconds:.1f} s).")
        return
    _files(ledger)
    green = sum(1 for gate in outcome.gates if gate["passed"])
    out.print(f"Gates: {len(outcome.gates)} checks ran, {green} green, {len(outcome.red)} red.")
    _failed_checks(outcome)
    if outcome.outcome == "published":
        _published(settings, seconds)
    else:
        _not_published(outcome)


def _files(ledger: Ledger) -> None:
    active = collect.active_files(ledger)
    refused = [entry for entry in ledger.files() if entry.status == "refused"]
    landed, bad = sum(e.rows_landed for e in active), sum(e.rows_quarantined for e in active)
    out.print(f"Files that count: {len(active)}; rows landed {landed:,}, quarantined {bad:,}.")
    for entry in refused:
        out.print(f"Refused: {entry.file_name} ({entry.sha256[:12]}): {entry.reason}", markup=False)
    aside = [e for e in ledger.files() if e.status == "landed" and e not in active]
    if aside:
        out.print(
            f"Set aside: {len(aside)} files of the synthetic sample (dualuse sample --with-real keeps them)."
        )


def _failed_checks(outcome: Outcome) -> None:
    for gate in outcome.gates:
        if not gate["passed"]:
            word = "RED" if gate["severity"] == "block" else "warning"
            seen = gate["error"] or f"{gate['value']} (bound: {gate['threshold']})"
            out.print(f"{word}: {gate['asset']} {gate['name']}: {seen}. {gate['reason']}", markup=False)


def _published(settings: Settings, seconds: float) -> None:
    manifest = publish.published_manifest(settings)
    marts = ", ".join(
        f"{name} {rows:,}" for name, rows in manifest["marts"].items() if name.startswith("fct_")
    )
    out.print(f"Published {settings.marts_database} in {seconds:.0f} s: {marts}.", markup=False)
    if manifest["contains_synthetic"]:
        out.print("What is published holds SYNTHETIC rows (is_synthetic says which).")
    out.print("Try next:")
    for line in (
        ".venv/bin/dualuse status",
        '.venv/bin/dualuse query "select partner_iso2, sum(value_usd) as value_usd from fct_trade_flows'
        " where source = 'gacc' and flow = 'export' group by all order by 2 desc\"",
        ".venv/bin/dualuse trace fct_trade_flows --where \"partner_iso2 = 'RU'\" --limit 1",
    ):
        out.print(f"  {line}", markup=False)


def _not_published(outcome: Outcome) -> None:
    if not outcome.red and outcome.error:
        out.print(f"The refresh failed: {outcome.error}", markup=False)
    out.print(
        "Not published: what users read is as it was. `dualuse status` shows the rows behind each red check;"
    )
    out.print("`dualuse reject SHA --why ...` sets a bad file aside, `dualuse unreject SHA` takes it back.")


@app.command()
def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 3000,
) -> None:
    """Open the pipeline in Dagster's web interface, on this machine only."""
    _require_free(port)
    settings = Settings.from_env()
    settings.prepare()
    os.environ.update(settings.tool_environment())
    out.print(f"http://127.0.0.1:{port} answers in about half a minute (Ctrl-C ends it)")
    sys.stdout.flush()
    # Dagster takes this process over, so that whoever ends it ends the whole of it. A background job of a
    # script ignores Ctrl-C, and Dagster would then ignore every other request to end as well.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    module = ["-m", "orchestration.definitions"]
    os.execv(  # noqa: S606 - our own interpreter
        sys.executable,
        [sys.executable, "-W", _USE_DG, "-m", "dagster", "dev", *module, "-h", "127.0.0.1", "-p", str(port)],
    )


def _require_free(port: int) -> None:
    """Dagster would take another port without being asked."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was just left is free
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as problem:
            fail(f"port {port} on 127.0.0.1 is not to be had ({problem.strerror}): give another with --port")
