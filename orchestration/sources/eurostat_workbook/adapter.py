"""Data browser workbooks: front sheets, then one product a sheet, months side by side, taken apart by cell.

Belongs here: telling the book, its records. Does not belong here: where on a sheet things stand (sheets.py),
what `:` means for a flow, the code inside a label, places and months as dates (staging).

A record is a cell in a month's column of a data row, whatever it holds; data rows stand below the row
`REPORTER | PARTNER`, down to the first empty row. What follows is the legend, and no record. Records are
numbered from 1 through the book, sheet after sheet, row after row; `sheet` and `cell` (AH57) say where each
stands. A column without a month, right of one with, holds the flags of that month.

Known defects of the source: `:` is not available, not zero; the code stands only inside the product's label,
which may be several labels with their validity; books of HS4 and of CN8 overlap.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path

from orchestration.manifest import Manifest
from orchestration.reading.workbook import read_sheet, sheet_names
from orchestration.sources import load_source
from orchestration.sources.contract import Bad, Chunk, Event, Facts, Refused, Row, to_batches
from orchestration.sources.eurostat_workbook.sheets import cells, title_rows

VERSION = "1"

_SPEC = load_source("eurostat_workbook")
_TITLES: dict[str, str] = _SPEC.details["titles"]
_ZIP = b"PK\x03\x04"


def recognise(path: Path, name: str) -> bool:
    """Whether it is a data browser workbook of the European Union's trade."""
    with path.open("rb") as stream:
        if stream.read(4) != _ZIP:
            return False
    return _first_titles(path).get("dataset", "").startswith(_SPEC.details["datasets"])


def complete(path: Path, name: str, manifest: Manifest) -> Manifest:
    """The book says everything itself; the day its data were last updated is the day of publication."""
    day, *_ = _first_titles(path).get("last_updated", "").split(" ")
    if manifest.published or not day:
        return manifest
    published = datetime.strptime(day, "%d/%m/%Y").date()
    return manifest.model_copy(update={"published": published})


def land(path: Path, manifest: Manifest) -> Iterator[Chunk]:
    """Decode one book into Arrow batches of the columns in source.yml.

    Raises:
        Refused: no sheet of a product, another classification or measure, or a sheet laid out otherwise.
    """
    return to_batches(_events(path), _SPEC.columns)


def _events(path: Path) -> Iterator[Event]:
    sheets = _product_sheets(path)
    if not sheets:
        raise Refused("the book has front sheets only")
    count = 0
    for sheet in sheets:
        rows = list(read_sheet(path, sheet))
        titles, unknown = title_rows(rows, _TITLES)
        _check(sheet, titles)
        for cell in cells(sheet, rows):
            count += 1
            yield _event(count, {**titles, **cell}, unknown)
    yield Facts("data browser, workbook", ", ".join(_TITLES.values()), count)


def _check(sheet: str, titles: Mapping[str, str]) -> None:
    if missing := [title for column, title in _TITLES.items() if column not in titles]:
        raise Refused(f"{sheet}: no title row for {', '.join(missing)}")
    if "CN8" not in titles["dataset"]:
        raise Refused(f"{sheet}: the dataset «{titles['dataset']}» is not in HS and CN codes")
    if titles["indicator"] not in _SPEC.details["indicators"]:
        raise Refused(f"{sheet}: it holds {titles['indicator']}; only books of values in euro are read")


def _event(number: int, cell: Mapping[str, str], unknown: Mapping[str, str]) -> Event:
    if cell["reporter"].strip() and cell["partner"].strip():
        return Row(number, cell, unknown or None)
    raw = "\t".join(cell[name] for name in ("sheet", "cell", "reporter", "partner", "value"))
    return Bad(number, raw, "a cell without a reporter or a partner")


def _first_titles(path: Path) -> dict[str, str]:
    """Title rows of the first sheet that holds a product; none where there is no such sheet."""
    sheets = _product_sheets(path)
    return title_rows(list(islice(read_sheet(path, sheets[0]), 12)), _TITLES)[0] if sheets else {}


def _product_sheets(path: Path) -> list[str]:
    """All sheets but the front ones."""
    return [name for name in sheet_names(path) if name not in _SPEC.details["front_sheets"]]
