"""What a typed spreadsheet cell says, as text.

Belongs here: one cell, whichever library typed it. Does not belong here: sheets and files (`workbook.py`).
"""

import datetime as dt
from decimal import Decimal

from openpyxl.utils.escape import unescape


def cell_text(value: object) -> str:
    """Write a cell so that calamine and openpyxl give the same text; `workbook.read_sheet` says how.

    Raises:
        TypeError: A type neither library hands out.
    """
    if isinstance(value, float):  # the most frequent first
        return _number(value)
    if isinstance(value, str):
        return unescape(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _number(float(value))
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds())
        sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
        return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    raise TypeError(f"a cell of the unknown type {type(value).__name__}")


def _number(value: float) -> str:
    text = repr(value)
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")
