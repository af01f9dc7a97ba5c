"""Rows of an Excel sheet as text, whichever of two libraries reads it.

Belongs here: containers, sheets, and turning a typed cell into the text it stands for. Does not belong here:
where in a sheet the header is, and what a cell means.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from xml.etree import ElementTree

import openpyxl
from openpyxl.utils.cell import column_index_from_string
from python_calamine import CalamineError

from orchestration.reading import PACKAGE_DAMAGE, ReadingError, is_damage
from orchestration.reading.calamine import open_book, read_xls, rows, worksheets
from orchestration.reading.cells import cell_text
from orchestration.reading.delimited import strip_trailing_empty

MAX_CALAMINE_CELLS = 2_000_000
MAX_SHARED_STRINGS_BYTES = 1 << 30
_CHUNK_BYTES = 1 << 20
_CELL = re.compile(rb'<(?:\w+:)?c\s[^<>]*?\br="([A-Z]{1,3})([0-9]+)"')
_CELL_START = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# What the libraries raise on a damaged part.
_DAMAGE = (*PACKAGE_DAMAGE, CalamineError, ElementTree.ParseError, LookupError, TypeError, AttributeError)


class SheetRow(NamedTuple):
    """A row that holds text: its number on the sheet from 1, and its cells without empty ones at the end."""

    number: int
    cells: tuple[str, ...]


def sheet_names(path: Path) -> list[str]:
    """List the worksheets in the book's order, hidden ones included, chart sheets left out.

    Raises:
        ReadingError: Not a workbook that can be read.
    """
    if _container(path) == "xls":
        return list(read_xls(path))
    with open_book(path) as book:
        return worksheets(book)


def read_sheet(
    path: Path, sheet: str | int | None = None, max_calamine_cells: int = MAX_CALAMINE_CELLS
) -> Iterator[SheetRow]:
    """Walk the rows of a sheet of an .xlsx, .xlsm or .xls file; the content decides, not the file's name.

    A cell's text: whole numbers without `.0`, others in the fewest digits that give the same double, never
    with an exponent; `true` and `false`; `YYYY-MM-DD`, with `THH:MM:SS` unless it is midnight; durations as
    `H:MM:SS`; nothing for an empty cell, an error (`#N/A`) and a formula that no program has computed yet.
    Whole numbers beyond 2**53 come as the nearest double, which is what Excel keeps too; serial numbers that
    are dates before 1900 or after 9999 have no fixed text. Rows without any text are left out, and show as
    gaps in the numbers. Pad a row to its header's width before using it.

    calamine is fast, but takes about 92 bytes for each cell of the sheet's filled rectangle (555 MB for
    150,000 x 40, measured). Sheets of up to `max_calamine_cells`, counted on the sheet itself and never read
    off its stated dimension, go to it: 2,000,000 cells are about 185 MB. Larger ones go to openpyxl's
    streaming reader, six to ten times as slow, in some 50 MB. Both hold the book's shared strings, whose
    part may have up to 1 GiB. An .xls has at most 65,536 x 256 cells and is read whole, in a process of its
    own (`calamine.read_xls`).

    Args:
        path: The workbook.
        sheet: Name, or position from 0 among `sheet_names`; the first worksheet if None.
        max_calamine_cells: See above.

    Raises:
        ReadingError: Not a workbook, damaged, encrypted, or without that sheet.
    """
    try:
        for number, cells in _rows(path, sheet, max_calamine_cells):
            if kept := strip_trailing_empty(cells):
                yield SheetRow(number, kept)
    except _DAMAGE as error:
        if not is_damage(error):
            raise
        raise ReadingError(f"{path.name}: the workbook is damaged ({error})") from error


def _rows(path: Path, sheet: str | int | None, max_calamine_cells: int) -> Iterator[tuple[int, list[str]]]:
    if _container(path) == "xls":
        sheets = read_xls(path)
        yield from sheets[_choose(path, list(sheets), sheet)]
        return
    with open_book(path) as book:
        name = _choose(path, worksheets(book), sheet)
        if _cells_fit(path, name, max_calamine_cells):
            yield from rows(book, name)
            return
    yield from _rows_by_openpyxl(path, name)


def _choose(path: Path, names: list[str], sheet: str | int | None) -> str:
    if isinstance(sheet, str) and sheet in names:
        return sheet
    position = 0 if sheet is None else sheet
    if isinstance(position, int) and 0 <= position < len(names):
        return names[position]
    raise ReadingError(f"{path.name} has no worksheet {sheet!r}, only {', '.join(names) or 'none at all'}")


def _container(path: Path) -> str:
    """Tell .xlsx from .xls by content, and refuse everything else."""
    with path.open("rb") as stream:
        head = stream.read(2048)
    if head.startswith(_OLE):
        if _holds(path, "EncryptedPackage".encode("utf-16-le")):
            raise ReadingError(f"{path.name} is encrypted: save it without a password first")
        return "xls"
    if not head.startswith(_ZIP):
        text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        what = "an HTML or XML page" if text.startswith(b"<") else "plain text or another format"
        raise ReadingError(f"{path.name} is not an Excel workbook but {what if head else 'empty'}")
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
    except PACKAGE_DAMAGE as error:
        if not is_damage(error):
            raise
        raise ReadingError(f"{path.name}: the workbook is damaged ({error})") from error
    if "xl/workbook.xml" not in sizes:
        raise ReadingError(f"{path.name} is not an .xlsx or .xls workbook: it has no xl/workbook.xml")
    if (size := sizes.get("xl/sharedStrings.xml", 0)) > MAX_SHARED_STRINGS_BYTES:
        raise ReadingError(f"{path.name}: {size} bytes of shared strings are more than fit in memory")
    return "xlsx"


def _holds(path: Path, wanted: bytes) -> bool:
    tail = b""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            if wanted in tail + chunk:
                return True
            tail = chunk[-len(wanted) :]
    return False


def _rows_by_openpyxl(path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    with path.open("rb") as stream:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which are of no use here
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        sheet = book[name]
        sheet.reset_dimensions()  # the stated dimension would cut the sheet (seen: 1 row of 41)
        for number, row in enumerate(sheet.iter_rows(), start=1):
            yield number, ["" if cell.data_type == "e" else cell_text(cell.value) for cell in row]


def _cells_fit(path: Path, name: str, limit: int) -> bool:
    """Tell whether the rectangle of the sheet's cells is surely within the limit.

    calamine allocates that rectangle, so one stray cell in the last row counts for all between. Where a cell
    does not state its place, the answer is no.
    """
    columns: set[bytes] = set()
    numbers: set[bytes] = set()
    cells = placed = 0
    rest = b""
    with zipfile.ZipFile(path) as archive, archive.open(_part_of(archive, name)) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            # Cut before the last tag, which the next chunk completes.
            chunk, cut = rest + chunk, (rest + chunk).rfind(b"<")
            chunk, rest = chunk[:cut], chunk[cut:]
            found = _CELL.findall(chunk)
            columns.update(column for column, _ in found)
            numbers.update(row for _, row in found)
            placed += len(found)
            cells += len(_CELL_START.findall(chunk))
            if placed != cells or b"\0" in chunk or _area(columns, numbers) > limit:
                return False
    return True


def _area(columns: set[bytes], numbers: set[bytes]) -> int:
    width = max((column_index_from_string(column.decode()) for column in columns), default=0)
    return width * max(map(int, numbers), default=0)


def _part_of(archive: zipfile.ZipFile, name: str) -> str:
    """Find the worksheet's part in the package."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 expat bounds entities
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    wanted = next(node.get(_RELATION) for node in book.iterfind(".//{*}sheet") if node.get("name") == name)
    target = targets[wanted]
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
