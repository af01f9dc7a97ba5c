"""Whether a whole table is what its mapping says, before a row of it lands.

Belongs here: types, periods, countries, flows, codes, unique keys; the first fault names its row and the
rule. Does not belong here: single cells (words.py), reading (reader.py).
"""

from collections.abc import Callable, Iterable
from hashlib import blake2b

from orchestration.manifest import span
from orchestration.sources.contract import Event, Refused, Row
from orchestration.sources.table.mapping import Mapping
from orchestration.sources.table.words import (
    EDITIONS,
    FLOWS,
    IN_FORCE,
    country,
    hs_code,
    is_missing,
    number,
    period,
)

MAX_TEXT_SHARE = (
    0.01  # of a number column's filled cells; such cells are null and listed, more is another column
)
SHOWN = 5
_NUMBERS = ("value", "quantity", "quantity_2", "net_weight_kg")


def check(events: Iterable[Event], mapping: Mapping) -> None:
    """Go through the whole table.

    Raises:
        Refused: the first fault, with its row.
    """
    table = _Table(mapping)
    for event in events:
        if isinstance(event, Row):
            table.add(event)
    table.close()


def span_of(values: dict[str, str | None], mapping: Mapping) -> tuple[str, str] | None:
    """First and last day of a row's period as text; None where it has none."""
    if "period" in mapping.constants:
        start, end = span(mapping.constants["period"])
        return start.isoformat(), end.isoformat()
    frequency = str(mapping.frequency)
    form: str | None
    if "year" in mapping.columns:
        year, month = ((values.get(name) or "").strip().removesuffix(".0") for name in ("year", "month"))
        text, form = (f"{year}-{month}", "%Y-%m") if "month" in mapping.columns else (year, "%Y")
    else:
        text, form = values.get("period") or "", mapping.period_format
    found = period(text, form, frequency)
    return (found[0].isoformat(), found[1].isoformat()) if found else None


def flow_of(values: dict[str, str | None], mapping: Mapping) -> str | None:
    """The flow of a row in our words; None where its word is not known."""
    word = (mapping.constants.get("flow") or values.get("flow") or "").strip().lower()
    return mapping.flows.get(word) or FLOWS.get(word)


class _Table:
    """What is remembered between rows: filled and text cells, keys, unknown places."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.filled = dict.fromkeys(_NUMBERS, 0)
        self.texts: dict[str, list[tuple[int, str]]] = {name: [] for name in _NUMBERS}
        self.text_count = dict.fromkeys(_NUMBERS, 0)
        self.places: dict[tuple[str, str], int] = {}
        self.keys: dict[bytes, int] = {}

    def add(self, row: Row) -> None:
        if row.unknown:
            name = next(iter(row.unknown))
            raise Refused(f"column {name!r} is neither mapped nor ignored: map it, or list it under ignore")
        values = dict(row.values)
        for name in _NUMBERS:
            if name in self.mapping.columns and not is_missing(values[name]):
                self._number(row.number, name, str(values[name]))
        if span_of(values, self.mapping) is None:
            said = self.mapping.period_format or "YYYY, YYYYMM, YYYY-MM or YYYY-MM-DD"
            shown = " ".join(str(values[n]) for n in ("period", "year", "month") if values.get(n) is not None)
            raise _fault(
                row, f"period {shown!r} is no {self.mapping.frequency} one from 1900 to 2100 ({said})"
            )
        if flow_of(values, self.mapping) is None:
            raise _fault(row, f"flow {values.get('flow')!r} is not known: say under flows what it means")
        self._words(row, values)
        if not self.mapping.sum_duplicates:
            self._key(row, values)

    def close(self) -> None:
        """What only the whole table tells."""
        if self.places:
            shown = [f"{text!r} ({role}, row {n})" for (role, text), n in list(self.places.items())[:SHOWN]]
            more = f" and {len(self.places) - SHOWN} more" if len(self.places) > SHOWN else ""
            raise Refused(f"no country that we know: {', '.join(shown)}{more}")
        for name in _NUMBERS:
            if self.text_count[name] > MAX_TEXT_SHARE * self.filled[name]:
                number_of_row, cell = self.texts[name][0]
                share = f"{self.text_count[name]:,} of {self.filled[name]:,} cells"
                raise Refused(
                    f"row {number_of_row}: {name} {cell!r} is no number, nor are {share}: is it that column?"
                )

    def _number(self, row_number: int, name: str, cell: str) -> None:
        marks = self.mapping.number_format
        self.filled[name] += 1
        if number(cell, marks.thousands, marks.decimal) is not None:
            return
        if cell.strip().lower().lstrip("+-") in ("inf", "infinity", "∞"):
            raise Refused(
                f"row {row_number}: {name} is infinite ({cell!r}): a ratio is no amount; ignore the column"
            )
        if not any(letter.isalpha() for letter in cell):
            rule = f"number_format has thousands {marks.thousands!r} and decimal {marks.decimal!r}"
            raise Refused(f"row {row_number}: {name} {cell!r} does not fit: {rule}")
        self.text_count[name] += 1
        if not self.texts[name]:
            self.texts[name].append((row_number, cell))

    def _words(self, row: Row, values: dict[str, str | None]) -> None:
        for role in ("reporter", "partner"):
            if role in self.mapping.columns and country(values[role] or "") is None:
                self.places.setdefault((role, values[role] or ""), row.number)
        code = self.mapping.constants.get("hs_code") or values.get("hs_code") or ""
        if hs_code(code) is None:
            raise _fault(row, f"hs_code {code!r} is no HS code of 2 to 10 digits")
        if (
            "hs_revision" in self.mapping.columns
            and (values["hs_revision"] or "").strip().upper() not in EDITIONS
        ):
            raise _fault(
                row, f"hs_revision {values['hs_revision']!r} is none of {', '.join(EDITIONS)} or {IN_FORCE}"
            )
        currency = values.get("currency")
        if "currency" in self.mapping.columns and not (currency or "").strip().isalpha():
            raise _fault(row, f"currency {currency!r} is no code")

    def _key(self, row: Row, values: dict[str, str | None]) -> None:
        parts = [(_SAME.get(name, str.strip))(values[name] or "") or "" for name in self.mapping.key]
        digest = blake2b("\x1f".join(parts).encode(), digest_size=16).digest()
        first = self.keys.setdefault(digest, row.number)
        if first != row.number:
            key = ", ".join(f"{name}={values[name]}" for name in self.mapping.key)
            raise _fault(
                row, f"the same key as row {first} ({key}): name the grain, or say sum_duplicates: true"
            )


# Two spellings of one country or one code are one key.
_SAME: dict[str, Callable[[str], str | None]] = {"reporter": country, "partner": country, "hs_code": hs_code}


def _fault(row: Row, rule: str) -> Refused:
    return Refused(f"row {row.number}: {rule}")
