"""The verb group `pull`: asking publishers.

Belongs here: options, progress and the summary line. Does not belong here: planning, asking, storing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from orchestration.cli.app import Exit, app, err, fail, out
from orchestration.ledger import Ledger
from orchestration.pulls import Progress as OnProgress
from orchestration.pulls import PublisherUnreachable, PullError, PullProgress, PullReport
from orchestration.settings import Settings
from orchestration.sources import load_source
from orchestration.sources.comtrade import pull as comtrade

pull_app = typer.Typer(
    help="Ask a publisher; the answers wait in the inbox for the next refresh.", no_args_is_help=True
)
app.add_typer(pull_app, name="pull")


@pull_app.command("comtrade")
def pull_comtrade(
    reporter: Annotated[str, typer.Option(help="Reporting countries, ISO alpha-2: CN or CN,HK.")] = "",
    partner: Annotated[str, typer.Option(help="Partner countries, ISO alpha-2: RU,UA (or world).")] = "",
    flow: Annotated[str, typer.Option(help="X export, M import, RX re-export, RM re-import.")] = "",
    hs: Annotated[str, typer.Option(help="HS codes of 2, 4 or 6 digits, or TOTAL, AG2, AG4, AG6.")] = "",
    first: Annotated[str, typer.Option("--from", help="First month (2022-01) or year.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last month (2023-12) or year.")] = "",
    frequency: Annotated[str, typer.Option(help="monthly or annual.")] = "monthly",
    again: Annotated[
        bool, typer.Option("--again", help="Ask anew for what was pulled earlier today.")
    ] = False,
) -> None:
    """Pull from UN Comtrade; without options, the daily queries of its source.yml.

    With the environment COMTRADE_API_KEY the keyed endpoint is asked, else the keyless preview.
    """
    names = ("--reporter", "--partner", "--flow", "--hs", "--from", "--to")
    given = dict(zip(names, (reporter, partner, flow, hs, first, last), strict=True))
    queries = _queries(given, frequency)
    settings = Settings.from_env()
    settings.prepare()
    ledger = Ledger(settings.ledger_path)
    reports: list[PullReport] = []
    try:
        with _progress() as on_progress:
            for query in queries:
                reports.append(comtrade.pull(query, settings, ledger, on_progress, again=again))
    except PublisherUnreachable as error:
        fail(f"{error}; the same command goes on where this one stopped", Exit.UNREACHABLE)
    except PullError as error:
        fail(f"{error}; the same command asks for the missing parts only", Exit.RED)
    _summary(reports)


def _queries(given: dict[str, str], frequency: str) -> list[comtrade.Query]:
    missing = [name for name, value in given.items() if not value]
    try:
        if len(missing) == len(given):
            return comtrade.default_queries(
                datetime.now(UTC).date(), load_source("comtrade").pull or {"defaults": []}
            )
        if missing:
            fail(f"give {', '.join(missing)} as well (or no option at all, for the daily queries)")
        return [
            comtrade.parse_query(
                reporter=given["--reporter"],
                partner=given["--partner"],
                flow=given["--flow"],
                hs=given["--hs"],
                first=given["--from"],
                last=given["--to"],
                frequency=frequency,
            )
        ]
    except comtrade.QueryError as error:
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


def _summary(reports: list[PullReport]) -> None:
    for report in reports:
        for warning in report.warnings:
            err.print(f"warning: {warning}", markup=False)
    stored, unchanged, empty, rows, requests, already = (
        sum(getattr(report, name) for report in reports)
        for name in ("stored", "unchanged", "empty", "rows", "requests", "already")
    )
    earlier = f", {already} there already from earlier today (--again asks anew)" if already else ""
    out.print(
        f"UN Comtrade: {stored} answers stored, {unchanged} unchanged ({empty} without data), {rows:,} rows,"
        f" {requests} requests{earlier}. Next: dualuse refresh",
        markup=False,
    )
