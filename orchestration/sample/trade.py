"""China's invented trade: one line a month, partner, HS8 code, regime and province.

Belongs here: drawing the numbers and their shape over time. Does not belong here: the layouts they are
written in (`gacc`, `comtrade`), or what other countries say of the same trade (`mirror`).
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from orchestration.sample.draws import stream
from orchestration.sample.tables import Good, Partner, Tables

MONTHS = tuple(f"{year}{month:02}" for year in (2021, 2022, 2023) for month in range(1, 13))[:30]
PROVINCES_FROM = "202207"  # the first month whose export file has a column for the province
RUSSIA = "344"
IMPORTS_FROM = "202201"

# Invented seasons: a dip at the lunar new year, a rise before the year ends.
_SEASON = (0.9, 0.6, 1.0, 1.0, 1.0, 1.1, 1.0, 1.0, 1.1, 1.0, 1.1, 1.2)
_CHANGE_STARTS, _CHANGE_MONTHS = MONTHS.index("202203"), 12
_SIDE_REGIME_CHANCE, _SIDE_REGIME_SHARE = 0.22, 0.25
_SECOND_PROVINCE_CHANCE, _SECOND_PROVINCE_SHARE = 0.2, 0.4
_SMALLEST_USD = 500


@dataclass(frozen=True)
class Line:
    """One line of China's statistics: whole USD, whole kg, and `count` in the good's counting unit."""

    month: str
    partner: Partner
    good: Good
    regime: str
    province: str
    usd: int
    kg: int
    count: int | None


def exports(tables: Tables, seed: int) -> list[Line]:
    """China's exports to every partner of the sample, by month, partner and code."""
    rng = stream(seed, "exports")
    return [
        line
        for month in MONTHS
        for partner in tables.partners.values()
        for good in tables.exports
        if good.exists_in(month)
        for line in _lines(rng, tables, month, partner, good, by_province=month >= PROVINCES_FROM)
    ]


def imports(tables: Tables, seed: int) -> list[Line]:
    """China's imports from Russia, from January 2022."""
    rng = stream(seed, "imports")
    russia = tables.partners[RUSSIA]
    months = MONTHS[MONTHS.index(IMPORTS_FROM) :]
    return [
        line
        for month in months
        for good in tables.imports
        for line in _lines(rng, tables, month, russia, good, by_province=False)
    ]


def level(partner: Partner, group: str, month: str) -> float:
    """The partner's level for a group in a month: flat, a straight line over a year, flat again."""
    before, after = partner.level(group)
    passed = min(max((MONTHS.index(month) - _CHANGE_STARTS) / _CHANGE_MONTHS, 0.0), 1.0)
    return before + (after - before) * passed


def _lines(
    rng: random.Random, tables: Tables, month: str, partner: Partner, good: Good, *, by_province: bool
) -> Iterator[Line]:
    """Ordinary trade, in one province or two, and now and then a side regime: one line a key of the file."""
    group = tables.groups[good.group]
    if rng.random() > partner.presence:
        return
    size = group.usd_a_month * good.share * level(partner, good.group, month) * _SEASON[int(month[4:]) - 1]
    usd = _round_usd(size * (0.7 + 0.6 * rng.random()))
    side = 0
    has_side = group.regime != "19" or partner.border is not None
    if has_side and rng.random() < _SIDE_REGIME_CHANCE:
        side = _round_usd(usd * _SIDE_REGIME_SHARE)
    main = usd - side
    second = 0
    if by_province and rng.random() < _SECOND_PROVINCE_CHANCE:
        second = _round_usd(main * _SECOND_PROVINCE_SHARE)
    home, other = group.provinces
    border = partner.border if group.regime == "19" and partner.border else home
    for regime, province, value in (
        ("10", home, main - second),
        ("10", other, second),
        (group.regime, border, side),
    ):
        if value >= _SMALLEST_USD:
            yield _line(rng, month, partner, good, regime, province, value)


def _line(
    rng: random.Random, month: str, partner: Partner, good: Good, regime: str, province: str, usd: int
) -> Line:
    kg = max(1, round(usd / (good.per_kg * (0.8 + 0.4 * rng.random()))))
    count = max(1, round(kg / good.kg_each)) if good.kg_each else None
    return Line(month, partner, good, regime, province, usd, kg, count)


def _round_usd(value: float) -> int:
    """Round to whole hundreds, so that every figure looks as invented as it is."""
    return round(value / 100) * 100
