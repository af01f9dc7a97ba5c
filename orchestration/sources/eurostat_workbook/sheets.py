"""One sheet of a data browser workbook: its title rows, its months, and its cells one by one.

Belongs here: where on a sheet things stand, and refusing a sheet on which they do not. Does not belong here:
the book and its records (adapter.py), what a cell means (staging).
"""

from collections.abc import Iterator, Mapping, Sequence

from openpyxl.utils.cell import get_column_letter

from orchestration.reading.workbook import SheetRow
from orchestration.sources.contract import Refused

_FIRST_MONTH = 2  # column C
_TABLE = ("TIME", "FREQ", "REPORTER")  # first words of the three rows above the data


def title_rows(rows: Sequence[SheetRow], names: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What stands above the table: by our column names, and what none of ours names.

    The text is the first one right of the title; a title that stands alone is its own text.
    """
    found: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for row in rows:
        if row.cells[0].startswith(_TABLE):
            break
        texts = [text for text in row.cells if text.strip()]
        column = next((column for column, title in names.items() if texts[0].startswith(title)), None)
        if column is None:
            unknown[texts[0].strip()] = texts[-1]
        else:
            found[column] = texts[1] if len(texts) > 1 else texts[0]
    return found, unknown


def cells(sheet: str, rows: Sequence[SheetRow]) -> Iterator[dict[str, str]]:
    """The cell of each month in each data row, with its place on the sheet.

    Raises:
        Refused: the table's head is not there, or figures stand below the legend.
    """
    time, frequencies, places = (_row(sheet, rows, word) for word in _TABLE)
    months = {place: text for place, text in enumerate(time.cells) if place >= _FIRST_MONTH and text.strip()}
    if not months or not _text(places, 1).startswith("PARTNER"):
        raise Refused(f"{sheet}: no months, or partners do not stand in the second column")
    for row in _data(sheet, [row for row in rows if row.number > places.number], places.number, months):
        for place, month in months.items():
            yield {
                "sheet": sheet,
                "cell": f"{get_column_letter(place + 1)}{row.number}",
                "frequency": _text(frequencies, place),
                "period": month,
                "reporter": _text(row, 0),
                "partner": _text(row, 1),
                "value": _text(row, place),
                "flag": "" if place + 1 in months else _text(row, place + 1),
            }


def _data(sheet: str, body: Sequence[SheetRow], above: int, months: Mapping[int, str]) -> Iterator[SheetRow]:
    """Rows that follow one another without a gap; below the gap stands the legend, which has no figures."""
    expected = above
    for row in body:
        expected += 1
        if row.number == expected:
            yield row
        elif any(_text(row, place) for place in months):
            raise Refused(f"{sheet}: row {row.number} has figures below the legend")
        else:
            expected = -1


def _row(sheet: str, rows: Sequence[SheetRow], word: str) -> SheetRow:
    for row in rows:
        if row.cells[0].startswith(word):
            return row
    raise Refused(f"{sheet}: no row starts with {word}")


def _text(row: SheetRow, place: int) -> str:
    return row.cells[place] if place < len(row.cells) else ""
