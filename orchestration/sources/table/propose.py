"""A draft of a mapping from a table's header and values, for its user to correct.

Belongs here: writing the guesses down, each said to be one. Does not belong here: making them (`guess`),
loading anything, the rules of a mapping (`mapping`).
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from orchestration.sources.contract import Refused
from orchestration.sources.table.guess import NUMERIC, Column, Guess, forms_of, guesses_of, is_number
from orchestration.sources.table.mapping import OPEN
from orchestration.sources.table.reader import header, kind, sample
from orchestration.sources.table.words import is_missing, number, period

ROWS = 5_000
_WHY = {
    "reporter": "whose statistics these are: a name, ISO or UN code",
    "partner": "a country, or world",
    "flow": "export, import, re_export ...",
    "period": "YYYY-MM, YYYY or YYYY-MM..YYYY-MM; then leave out frequency",
    "hs_code": "the code that the whole table is of",
    "hs_revision": "HS2017 ..., or in_force where each period follows the edition of its day",
    "currency": "three letters; see also value_scale",
    "value_basis": "fob, cif, customs, statistical or invoice",
    "unit": "of quantity: kg, u, l ...",
}


def draft(path: Path) -> str:
    """A mapping as YAML, with comments where only the user knows.

    Raises:
        Refused: there is no header to start from, or the text is not UTF-8.
    """
    names = header(path)
    if len(names) < 2:
        raise Refused("the first row is no header of a table, so nothing can be proposed")
    _, rows = sample(path, ROWS)
    columns = [
        Column(name, tuple(row[n] for row in rows if not is_missing(row[n]))) for n, name in enumerate(names)
    ]
    guesses = guesses_of(columns)
    marks = _marks([guess.column for field, guess in guesses.items() if field in NUMERIC])
    taken = {guess.column.name for guess in guesses.values()}
    left = [column for column in columns if column.name not in taken]
    head = f"# Draft from the header and the first {len(rows):,} rows of {path.name} ({kind(path)})."
    lines = [head, f"# Whatever is {OPEN!r} only you know; the file loads when nothing is left open."]
    lines += [*_columns(guesses), *_constants(guesses), *_period(guesses), *marks, *_left(left)]
    return "\n".join(lines) + "\n"


def _columns(guesses: Mapping[str, Guess]) -> list[str]:
    lines = ["columns:"]
    for field, guess in guesses.items():
        lines.append(
            f"  {field}: {_quoted(guess.column.name)}" + (f"  # {guess.doubt}" if guess.doubt else "")
        )
    if "value" not in guesses:
        lines.append(f"  value: {_quoted(OPEN)}  # which column holds the money")
    return lines


def _constants(guesses: Mapping[str, Guess]) -> list[str]:
    needed = ["reporter", "partner", "flow", "hs_code", "hs_revision", "currency", "value_basis"]
    needed += ["unit"] if "quantity" in guesses else []
    needed += ["period"] if not {"period", "year"} & set(guesses) else []
    open_fields = [field for field in needed if field not in guesses]
    return ["constants:", *(f"  {field}: {_quoted(OPEN)}  # {_WHY[field]}" for field in open_fields)]


def _period(guesses: Mapping[str, Guess]) -> list[str]:
    if "year" in guesses:
        return [f"frequency: {'monthly' if 'month' in guesses else 'annual'}"]
    if "period" not in guesses:
        return []
    cells = guesses["period"].column.cells
    lengths = {len(cell.strip()) for cell in cells}
    annual = lengths == {4}
    lines = [f"frequency: {'annual' if annual else 'monthly'}"]
    if not annual:
        lines[0] += "  # unsure: by the shape of the period alone"
    if lengths <= {4, 6, 7, 10} and all(period(cell, None, "annual") for cell in cells):
        return lines
    forms = forms_of(cells)
    if len(forms) != 1:
        doubt = f"unsure: {' or '.join(forms)}" if forms else f"as strptime writes it; a cell is {cells[:1]}"
        return [*lines, f"period_format: {_quoted(OPEN)}  # {doubt}"]
    return [*lines, f"period_format: {_quoted(forms[0])}"]


def _marks(columns: Sequence[Column]) -> list[str]:
    cells = [cell for column in columns for cell in column.cells if is_number(cell)]
    fits = [
        (thousands, decimal)
        for thousands, decimal in (("", "."), (",", "."), ("", ","), (".", ","), (" ", ","), (" ", "."))
        if all(number(cell, thousands, decimal) is not None for cell in cells)
    ]
    if not cells or ("", ".") in fits:
        ambiguous = [cell for cell in cells if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", cell.strip())]
        if ambiguous and len(ambiguous) == sum("." in cell for cell in cells):
            return [f"# number_format: unsure whether {ambiguous[0]!r} has decimals or thousands"]
        return []
    if not fits:
        return [f"# number_format: unsure: no pair of marks fits all cells, such as {cells[0]!r}"]
    thousands, decimal = fits[0]
    doubt = "  # unsure: other marks fit as well" if len(fits) > 1 else ""
    return [f"number_format: {{thousands: {_quoted(thousands)}, decimal: {_quoted(decimal)}}}{doubt}"]


def _left(columns: Sequence[Column]) -> list[str]:
    if not columns:
        return []
    lines = ["ignore: []  # to leave a column out knowingly, name it here; undecided are:"]
    for column in columns:
        infinite = sum(cell.strip().lower() in ("inf", "-inf") for cell in column.cells)
        first = next(iter(column.cells), "")
        what = f"{infinite:,} cells are infinite, so a ratio" if infinite else f"such as {first!r}"
        lines.append(f"#   {_quoted(column.name)}: {what}")
    return lines


def _quoted(text: str) -> str:
    plain = yaml.safe_dump([text], allow_unicode=True, default_flow_style=True, width=10_000).strip()
    return plain[1:-1] if text not in (OPEN,) else f'"{text}"'
