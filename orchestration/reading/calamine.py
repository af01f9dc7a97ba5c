"""Sheets through the calamine library, and the bounds that keep it from taking the process down.

Belongs here: what calamine does differently from what `workbook.read_sheet` promises. Does not belong here:
choosing a library, a sheet, or the text of a cell (`workbook.py`, `cells.py`).
"""

import contextlib
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from orchestration.reading import ReadingError
from orchestration.reading.cells import cell_text

MAX_XLS_MEMORY_BYTES = 4 << 30


def open_book(path: Path) -> CalamineWorkbook:
    """Open a workbook by its content: given a path, calamine would believe the extension.

    Raises:
        ReadingError: Damaged or encrypted.
    """
    try:
        with path.open("rb") as stream:
            return CalamineWorkbook.from_filelike(stream)
    except CalamineError as error:
        raise ReadingError(f"{path.name}: the workbook is damaged or encrypted ({error})") from error


def worksheets(book: CalamineWorkbook) -> list[str]:
    """List the worksheets in the book's order, without chart sheets."""
    return [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]


def rows(book: CalamineWorkbook, name: str) -> Iterator[tuple[int, list[str]]]:
    """Walk the rows of a sheet: number from 1, cells from column A."""
    sheet = book.get_sheet_by_name(name)
    # Rows above the first filled one are handed out, columns before it are not.
    indent = [""] * (sheet.start[1] if sheet.start else 0)
    for number, row in enumerate(sheet.iter_rows(), start=1):
        yield number, indent + [value if isinstance(value, str) else cell_text(value) for value in row]


def read_xls(path: Path) -> dict[str, list[tuple[int, list[str]]]]:
    """Read all worksheets of an .xls file, in a process of its own.

    One wrong column number in a damaged .xls makes calamine ask for 25 GB (seen), on which the process is
    aborted: no exception. The child may have 4 GiB and is expendable. An .xlsx needs no such thing, since
    its cells are counted beforehand.

    Raises:
        ReadingError: Damaged, encrypted, or larger than fits.
    """
    # A forked child would share the locks of this process's other threads.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=spawn, initializer=_bound) as pool:
        try:
            return pool.submit(_load_xls, path).result()
        except BrokenProcessPool:
            raise ReadingError(f"{path.name}: the workbook is damaged or does not fit in memory") from None


def _bound() -> None:
    """Limit this process's memory, and keep the trace of an abort off the terminal."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    with contextlib.suppress(ImportError, OSError, ValueError):  # not every system has the limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_XLS_MEMORY_BYTES, MAX_XLS_MEMORY_BYTES))


def _load_xls(path: Path) -> dict[str, list[tuple[int, list[str]]]]:
    try:
        with open_book(path) as book:
            return {name: list(rows(book, name)) for name in worksheets(book)}
    except ReadingError:
        raise
    except BaseException as error:  # a panic of calamine is no Exception, and cannot leave this process
        raise ReadingError(f"{path.name}: the workbook is damaged ({error})") from None
