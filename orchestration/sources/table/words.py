"""What words, codes and numbers of a table stand for.

Belongs here: one cell at a time: countries, flows, editions, numbers, periods, HS codes. Does not belong
here: columns and rows.
"""

import calendar
import csv
import re
from datetime import date, datetime
from functools import cache
from pathlib import Path

from orchestration.sources import load_source

_DETAILS = load_source("table").details
FLOWS: dict[str, str] = {word: flow for flow, words in _DETAILS["flow_words"].items() for word in words}
EDITIONS: dict[str, str] = {
    word: edition for edition, words in _DETAILS["editions"].items() for word in words
}
MISSING = frozenset(_DETAILS["missing"])
TOTAL_WORDS = frozenset(_DETAILS["total_words"])
IN_FORCE = "in_force"
HS_CODE = re.compile(r"TOTAL|[0-9]{2,10}|[0-9]{2,9}X+", re.IGNORECASE)
_ISO_SHAPES = {4: "%Y", 6: "%Y%m", 7: "%Y-%m", 10: "%Y-%m-%d"}
_PLAIN = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_COUNTRIES = Path(__file__).with_name("countries.csv")


def folded(text: str) -> str:
    """Spaces of any kind as one, lower case: how countries.csv writes its codes."""
    return " ".join(text.split()).lower()


def country(text: str) -> str | None:
    """The place that a name, an ISO or a UN code stands for, or None."""
    return _countries().get(folded(text))


@cache
def _countries() -> dict[str, str]:
    with _COUNTRIES.open(encoding="utf-8", newline="") as stream:
        return {row["code"]: row["iso2"] for row in csv.DictReader(stream)}


def is_missing(text: str | None) -> bool:
    """Whether a cell says that there is nothing."""
    return text is None or text.strip().lower() in MISSING


def number(text: str, thousands: str, decimal: str) -> str | None:
    """The number in plain digits; None where the text is no number in these marks."""
    plain = text.strip().replace("\xa0", " ")
    if thousands and thousands in plain:
        grouped = rf"[-+]?[0-9]{{1,3}}({re.escape(thousands)}[0-9]{{3}})+({re.escape(decimal)}[0-9]*)?"
        if not re.fullmatch(grouped, plain):
            return None
        plain = plain.replace(thousands, "")
    if decimal != ".":
        plain = plain.replace(".", "?").replace(decimal, ".")
    return plain if _PLAIN.fullmatch(plain) else None


def hs_code(text: str) -> str | None:
    """The code in digits, with the zero that a spreadsheet took from it; None where it is no HS code."""
    code = re.sub(r"\.0$", "", text.strip())
    code = code.replace(".", "").replace(" ", "").upper()
    if not HS_CODE.fullmatch(code) and not re.fullmatch("[1-9]", code):
        return None
    if code.isdigit() and len(code) % 2:
        code = f"0{code}"
    return None if code.startswith("00") else code


def period(text: str, form: str | None, frequency: str) -> tuple[date, date] | None:
    """First and last day; None where the text is no period of that frequency from 1900 to 2100."""
    cell = text.strip()
    shape = form or _ISO_SHAPES.get(len(cell))
    if shape is None or (frequency == "monthly" and not re.search("%[mbBdjxcU]", shape)):
        return None
    try:
        day = datetime.strptime(cell, shape).date()
    except ValueError:
        return None
    if not 1900 <= day.year <= 2100:
        return None
    if frequency == "annual":
        return date(day.year, 1, 1), date(day.year, 12, 31)
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])
