"""Which field a column of a user's table holds, by its name and by its cells.

Belongs here: guesses, and what is not sure about them. Does not belong here: writing them down (`propose`),
the rules of a mapping (`mapping`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from orchestration.sources import load_source
from orchestration.sources.table.words import EDITIONS, FLOWS, country, hs_code, number, period
from orchestration.sources.tabular import folded

NUMERIC = ("value", "quantity", "net_weight_kg")
_AGREE = 0.95  # of a column's filled cells
_ALIASES: Mapping[str, Sequence[str]] = load_source("table").details["aliases"]


@dataclass(frozen=True)
class Column:
    """A column of the table: its name, its filled cells of the sample."""

    name: str
    cells: tuple[str, ...]

    def share(self, holds: Callable[[str], bool]) -> float:
        """The part of the filled cells that `holds` is true of, 0 to 1."""
        return sum(map(holds, self.cells)) / len(self.cells) if self.cells else 0.0


@dataclass(frozen=True)
class Guess:
    """A field for a column, and what is not sure about it."""

    column: Column
    doubt: str | None


def is_number(cell: str) -> bool:
    """Whether a cell is a number under any marks."""
    return any(number(cell, *marks) is not None for marks in (("", "."), (",", "."), (".", ","), (" ", ",")))


def _is_period(cell: str) -> bool:
    return period(cell, None, "annual") is not None or bool(forms_of((cell,)))


# What the cells of a field look like.
_SHAPES: Mapping[str, Callable[[str], bool]] = {
    "reporter": lambda cell: country(cell) is not None,
    "partner": lambda cell: country(cell) is not None,
    "flow": lambda cell: cell.strip().lower() in FLOWS,
    "period": _is_period,
    "year": lambda cell: bool(re.fullmatch(r"(19|20)\d\d(\.0)?", cell.strip())),
    "month": lambda cell: bool(re.fullmatch(r"(0?[1-9]|1[0-2])(\.0)?", cell.strip())),
    "hs_code": lambda cell: hs_code(cell) is not None,
    "hs_revision": lambda cell: cell.strip().upper() in EDITIONS,
    "currency": lambda cell: bool(re.fullmatch("[A-Za-z]{3}", cell.strip())),
    **dict.fromkeys(NUMERIC, is_number),
}


def guesses_of(columns: Sequence[Column]) -> dict[str, Guess]:
    """A column for each field that a name speaks for, the whole name before a word of it."""
    found: dict[str, Guess] = {}
    taken: set[str] = set()
    for whole in (True, False):
        for field in _ALIASES:
            fits = [c for c in columns if c.name not in taken and _speaks(c.name, field, whole)]
            if not fits or field in found or (field == "period" and "year" in found):
                continue
            best = max(fits, key=lambda c: c.share(_SHAPES.get(field, bool)))
            found[field] = Guess(best, _doubt(best, field, fits, whole))
            taken.add(best.name)
    return found


def _speaks(name: str, field: str, whole: bool) -> bool:
    plain = re.sub(r"[_\W]+", " ", folded(name)).strip()
    aliases = _ALIASES[field]
    return plain in aliases if whole else any(word in aliases for word in plain.split())


def _doubt(column: Column, field: str, fits: Sequence[Column], whole: bool) -> str | None:
    shape = _SHAPES.get(field)
    share = column.share(shape) if shape else 1.0
    if share < _AGREE:
        odd = next((cell for cell in column.cells if shape and not shape(cell)), "")
        return f"unsure: only {share:.0%} of the cells look like it, {odd!r} does not"
    if len(fits) > 1:
        return f"unsure: or {', '.join(repr(c.name) for c in fits if c is not column)}"
    return None if whole else "unsure: only a word of the name says so"


def forms_of(cells: Sequence[str]) -> list[str]:
    """Ways of writing a period that fit every cell."""
    known = [
        "%m/%Y",
        "%m.%Y",
        "%d.%m.%Y",
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%b %Y",
        "%B %Y",
        "%b-%y",
        "%Y/%m",
        "%Y年%m月",
    ]
    return [form for form in known if cells and all(period(cell, form, "annual") for cell in cells)]
