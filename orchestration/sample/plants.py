"""What is planted: totals that can be checked, and the lines beside them that must not count.

Belongs here: `plants.yml` as typed records, and drawing each plant's amounts. Does not belong here: making
lines add up to them (`planting`), or any reading of files: who checks reads them anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from orchestration.sample.draws import SEED, stream
from orchestration.sample.trade import MONTHS, Line

_FILE = Path(__file__).with_name("plants.yml")
Span = tuple[int, int]


@dataclass(frozen=True)
class Selection:
    """Lines by partner (ISO code beside GACC's), beginnings of codes, and months, both ends included."""

    iso2: str
    partner: str
    codes: tuple[str, ...]
    without: tuple[str, ...]
    first: str
    last: str

    def of(self, lines: Iterable[Line]) -> list[Line]:
        """The lines that the selection holds, in their order."""
        return [
            line
            for line in lines
            if line.partner.code == self.partner
            and self.first <= line.month <= self.last
            and line.good.code.startswith(self.codes)
            and not line.good.code.startswith(self.without)
        ]


@dataclass(frozen=True)
class Relation:
    """How a plant's total stands to another's: so many times it, or so many per cent above it."""

    to: str
    kind: Literal["ratio", "growth_percent"]
    default: int
    span: Span

    def fraction(self, value: int) -> tuple[int, int]:
        """This total : the other one, as whole numbers."""
        return (value, 1) if self.kind == "ratio" else (100 + value, 100)


@dataclass(frozen=True)
class Plant:
    """A selection and the ends between which its totals are drawn; `kept` codes count and are not changed."""

    id: str
    selection: Selection
    kept: tuple[str, ...]
    usd: Span | None
    pieces: Span | None
    relation: Relation | None


@dataclass(frozen=True)
class LookAlike:
    """Lines beside the plants `of`: what sets them apart (`kind`), and where they stand (`where`)."""

    id: str
    of: tuple[str, ...]
    kind: str
    where: str
    selection: Selection


@dataclass(frozen=True)
class Planting:
    """A plant with what was drawn for it: whole USD, pieces where they count, the relation's value."""

    plant: Plant
    usd: int
    pieces: int | None
    value: int | None

    def record(self) -> dict[str, Any]:
        """What a test needs to know, as JSON: months are listed one by one."""
        chosen, relation = self.plant.selection, self.plant.relation
        related = relation and {"to": relation.to, "kind": relation.kind, "value": self.value}
        return {
            "id": self.plant.id,
            "reporter": "CN",
            "direction": "export",
            "partner": chosen.iso2,
            "codes": list(chosen.codes),
            "without": list(chosen.without),
            "months": [month for month in MONTHS if chosen.first <= month <= chosen.last],
            "total_usd": self.usd,
            "total_pieces": self.pieces,
            "relation": related,
        }


@cache
def load() -> tuple[tuple[Plant, ...], tuple[LookAlike, ...]]:
    """Read `plants.yml` once."""
    tables = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    partners = tables["partners"]
    return (
        tuple(_plant(row, partners) for row in tables["plants"]),
        tuple(
            LookAlike(row["id"], tuple(row["of"]), row["kind"], row["where"], _selection(row, partners))
            for row in tables["look_alikes"]
        ),
    )


def draw(seed: int) -> list[Planting]:
    """The amounts of every plant, in the order of `plants.yml`; relations are exact in whole dollars."""
    rng = stream(seed, "plants")
    usd: dict[str, int] = {}
    values: dict[str, int] = {}
    pieces: dict[str, int] = {}
    for plant in load()[0]:
        if plant.usd and plant.relation:
            drawn = rng.randint(*plant.relation.span)
            values[plant.id] = plant.relation.default if seed == SEED else drawn
            this, other = plant.relation.fraction(values[plant.id])
            times = rng.randint(-(-plant.usd[0] // this), plant.usd[1] // this)  # within both ends
            usd[plant.id], usd[plant.relation.to] = this * times, other * times
        elif plant.usd:
            usd[plant.id] = rng.randint(*plant.usd)
        if plant.pieces:
            pieces[plant.id] = rng.randint(*plant.pieces)
    return [Planting(x, usd[x.id], pieces.get(x.id), values.get(x.id)) for x in load()[0]]


def _plant(row: dict[str, Any], partners: dict[str, str]) -> Plant:
    relation = row.get("relation")
    return Plant(
        row["id"],
        _selection(row, partners),
        tuple(row.get("kept", ())),
        _span(row.get("total_usd")),
        _span(row.get("total_pieces")),
        relation and _relation(relation),
    )


def _relation(row: dict[str, Any]) -> Relation:
    return Relation(row["to"], row["kind"], row["default"], (row["range"][0], row["range"][1]))


def _selection(row: dict[str, Any], partners: dict[str, str]) -> Selection:
    first, last = row["months"]
    partner, without = partners[row["partner"]], tuple(row.get("without", ()))
    return Selection(row["partner"], partner, tuple(row["codes"]), without, first, last)


def _span(ends: list[int] | None) -> Span | None:
    return (ends[0], ends[1]) if ends else None
