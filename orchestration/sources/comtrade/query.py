"""A question to UN Comtrade, and checking what a user typed.

Belongs here: the type and the rules of its values. Does not belong here: cutting it into parts (module
`plan`), asking (module `pull`), country codes (module `countries`).
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from orchestration.manifest import span
from orchestration.pulls import PullOptions
from orchestration.pulls import QueryError as QueryError
from orchestration.sources.comtrade.countries import WORLD, comtrade_code

FLOWS = ("M", "X", "RX", "RM")
FREQUENCIES = {"monthly": "M", "annual": "A"}

_HS = re.compile(r"(?:\d{2}){1,3}", re.ASCII)
_GROUPS = {"TOTAL": 0, "AG2": 2, "AG4": 4, "AG6": 6}


@dataclass(frozen=True)
class Query:
    """What to ask for. Countries are ISO alpha-2 (`world` for all partners), periods `202301` or `2023`.

    A part of a query is itself a query with fewer periods, codes, partners or reporters.
    """

    reporters: tuple[str, ...]
    partners: tuple[str, ...]
    flow: str
    hs: tuple[str, ...]
    periods: tuple[str, ...]
    frequency: str = "monthly"

    @property
    def key(self) -> str:
        """The query as one line that is the same however its lists were ordered."""
        lists = (self.reporters, self.partners, self.hs, self.periods)
        return "|".join([self.frequency, self.flow, *(",".join(values) for values in lists)])

    @property
    def digest(self) -> str:
        """Sixteen hex digits of `key`."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:16]

    @property
    def label(self) -> str:
        """A short text for people, such as `CN X to RU,UA, HS 8525,8806, 202201-202212`."""
        first, last = self.periods[0], self.periods[-1]
        span_text = first if first == last else f"{first}-{last}"
        reporters, partners, codes = (_brief(v) for v in (self.reporters, self.partners, self.hs))
        return f"{reporters} {self.flow} with {partners}, HS {codes}, {span_text}"

    @property
    def file_stem(self) -> str:
        """The label as part of a file name."""
        return re.sub(r"[^A-Za-z0-9]+", "-", self.label.replace("HS ", ""))


def parse_query(
    *,
    reporter: str | Sequence[str],
    partner: str | Sequence[str],
    flow: str,
    hs: str | Sequence[str],
    first: str,
    last: str,
    frequency: str = "monthly",
) -> Query:
    """A checked query from what a user typed: lists separated by commas, months as `2022-01` (or years).

    Raises:
        QueryError: a value is not allowed; the message names the option.
    """
    if frequency not in FREQUENCIES:
        raise QueryError("--frequency", f"{frequency!r} is not {' or '.join(FREQUENCIES)}")
    flow = flow.strip().upper()
    if flow not in FLOWS:
        raise QueryError(
            "--flow", f"{flow!r} is not one of {', '.join(FLOWS)} (import, export, re-export, re-import)"
        )
    return Query(
        reporters=_countries("--reporter", reporter, allow_world=False),
        partners=_countries("--partner", partner, allow_world=True),
        flow=flow,
        hs=_codes(hs),
        periods=_periods(first, last, frequency),
        frequency=frequency,
    )


def queries(options: PullOptions, today: date) -> list[Query]:
    """What a user asked for, as one query.

    Raises:
        PullError: an option is missing or its value not allowed; the message names it.
    """
    options.need("--reporter", "--partner", "--flow", "--hs", "--from", "--to")
    return [
        parse_query(
            reporter=options.reporter,
            partner=options.partner,
            flow=options.flow,
            hs=options.hs,
            first=options.first,
            last=options.last,
            frequency=options.frequency or "monthly",
        )
    ]


def _brief(values: Sequence[str]) -> str:
    return ",".join(values) if len(values) <= 4 else f"{values[0]}..{values[-1]} ({len(values)})"


def _listed(option: str, value: str | Sequence[str]) -> list[str]:
    items = value.split(",") if isinstance(value, str) else value
    cleaned = sorted({item.strip() for item in items if item.strip()})
    if not cleaned:
        raise QueryError(option, "is empty")
    return cleaned


def _countries(option: str, value: str | Sequence[str], *, allow_world: bool) -> tuple[str, ...]:
    found = set()
    for item in _listed(option, value):
        country = WORLD if allow_world and item.lower() == WORLD else item.upper()
        if country != WORLD and not re.fullmatch(r"[A-Z]{2}", country):
            raise QueryError(option, f"{item!r} is not a two-letter country code such as CN")
        try:
            comtrade_code(country)
        except LookupError as error:
            raise QueryError(option, str(error.args[0])) from None
        found.add(country)
    return tuple(sorted(found))


def _codes(value: str | Sequence[str]) -> tuple[str, ...]:
    codes = [item.upper() for item in _listed("--hs", value)]
    for code in codes:
        if code not in _GROUPS and not _HS.fullmatch(code):
            raise QueryError(
                "--hs",
                f"{code!r} is not an HS code of 2, 4 or 6 digits (leading zero kept), {', '.join(_GROUPS)}",
            )
    doubled = [c for c in codes if c not in _GROUPS for g in codes if _GROUPS.get(g) == len(c)]
    if doubled:
        raise QueryError("--hs", f"AG{len(doubled[0])} already holds {doubled[0]}; leave one of them out")
    return tuple(sorted(set(codes)))


def _periods(first: str, last: str, frequency: str) -> tuple[str, ...]:
    start, end = _bound("--from", first, 0), _bound("--to", last, 1)
    if end < start:
        raise QueryError("--to", f"{last} is before --from {first}")
    if frequency == "annual":
        return tuple(str(year) for year in range(start.year, end.year + 1))
    months = range(start.year * 12 + start.month - 1, end.year * 12 + end.month)
    return tuple(f"{month // 12}{month % 12 + 1:02d}" for month in months)


def _bound(option: str, text: str, which: int) -> date:
    if ".." in text:
        raise QueryError(option, f"{text!r} is a span; give one month such as 2022-01")
    try:
        return span(text)[which]
    except ValueError:
        raise QueryError(option, f"{text!r} is not a month such as 2022-01 or a year such as 2022") from None
