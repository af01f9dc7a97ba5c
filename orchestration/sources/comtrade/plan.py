"""From a question to calls: the daily queries, the parts a query starts with, the halves of a part too large.

Belongs here: planning, which needs no network. Does not belong here: checking what was asked for (module
`query`), asking (module `pull`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any

from orchestration.sources.comtrade.query import Query, parse_query


def default_queries(today: date, pull_spec: Mapping[str, Any]) -> list[Query]:
    """The daily queries of source.yml: each covers the `months` full months before this one."""
    queries = []
    for entry in pull_spec["defaults"]:
        months = int(entry["months"])
        queries.append(
            parse_query(
                reporter=entry["reporter"],
                partner=entry["partner"],
                flow=entry["flow"],
                hs=entry["hs"],
                first=_month_before(today, months),
                last=_month_before(today, 1),
                frequency=entry.get("frequency", "monthly"),
            )
        )
    return queries


def parts(query: Query, periods_per_call: int = 12, codes_per_call: int = 100) -> list[Query]:
    """The calls a query starts with; together they ask for every period and code exactly once.

    Months are grouped by calendar year, so that the parts of a finished year stay the same as the window of
    the daily query moves on, and an unchanged answer is recognised.
    """
    by_year = [list(group) for _, group in groupby(query.periods, key=lambda p: p[:4] if len(p) == 6 else "")]
    return [
        replace(query, periods=periods, hs=codes)
        for group in by_year
        for periods in _chunks(group, periods_per_call)
        for codes in _chunks(query.hs, codes_per_call)
    ]


def split(part: Query) -> list[Query]:
    """Two halves of a part: by period, then code, partner and reporter; empty where none can be halved."""
    for name in ("periods", "hs", "partners", "reporters"):
        values = getattr(part, name)
        if len(values) > 1:
            middle = (len(values) + 1) // 2
            return [replace(part, **{name: values[:middle]}), replace(part, **{name: values[middle:]})]
    return []


def _month_before(today: date, months: int) -> str:
    month = today.year * 12 + today.month - 1 - months
    return f"{month // 12}-{month % 12 + 1:02d}"


def _chunks(values: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(values[at : at + size]) for at in range(0, len(values), size)]
