"""The registry of sources: a folder with a `source.yml` and an `adapter.py` is a source.

Belongs here: finding the folders, reading and checking their YAML, handing out their adapters. Does not
belong here: knowledge of any one source; Dagster.
"""

import importlib
import re
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict

from orchestration.sources.contract import Adapter

FOLDER = Path(__file__).parent


class EditionRule(BaseModel):
    """From `start` on, the reporter's national codes follow this HS edition; `*` is every reporter."""

    model_config = ConfigDict(extra="forbid")
    reporter: str
    start: str
    edition: str
    evidence: str


class LandedValue(BaseModel):
    """SQL over the landed text: the amount of a row in single units of its currency, and the currency.

    Conservation is summed by this, so that a fault of staging cannot hide in both sums.
    """

    model_config = ConfigDict(extra="forbid")
    amount: str
    currency: str


class CountryColumns(BaseModel):
    """SQL over the landed text: the source's code of each row's reporter and partner."""

    model_config = ConfigDict(extra="forbid")
    reporter: str
    partner: str


class ValueMeanings(BaseModel):
    """What a figure below zero, of zero and not there means at this source."""

    model_config = ConfigDict(extra="forbid")
    negative: str
    zero: str
    missing: str


class FlowSpec(BaseModel):
    """What a source of trade flows says beside its columns; a bound and its reason stand together.

    `national_nomenclature` is what codes of more than six digits belong to: CN (European Union), PRC (China),
    TNVED (Eurasian union), US (HTS, Schedule B), NCM (Mercosur); HS where the source has six digits at most.
    """

    model_config = ConfigDict(extra="forbid")
    landed_value: LandedValue
    country_columns: CountryColumns
    value_meanings: ValueMeanings
    national_nomenclature: Literal["HS", "CN", "PRC", "TNVED", "US", "NCM"]
    cadence: Literal["monthly", "annual"]
    expected_lag_days: int
    expected_lag_reason: str
    remainder_rounding: float
    remainder_reason: str
    revision_bound: float
    revision_bound_reason: str
    hs_editions: list[EditionRule] = []


class Companion(BaseModel):
    """A file that comes beside a source's data and holds none: `name` is a pattern of its whole name."""

    model_config = ConfigDict(extra="forbid")
    name: re.Pattern[str]
    what: str


class SourceSpec(BaseModel):
    """What `source.yml` says. `details` belongs to the adapter; the rest is shared machinery.

    A source with `flows` is one of trade flows; one without brings reference facts (exchange rates).
    """

    model_config = ConfigDict(extra="forbid")
    code: str
    title: str
    publisher: str
    licence: str
    url: str
    description: str
    owner: str
    cadence_days: int
    cadence_reason: str
    table: str
    table_description: str
    columns: list[str]
    revision_unit: str
    known_defects: list[str]
    flows: FlowSpec | None = None
    companions: list[Companion] = []
    gates: list[dict[str, Any]]
    pull: dict[str, Any] | None = None
    details: dict[str, Any] = {}

    @property
    def landed_as(self) -> str:
        """Name of the table of landed rows: `<source>__<table>`."""
        return f"{self.code}__{self.table}"

    @property
    def asset(self) -> str:
        """Path of the raw asset: `raw/<source>/<table>`."""
        return f"raw/{self.code}/{self.table}"


@cache
def load_source(code: str) -> SourceSpec:
    """The checked `source.yml` of one source.

    Raises:
        KeyError: no such source.
        pydantic.ValidationError: the YAML lacks a field or has one too many.
    """
    path = FOLDER / code / "source.yml"
    if not path.is_file():
        raise KeyError(f"no source named {code!r}; there are: {', '.join(source_codes())}")
    return SourceSpec(code=code, **yaml.safe_load(path.read_text(encoding="utf-8")))


@cache
def source_codes() -> tuple[str, ...]:
    """Codes of all sources, sorted."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/source.yml")))


def all_sources() -> list[SourceSpec]:
    """Every source, sorted by code."""
    return [load_source(code) for code in source_codes()]


def flow_sources() -> list[tuple[SourceSpec, FlowSpec]]:
    """Sources of trade flows, sorted by code, each with what it says of them."""
    return [(spec, spec.flows) for spec in all_sources() if spec.flows is not None]


def adapter(code: str) -> Adapter:
    """The adapter module of one source."""
    return cast(Adapter, importlib.import_module(f"orchestration.sources.{code}.adapter"))


def recognise(path: Path, name: str) -> str | None:
    """The source whose adapter recognises the content, or None where none or several do."""
    found = [code for code in source_codes() if adapter(code).recognise(path, name)]
    return found[0] if len(found) == 1 else None


def companion(path: Path, name: str) -> str | None:
    """What a file is that comes beside data and holds none (a list of codes, a note); None for any other.

    The name says so, and only where no source knows the content.
    """
    known = ((spec.title, each) for spec in all_sources() for each in spec.companions)
    said = next((f"{title}: {each.what}" for title, each in known if each.name.fullmatch(name)), None)
    return said if said and recognise(path, name) is None else None
