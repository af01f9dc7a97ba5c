"""Which flows stand behind a row of a mart of sums.

Belongs here: the conditions that lead from a series and its periods back to `fct_dual_use_trade`. Does not
belong here: raw rows and files (`read`), printing.
"""

from collections.abc import Mapping
from typing import Any

import duckdb

_SERIES = (
    "definition_kind", "definition_id", "version_basis", "tier", "source", "flow", "frequency", "value_basis",
    "is_synthetic",
)  # fmt: skip
_PAIR = ("reporter_iso2", "reporter_area", "partner_iso2")
_PERIOD = ("period_start", "period_end", "hs_revision")

# Mart -> the columns that its rows share with the flows behind them.
SUMS: Mapping[str, tuple[str, ...]] = {
    "mart_dual_use_monthly": (*_SERIES, *_PAIR, *_PERIOD),
    "mart_dual_use_quantities": (*_SERIES, *_PAIR, *_PERIOD, "quantity_unit"),
    "mart_growth": (*_SERIES, *_PAIR),
    "mart_comparison": _SERIES,
}


def flows_behind(
    db: duckdb.DuckDBPyConnection, mart: str, row: Mapping[str, Any]
) -> list[tuple[str, dict[str, Any]]]:
    """Rows of `fct_dual_use_trade` that a row of a mart of sums adds up, each with the part that it plays.

    The part is `flow`, or `base` for the year before, or `compared` for the other destination.
    """
    found = []
    for part, conditions, values in _parts(mart, row):
        shared = [f"{name} is not distinct from ?" for name in SUMS[mart]]
        cursor = db.execute(
            "select * from main.fct_dual_use_trade where certainty <> 'unknown' and "  # noqa: S608
            + " and ".join([*shared, *conditions])
            + " order by period_start, national_code",
            [*(row[name] for name in SUMS[mart]), *values],
        )
        names = [column[0] for column in cursor.description]
        found += [(part, dict(zip(names, each, strict=True))) for each in cursor.fetchall()]
    return found


def _parts(mart: str, row: Mapping[str, Any]) -> list[tuple[str, list[str], list[Any]]]:
    if mart == "mart_growth":
        return [
            (part, *_in_year(row, year)) for part, year in (("flow", row["year"]), ("base", row["year"] - 1))
        ]
    if mart == "mart_comparison":
        during, years = _in_year(row, row["year"])
        to, origin = (
            ("reporter_iso2", "partner_iso2")
            if row["flow"] == "import"
            else ("partner_iso2", "reporter_iso2")
        )
        sides = [*during, f"{to} = ?", f"{origin} = ?", "reporter_area is null"]
        return [
            (part, sides, [*years, row[name], row["origin_iso2"]])
            for part, name in (("flow", "destination_iso2"), ("compared", "compared_with_iso2"))
        ]
    return [("flow", [], [])]


def _in_year(row: Mapping[str, Any], year: int) -> tuple[list[str], list[Any]]:
    """Condition and values that keep the months compared, or the whole year of annual figures."""
    months = [int(month) for month in (row["months_compared"] or "").split(",") if month]
    if row["frequency"] == "monthly":
        return ["year(period_start) = ?", "list_contains(?::integer[], month(period_start))"], [year, months]
    return ["year(period_start) = ?"], [year]
