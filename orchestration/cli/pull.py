"""The verb `pull`: asking publishers.

Belongs here: options, progress and the summary line. Does not belong here: planning, asking, storing, any one
publisher.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from orchestration import pulls
from orchestration.cli.app import Exit, app, err, fail, out
from orchestration.ledger import Ledger
from orchestration.pulls import Progress as OnProgress
from orchestration.pulls import PublisherUnreachable, PullError, PullOptions, PullProgress, PullReport
from orchestration.settings import Settings
from orchestration.sources import load_source

ASKED = ", ".join(pulls.pullable())


@app.command("pull", no_args_is_help=True)
def pull(
    source: Annotated[str, typer.Argument(help=f"One of {ASKED}.")],
    reporter: Annotated[str, typer.Option(help="Reporting countries, ISO alpha-2: CN or CN,HK.")] = "",
    partner: Annotated[str, typer.Option(help="Partner countries, ISO alpha-2: RU,UA (or world).")] = "",
    flow: Annotated[str, typer.Option(help="X export, M import (at some sources RX re-export too).")] = "",
    hs: Annotated[str, typer.Option(help="HS codes, or what else the source calls goods by.")] = "",
    first: Annotated[str, typer.Option("--from", help="First month (2022-01) or year.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last month (2023-12) or year.")] = "",
    frequency: Annotated[str, typer.Option(help="monthly or annual.")] = "",
    again: Annotated[
        bool, typer.Option("--again", help="Ask for all: also what came earlier today or has no new release.")
    ] = False,
) -> None:
    """Ask a publisher; the answers wait in the inbox for the next refresh.

    Without options the daily queries of the source's source.yml are asked; where there are none, what the
    source takes that to mean. A source that does not use an option refuses it.
    """
    options = PullOptions(reporter, partner, flow, hs, first, last, frequency)
    queries = _queries(source, options)
    module = pulls.pull_module(source)
    settings = Settings.from_env()
    settings.prepare()
    ledger = Ledger(settings.ledger_path)
    reports: list[PullReport] = []
    try:
        with _progress() as on_progress:
            for query in queries:
                reports.append(module.pull(query, settings, ledger, on_progress, again=again))
    except PublisherUnreachable as error:
        fail(f"{error}; the same command goes on where this one stopped", Exit.UNREACHABLE)
    except PullError as error:
        fail(f"{error}; the same command asks for the missing parts only", Exit.RED)
    _summary(load_source(source).title, reports)


def _queries(source: str, options: PullOptions) -> list[Any]:
    if source not in pulls.pullable():
        fail(f"there is no publisher to ask for {source!r}; there are: {ASKED}")
    today = datetime.now(UTC).date()
    module = pulls.pull_module(source)
    try:
        daily = [] if options else module.default_queries(today, load_source(source).pull or {})
        return daily or module.queries(options, today)
    except PullError as error:
        fail(str(error))


@contextmanager
def _progress() -> Iterator[OnProgress]:
    """A bar on a terminal, a plain line for each part elsewhere."""
    if not err.is_terminal:
        yield lambda p: out.print(f"{p.source} {p.done}/{p.total} {p.message}", markup=False)
        return
    columns = (
        TextColumn("{task.fields[source]}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=err) as bar:
        task = bar.add_task("asking", total=None, source="")

        def show(step: PullProgress) -> None:
            bar.update(
                task, completed=step.done, total=step.total, description=step.message, source=step.source
            )

        yield show


def _summary(publisher: str, reports: list[PullReport]) -> None:
    for report in reports:
        for warning in report.warnings:
            err.print(f"warning: {warning}", markup=False)
    stored, unchanged, empty, rows, requests, already = (
        sum(getattr(report, name) for report in reports)
        for name in ("stored", "unchanged", "empty", "rows", "requests", "already")
    )
    earlier = f", {already} there already from earlier today (--again asks anew)" if already else ""
    out.print(
        f"{publisher}: {stored} answers stored, {unchanged} unchanged ({empty} without data), {rows:,} rows,"
        f" {requests} requests{earlier}. Next: dualuse refresh",
        markup=False,
    )
