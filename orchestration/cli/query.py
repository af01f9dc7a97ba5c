"""`dualuse query` and `dualuse trace`: read what is published, and open a number to its raw cells.

Belongs here: output formats. Does not belong here: SQL of ours, connections (module read).
"""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import typer
from rich.markup import escape
from rich.table import Table

from orchestration import publish, read
from orchestration.cli.app import app, err, fail, out
from orchestration.ledger import Ledger
from orchestration.settings import Settings


class Format(StrEnum):
    """How a result is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


@app.command()
def query(
    sql: Annotated[str | None, typer.Argument(help="One SQL query over the marts.")] = None,
    file: Annotated[Path | None, typer.Option("-f", "--file", help="Read the query from a file.")] = None,
    output_format: Annotated[
        Format, typer.Option("--format", help="How to write the result.")
    ] = Format.TABLE,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write here instead of standard output.")
    ] = None,
) -> None:
    """Ask the published tables; nothing can be changed from here."""
    if (sql is None) == (file is None):
        fail("give a query, or -f FILE with one")
    if file is not None and not file.is_file():
        fail(f"{file}: no such file")
    text = sql if file is None else file.read_text(encoding="utf-8")
    settings = Settings.from_env()
    try:
        result = read.query(settings, str(text))
    except (read.NothingPublished, read.QueryError) as problem:
        fail(str(problem))
    _write(result, output_format, output)
    if publish.published_manifest(settings).get("contains_synthetic"):
        err.print("Note: what is published holds SYNTHETIC rows; is_synthetic says which.")


def _write(result: pa.Table, output_format: Format, output: Path | None) -> None:
    if output_format is Format.TABLE and output is None:
        out.print(_table(result))
        return
    if output_format is Format.PARQUET and output is None and sys.stdout.isatty():
        fail("Parquet is binary: give -o FILE")
    sink = pa.OSFile(str(output), "wb") if output else pa.PythonFile(sys.stdout.buffer, mode="w")
    with sink:
        if output_format is Format.PARQUET:
            pyarrow.parquet.write_table(result, sink)
        elif output_format is Format.CSV:
            pyarrow.csv.write_csv(result, sink)
        elif output_format is Format.JSON:
            sink.write(
                (json.dumps(result.to_pylist(), default=str, ensure_ascii=False, indent=1) + "\n").encode()
            )
        else:
            sink.write(_plain(result).encode())


def _table(result: pa.Table) -> Table:
    table = Table()
    for name in result.column_names:
        table.add_column(escape(name), overflow="fold")
    for row in result.to_pylist():
        table.add_row(*(escape(_cell(value)) for value in row.values()))
    return table


def _plain(result: pa.Table) -> str:
    rows = [result.column_names, *([_cell(v) for v in row.values()] for row in result.to_pylist())]
    return "".join("\t".join(row) + "\n" for row in rows)


def _cell(value: object) -> str:
    return "" if value is None else str(value)


@app.command()
def trace(
    table: Annotated[
        str, typer.Argument(help="A fct_ table of trade, or one of mart_dual_use_monthly, mart_growth, ...")
    ],
    where: Annotated[str, typer.Option(help="Which rows, as an SQL condition.")],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many rows of the mart.")] = 5,
) -> None:
    """Open rows of a mart to the raw cells they were made of: file, digest, row number, archived path."""
    settings = Settings.from_env()
    settings.prepare()
    try:
        traced = read.trace(settings, Ledger(settings.ledger_path), table, where, limit)
    except (read.NothingPublished, read.QueryError) as problem:
        fail(str(problem))
    if not traced:
        out.print(f"No row of {table} meets the condition.", markup=False)
    for row, behind in traced:
        shown = ", ".join(f"{name}={_cell(value)}" for name, value in row.items() if value is not None)
        out.print(f"{table}: {shown}", markup=False)
        for raw in behind:
            synthetic = " SYNTHETIC" if raw.is_synthetic else ""
            out.print(f"  {raw.role}: {raw.file_name} row {raw.row_number}{synthetic}", markup=False)
            out.print(f"    sha256 {raw.sha256}", markup=False)
            out.print(f"    archived {raw.archived_path}", markup=False)
            out.print(
                "    " + ", ".join(f"{name}={value!r}" for name, value in raw.cells.items()), markup=False
            )
