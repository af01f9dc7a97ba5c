"""Exports of three members of the European Union to Russia, Kazakhstan and Kyrgyzstan, by month and CN8 code.

Belongs here: splitting Germany's years (`mirror`) into months, codes and procedures, and the two members
drawn after them. Does not belong here: the layout they are written in (`comext`).
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from orchestration.sample.draws import stream
from orchestration.sample.mirror import Flow
from orchestration.sample.scaling import shares
from orchestration.sample.tables import Heading, Tables

USD_PER_EUR = 1.1  # invented and round: no rate of any day
GERMANY, KYRGYZSTAN = "DE", "417"
_NORMAL, _OUTWARD = "1", "3"
_OUTWARD_CHANCE, _OUTWARD_SHARE = 0.15, 0.3
_MONTH_CHANCE = 0.7  # that a code is traded in a month
_SECRET_SHARE = 0.05  # of a typical month, under a code whose digits are withheld


@dataclass(frozen=True)
class Record:
    """One record of a month: whole euros and kg; `items` where the code has a supplementary unit."""

    month: str
    member: str
    partner: str
    heading: Heading
    procedure: str
    eur: int
    kg: int
    items: int | None


def records(tables: Tables, germany: list[Flow], seed: int) -> list[Record]:
    """All members' records; Germany's months add up to its years in `germany` at the invented rate.

    Beside them stand Germany's records under a withheld code, which no other part of the sample has.
    """
    rng = stream(seed, "members")
    found: list[Record] = []
    for flow in germany:
        if flow.partner in tables.comext_partners:
            found += _year(rng, tables, GERMANY, flow, 1.0)
            for member, levels in tables.members.items():
                before, after = levels[flow.partner]
                found += _year(rng, tables, member, flow, before if flow.period == "2021" else after)
    return [*found, *_secret(rng, tables, found)]


def _year(rng: random.Random, tables: Tables, member: str, flow: Flow, level: float) -> Iterator[Record]:
    """A year's flow by code, month and procedure."""
    eur = round(flow.cents / 100 * level / USD_PER_EUR)
    headings = [x for x in tables.headings if x.hs6 == flow.hs6 and x.exists_in(flow.period)]
    if eur < 1 or not headings:
        return
    partner = tables.comext_partners[flow.partner]
    usd_per_kg = flow.cents / 100 / flow.kg
    for heading, value in zip(headings, shares([round(x.share * 100) for x in headings], eur), strict=True):
        for month, amount in _months(rng, flow.period, value):
            for procedure, part in _procedures(rng, amount):
                kg = round(
                    part * USD_PER_EUR / usd_per_kg
                )  # under half a kilogram is 0, as in the real files
                items = max(1, round(kg / heading.kg_each)) if heading.kg_each else None
                yield Record(month, member, partner, heading, procedure, part, kg, items)


def _months(rng: random.Random, year: str, eur: int) -> Iterator[tuple[str, int]]:
    weights = [rng.randint(70, 130) if rng.random() < _MONTH_CHANCE else 0 for _ in range(12)]
    weights[rng.randrange(12)] = 100  # at least one
    traded = [index for index, weight in enumerate(weights) if weight]
    if eur < len(traded):
        traded = traded[:1]
    parts = shares([weights[index] for index in traded], eur)
    yield from ((f"{year}{index + 1:02}", part) for index, part in zip(traded, parts, strict=True))


def _procedures(rng: random.Random, eur: int) -> Iterator[tuple[str, int]]:
    outward = round(eur * _OUTWARD_SHARE) if rng.random() < _OUTWARD_CHANCE else 0
    yield _NORMAL, eur - outward
    if outward:
        yield _OUTWARD, outward


def _secret(rng: random.Random, tables: Tables, found: list[Record]) -> Iterator[Record]:
    partner = tables.comext_partners[KYRGYZSTAN]
    for month in sorted({record.month for record in found}):
        known = [x for x in found if (x.month, x.member, x.partner) == (month, GERMANY, partner)]
        eur = round(sum(x.eur for x in known) * _SECRET_SHARE * (0.5 + rng.random()))
        if eur:
            kg = round(sum(x.kg for x in known) * _SECRET_SHARE)
            yield Record(month, GERMANY, partner, tables.secret, _NORMAL, eur, kg, None)
