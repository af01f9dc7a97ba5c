"""A question to the US Census Bureau: checking it, cutting it into calls, halving a call that is too large.

Belongs here: everything about a question that needs no network. Does not belong here: asking (pull.py),
reading answers (adapter.py).
"""

import csv
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from orchestration.manifest import span
from orchestration.pulls import PullOptions, QueryError

WORLD = "world"
TOTAL = "TOTAL"
FLOWS = {"X": "export", "M": "import"}
COMMODITY = {"export": "E_COMMODITY", "import": "I_COMMODITY"}
_COUNTRIES = Path(__file__).with_name("countries.csv")
_HS = re.compile(r"(?:\d{2}){1,3}\*?|\d{10}", re.ASCII)


@dataclass(frozen=True)
class Query:
    """What to ask for: country codes of the bureau, HS codes (`8542*` for all ten digits below), months."""

    flow: str
    countries: tuple[str, ...]
    hs: tuple[str, ...]
    first: str
    last: str

    @property
    def key(self) -> str:
        """The question as one line that is the same however its lists were ordered."""
        return "|".join([self.flow, ",".join(self.countries), ",".join(self.hs), self.first, self.last])

    @property
    def digest(self) -> str:
        """Sixteen hex digits of `key`."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:16]

    @property
    def label(self) -> str:
        """A short text for people, such as `export with 4621, HS 8525,8806, 2022-01..2022-12`."""
        return f"{self.flow} with {_brief(self.countries)}, HS {_brief(self.hs)}, {self.first}..{self.last}"

    @property
    def file_name(self) -> str:
        """The label as a file name."""
        stem = re.sub(r"[^A-Za-z0-9-]+", "-", self.label.replace("HS ", "").replace("*", "x"))
        return f"US-{stem}_{self.digest[:6]}"

    def params(self, fields: Mapping[str, Sequence[str]]) -> dict[str, str | Sequence[str]]:
        """The parameters of a call for one country and codes of one level."""
        level = _level(self.hs[0])
        return {
            "get": ",".join(fields[self.flow]),
            "CTY_CODE": self.countries[0],
            COMMODITY[self.flow]: ["-"] if level == TOTAL else list(self.hs),
            **({} if level == TOTAL else {"COMM_LVL": level}),
            "time": f"from {self.first} to {self.last}",
        }


def queries(options: PullOptions, today: date) -> list[Query]:
    """What a user asked for, as one question.

    Raises:
        PullError: an option is missing, its value not allowed, or the bureau has no such option.
    """
    taken = ("--partner", "--flow", "--hs", "--from", "--to")
    options.only("the US Census Bureau", *taken)
    options.need(*taken)
    return [parse_query(options.partner, options.flow, options.hs, options.first, options.last)]


def default_queries(today: date, pull_spec: Mapping[str, Any]) -> list[Query]:
    """The daily questions of source.yml: each covers the `months` full months before this one."""
    return [
        parse_query(
            entry["partner"],
            entry["flow"],
            entry["hs"],
            _month_before(today, int(entry["months"])),
            _month_before(today, 1),
        )
        for entry in pull_spec.get("defaults", [])
    ]


def parse_query(
    partner: str | Sequence[str], flow: str, hs: str | Sequence[str], first: str, last: str
) -> Query:
    """A checked question from what a user typed: lists separated by commas, months as `2022-01` (or years).

    Raises:
        QueryError: a value is not allowed; the message names the option.
    """
    if flow.strip().upper() not in FLOWS:
        raise QueryError("--flow", f"{flow!r} is not one of X, M (export, import)")
    start, end = _bound("--from", first, 0), _bound("--to", last, 1)
    if end < start:
        raise QueryError("--to", f"{last} is before --from {first}")
    return Query(FLOWS[flow.strip().upper()], _countries(partner), _codes(hs), start, end)


def parts(query: Query, fields: Mapping[str, Sequence[str]], max_address: int) -> list[Query]:
    """The calls of a question, one country and one level of codes each, every address short enough."""
    found = []
    for country in query.countries:
        for level in sorted({_level(code) for code in query.hs}):
            codes = tuple(code for code in query.hs if _level(code) == level)
            found += _fitting(replace(query, countries=(country,), hs=codes), fields, max_address)
    return found


def split(part: Query) -> list[Query]:
    """Two halves of a call: by code, then by month; empty where it cannot be halved."""
    if len(part.hs) > 1:
        middle = (len(part.hs) + 1) // 2
        return [replace(part, hs=part.hs[:middle]), replace(part, hs=part.hs[middle:])]
    first, last = _number(part.first), _number(part.last)
    if first < last:
        middle = (first + last) // 2
        return [replace(part, last=_month(middle)), replace(part, first=_month(middle + 1))]
    return []


def _fitting(part: Query, fields: Mapping[str, Sequence[str]], max_address: int) -> list[Query]:
    if len(urlencode(part.params(fields), doseq=True)) <= max_address or len(part.hs) == 1:
        return [part]
    return [fit for half in split(part) for fit in _fitting(half, fields, max_address)]


def _level(code: str) -> str:
    if code == TOTAL:
        return TOTAL
    return "HS10" if code.endswith("*") else f"HS{len(code)}"


def _countries(value: str | Sequence[str]) -> tuple[str, ...]:
    known = _codes_of_countries()
    found: set[str] = set()
    for item in _listed("--partner", value):
        iso2 = "W0" if item.lower() == WORLD else item.upper()
        if iso2 not in known:
            raise QueryError("--partner", f"{item!r} is no country that the US Census Bureau has a code for")
        found.update(known[iso2])
    return tuple(sorted(found))


@cache
def _codes_of_countries() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with _COUNTRIES.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found.setdefault(row["iso2"], []).append(row["code"])
    return found


def _codes(value: str | Sequence[str]) -> tuple[str, ...]:
    codes = [item.upper() for item in _listed("--hs", value)]
    for code in codes:
        if code != TOTAL and not _HS.fullmatch(code):
            rule = (
                "an HS code of 2, 4, 6 or 10 digits, one such as 8542* for all ten digits below it, or TOTAL"
            )
            raise QueryError("--hs", f"{code!r} is not {rule}")
    wide = tuple(code[:-1] for code in codes if code.endswith("*"))
    doubled = [c for c in codes if len(c) >= 10 and c.startswith(wide)] if wide else []
    doubled += [f"{a}*" for a in wide for b in wide if a != b and a.startswith(b)]
    if doubled:
        raise QueryError("--hs", f"{doubled[0]} is below another code with a *; leave one of them out")
    return tuple(sorted(set(codes)))


def _listed(option: str, value: str | Sequence[str]) -> list[str]:
    items = value.split(",") if isinstance(value, str) else value
    cleaned = sorted({item.strip() for item in items if item.strip()})
    if not cleaned:
        raise QueryError(option, "is empty")
    return cleaned


def _bound(option: str, text: str, which: int) -> str:
    try:
        day = span(text)[which]
    except ValueError:
        raise QueryError(option, f"{text!r} is not a month such as 2022-01 or a year such as 2022") from None
    if ".." in text:
        raise QueryError(option, f"{text!r} is a span; give one month such as 2022-01")
    return f"{day:%Y-%m}"


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _month(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02d}"


def _month_before(today: date, months: int) -> str:
    return _month(today.year * 12 + today.month - 1 - months)


def _brief(values: Sequence[str]) -> str:
    return ",".join(values) if len(values) <= 4 else f"{values[0]}..{values[-1]} ({len(values)})"
