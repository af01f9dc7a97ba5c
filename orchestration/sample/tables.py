"""What the generator knows: its tables as typed records.

`goods.csv` has the goods: codes, units and the years a code is valid are facts of the Chinese tariff; prices,
weights, shares and names are invented. `cn8.csv` has Comext's codes; the classes beside each are plausible,
not looked up. `names.csv` has our own words for the levels in the Comtrade files, `routes.yml` who trades how
much.

Belongs here: reading these tables. Does not belong here: drawing numbers from them (`trade`, `mirror`,
`members`), writing files (`gacc`, `comtrade`, `comext`), or what is planted (`plants`).
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Good:
    """One HS8 code, valid from a year to a year.

    `share` is its part of the group's value, `per_kg` USD per kg, `kg_each` the kg of one counted unit (None
    where the tariff counts kg only), `first` the unit of the publisher's first column (`kg` or `item`).
    """

    code: str
    valid_from: str
    valid_to: str
    group: str
    share: float
    first: str
    count: str
    per_kg: float
    kg_each: float | None
    unit_zh: str
    en: str
    zh: str

    def exists_in(self, month: str) -> bool:
        """Whether the code stands in the tariff of the month's year (`YYYYMM`)."""
        return self.valid_from <= month[:4] <= self.valid_to


@dataclass(frozen=True)
class Heading:
    """One CN8 code, valid from a year to a year: its part of the HS6, its unit, and the classes beside it.

    `kg_each` is the kg of one counted unit (None where the code has no supplementary unit, `NO_SU`).
    """

    hs6: str
    code: str
    valid_from: str
    valid_to: str
    share: float
    unit: str
    kg_each: float | None
    sitc: str
    cpa: str
    bec: str
    bec5: str
    section: str

    def exists_in(self, year: str) -> bool:
        """Whether the code stands in the nomenclature of the year."""
        return self.valid_from <= year <= self.valid_to


# Chapter 85 with all other digits withheld, and its classes as far as they are told.
_SECRET = Heading("", "85XXXXXX", "0000", "9999", 1.0, "NO_SU", None, "77XXX", "XXXX", "410", "51XXXX", "16")


@dataclass(frozen=True)
class Group:
    """Goods that move together: USD a month at level 1, the regime beside ordinary trade, home provinces."""

    usd_a_month: int
    regime: str
    provinces: tuple[str, str]


@dataclass(frozen=True)
class Partner:
    """A trading partner by GACC code. `levels` maps a group to its level before and after the change."""

    code: str
    en: str
    zh: str
    presence: float
    levels: dict[str, tuple[float, float]]
    border: str | None = None

    def level(self, group: str) -> tuple[float, float]:
        """The group's level in 2021 and from March 2023, as multiples of the group's size."""
        return self.levels.get(group) or self.levels["default"]


@dataclass(frozen=True)
class Area:
    """A Comtrade area: its numeric code (text), ISO code and name."""

    code: str
    iso: str
    name: str


Shares = dict[str, dict[str, tuple[float, float]]]  # area code -> dual or civil -> value of 2021, of 2022


@dataclass(frozen=True)
class Tables:
    """All tables."""

    exports: tuple[Good, ...]
    imports: tuple[Good, ...]
    names: dict[str, str]
    groups: dict[str, Group]
    partners: dict[str, Partner]
    regimes: dict[str, dict[str, str]]
    provinces: dict[str, dict[str, str]]
    areas: dict[str, Area]
    gacc_partners: dict[str, str]
    germany: Shares
    recorded: Shares
    forwarded: Shares
    headings: tuple[Heading, ...]
    secret: Heading
    comext_partners: dict[str, str]
    members: dict[str, dict[str, tuple[float, float]]]  # member -> area code -> level in 2021, in 2022


@cache
def load() -> Tables:
    """Read the tables once."""
    goods = _csv("goods.csv")
    routes = yaml.safe_load((_HERE / "routes.yml").read_text(encoding="utf-8"))
    return Tables(
        exports=tuple(_good(row) for row in goods if row["flow"] == "export"),
        imports=tuple(_good(row) for row in goods if row["flow"] == "import"),
        names={row["code"]: row["name"] for row in _csv("names.csv")},
        groups={
            name: Group(row["usd_a_month"], row["regime"], (row["provinces"][0], row["provinces"][1]))
            for name, row in routes["groups"].items()
        },
        partners={code: Partner(code=code, **fields) for code, fields in routes["partners"].items()},
        regimes=routes["regimes"],
        provinces=routes["provinces"],
        areas={code: Area(code, iso, name) for code, (iso, name) in routes["areas"].items()},
        gacc_partners=routes["gacc_partners"],
        germany=routes["germany"],
        recorded=routes["recorded"],
        forwarded=routes["forwarded"],
        headings=tuple(_heading(row) for row in _csv("cn8.csv")),
        secret=_SECRET,
        comext_partners=routes["comext_partners"],
        members=routes["members"],
    )


def _good(row: dict[str, str]) -> Good:
    return Good(
        code=row["code"],
        valid_from=row["from"] or "0000",
        valid_to=row["to"] or "9999",
        group=row["group"],
        share=float(row["share"]),
        first=row["first"],
        count=row["count"],
        per_kg=float(row["per_kg"]),
        kg_each=float(row["kg_each"]) if row["kg_each"] else None,
        unit_zh=row["unit_zh"],
        en=row["en"],
        zh=row["zh"],
    )


def _heading(row: dict[str, str]) -> Heading:
    return Heading(
        hs6=row["hs6"],
        code=row["code"],
        valid_from=row["from"] or "0000",
        valid_to=row["to"] or "9999",
        share=float(row["share"]),
        unit=row["unit"],
        kg_each=float(row["kg_each"]) if row["kg_each"] else None,
        sitc=row["sitc"],
        cpa=row["cpa"],
        bec=row["bec"],
        bec5=row["bec5"],
        section=row["section"],
    )


def _csv(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
