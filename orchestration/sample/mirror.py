"""Flows as UN Comtrade's reporters would state them: China's own, Germany's, and what partners say of them.

Belongs here: adding China's lines up to HS6, and the invented gaps and onward trade of other reporters. Does
not belong here: China's lines (`trade`) or the rows that Comtrade makes of a flow (`comtrade`).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from orchestration.sample.draws import stream
from orchestration.sample.tables import Shares, Tables
from orchestration.sample.trade import Line

YEARS = ("2021", "2022")
MONTHS = tuple(f"2023{month:02}" for month in range(1, 7))
CHINA, GERMANY, RUSSIA, UZBEKISTAN = "156", "276", "643", "860"
# China's headings in the annual file: dual-use and placebo goods, all their HS6 codes.
HEADINGS = frozenset(
    {"6211", "6506", "6601", "6907", "6909", "6910", "6911", "6914", "8457", "8458", "8482", "8507", "8525"}
    | {"8542", "8806", "9013", "9503"}
)
# What the other reporters name: few goods, so that the sample stays small.
MIRRORED = {"690912", "845811", "848210", "850760", "852580", "854231", "880622"}
PLACEBO = {"660191", "691110", "950300"}
_TO_UZBEKISTAN = 0.03


@dataclass(frozen=True)
class Flow:
    """One reporter's HS6 flow of a period: value in cents of USD, weight in kg, `items` where they count."""

    reporter: str
    direction: str
    partner: str
    period: str
    hs6: str
    cents: int
    kg: int
    items: int | None

    def scaled(self, factor: float, reporter: str, direction: str, partner: str) -> "Flow":
        """The flow at another size and under other names."""
        return replace(
            self,
            reporter=reporter,
            direction=direction,
            partner=partner,
            cents=round(self.cents * factor),
            kg=max(1, round(self.kg * factor)),
            items=None if self.items is None else max(1, round(self.items * factor)),
        )


def china_exports(tables: Tables, lines: Iterable[Line], periods: Iterable[str]) -> list[Flow]:
    """China's exports by HS6 to the sample's Comtrade partners: exact sums of its own lines.

    `periods` are years (`YYYY`) or months (`YYYYMM`); a quantity in items is given only where every line of
    the HS6 has one.
    """
    areas = {gacc: area for area, gacc in tables.gacc_partners.items()}
    wanted = set(periods)
    found: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
    for line in lines:
        for period in {line.month, line.month[:4]} & wanted:
            if line.partner.code in areas and line.good.code[:4] in HEADINGS:
                found[period, areas[line.partner.code], line.good.code[:6]].append(line)
    return [
        Flow(
            CHINA,
            "X",
            area,
            period,
            hs6,
            sum(x.usd for x in parts) * 100,
            sum(x.kg for x in parts),
            _items(parts),
        )
        for (period, area, hs6), parts in sorted(found.items())
    ]


def annual_mirrors(tables: Tables, china: list[Flow], germany: list[Flow]) -> list[Flow]:
    """Germany's exports, what importers record of both, and what goes on to Russia and Uzbekistan."""
    named = [flow for flow in [*china, *germany] if flow.hs6 in MIRRORED | PLACEBO]
    recorded = [
        flow.scaled(
            _share(tables.recorded, flow.partner, flow),
            reporter=flow.partner,
            direction="M",
            partner=flow.reporter,
        )
        for flow in named
    ]
    return [flow for flow in [*germany, *recorded, *_onward(tables, named)] if flow.cents > 0]


def monthly_onward(tables: Tables, china: list[Flow]) -> list[Flow]:
    """Kazakhstan's and Kyrgyzstan's monthly exports to Russia, out of what China sends them."""
    named = [f for f in china if f.hs6 in MIRRORED | PLACEBO and f.partner in {"398", "417"}]
    return [flow for flow in _onward(tables, named) if flow.partner == RUSSIA and flow.cents > 0]


def _onward(tables: Tables, supplied: list[Flow]) -> list[Flow]:
    """Exports of the countries in `forwarded`: a share of all that the named exporters declare to them."""
    supply: dict[tuple[str, str, str], Flow] = {}
    for flow in supplied:
        if flow.partner in tables.forwarded:
            key = (flow.partner, flow.period, flow.hs6)
            supply[key] = _added(supply[key], flow) if key in supply else flow
    return [
        flow.scaled(share, reporter=flow.partner, direction="X", partner=destination)
        for _, flow in sorted(supply.items())
        for destination, share in (
            (RUSSIA, _share(tables.forwarded, flow.partner, flow)),
            (UZBEKISTAN, _TO_UZBEKISTAN),
        )
    ]


def germany_exports(tables: Tables, seed: int) -> list[Flow]:
    """Germany's exports of a few goods by year; the Comext part splits the same flows by month."""
    rng = stream(seed, "germany")
    goods = {good.code[:6]: good for good in tables.exports if good.code[:6] in MIRRORED | PLACEBO}
    flows = []
    for year in YEARS:
        for area in tables.germany:
            for hs6, good in sorted(goods.items()):
                if not good.exists_in(year):
                    continue
                empty = Flow(GERMANY, "X", area, year, hs6, 0, 0, None)
                size = tables.groups[good.group].usd_a_month * good.share * (0.8 + 0.4 * rng.random())
                usd = round(size * _share(tables.germany, area, empty) / 1000) * 1000
                kg = max(1, round(usd / (good.per_kg * 2)))  # dearer by weight than China's, an invention too
                items = max(1, round(kg / good.kg_each)) if good.kg_each and good.first == "item" else None
                flows.append(Flow(GERMANY, "X", area, year, hs6, usd * 100, kg, items))
    return flows


def _share(shares: Shares, area: str, flow: Flow) -> float:
    before, after = shares[area]["civil" if flow.hs6 in PLACEBO else "dual"]
    return before if flow.period[:4] == YEARS[0] else after


def _items(lines: list[Line]) -> int | None:
    counted = [line.count for line in lines if line.good.first == "item" and line.count is not None]
    return sum(counted) if len(counted) == len(lines) else None


def _added(one: Flow, other: Flow) -> Flow:
    items = None if one.items is None or other.items is None else one.items + other.items
    return replace(one, cents=one.cents + other.cents, kg=one.kg + other.kg, items=items)
