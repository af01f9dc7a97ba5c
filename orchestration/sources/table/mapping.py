"""The mapping: what the columns of a user's own table mean.

Belongs here: the fields, their rules, reading the YAML. Does not belong here: the table itself (reader.py,
checks.py), guesses (propose.py).
"""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from orchestration.manifest import ManifestError, span
from orchestration.sources.table.words import EDITIONS, FLOWS, IN_FORCE, country

Column = Literal[
    "reporter", "partner", "flow", "period", "year", "month", "hs_code", "hs_revision", "value", "currency",
    "quantity", "unit", "quantity_2", "unit_2", "net_weight_kg", "breakdown",
]  # fmt: skip
Constant = Literal[
    "reporter", "partner", "flow", "period", "hs_code", "hs_revision", "currency", "value_basis",
    "evidence_type", "unit", "unit_2",
]  # fmt: skip
OPEN = "?"  # what a proposal writes where only the user knows
KEY: tuple[Column, ...] = (
    "reporter", "partner", "flow", "period", "year", "month", "hs_code", "hs_revision", "breakdown",
)  # fmt: skip
_NEEDED = ("reporter", "partner", "flow", "hs_code", "hs_revision", "value", "currency", "value_basis")
_ALLOWED: dict[str, frozenset[str]] = {
    "flow": frozenset(FLOWS.values()),
    "hs_revision": frozenset({*EDITIONS.values(), IN_FORCE}),
    "value_basis": frozenset({"fob", "cif", "customs", "statistical", "invoice"}),
    "evidence_type": frozenset({"statistics", "reconciled", "mirror", "estimated", "declared"}),
}


class NumberFormat(BaseModel):
    """The marks in numbers: one between thousands or none, one before decimals."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    thousands: Literal["", ",", ".", " ", "'"] = ""
    decimal: Literal[".", ","] = "."

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.thousands == self.decimal:
            raise ValueError("thousands and decimal are the same mark")
        return self


class Mapping(BaseModel):
    """What a table means: `columns` gives our name -> its name, `constants` what holds for every row.

    `ignore` lists columns that are knowingly left out; `grain` the columns that make a row unique, where that
    is not all of the key's; `hs_revision: in_force` says that each period follows the HS edition of its day.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[Column, str]
    constants: dict[Constant, str] = {}
    ignore: tuple[str, ...] = ()
    grain: tuple[Column, ...] = ()
    frequency: Literal["monthly", "annual"] | None = None
    period_format: str | None = None
    number_format: NumberFormat = NumberFormat()
    value_scale: Decimal = Decimal(1)
    flows: dict[str, str] = {}
    sum_duplicates: bool = False
    encoding: str = "utf-8"
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int = 1
    vintage: date | None = None
    licence: str | None = None
    note: str | None = None

    @field_validator("constants")
    @classmethod
    def _constants_are_known_words(cls, given: dict[Constant, str]) -> dict[Constant, str]:
        for name, text in given.items():
            if text.strip() in ("", OPEN):
                raise ValueError(f"{name} is still to be said")
            if text not in _ALLOWED.get(name, {text}):
                raise ValueError(f"{name} {text!r} is none of {', '.join(sorted(_ALLOWED[name]))}")
            if name in ("reporter", "partner") and country(text) is None:
                raise ValueError(f"{name} {text!r} is no country that we know: a name, ISO or UN code")
            if name == "currency" and not re.fullmatch("[A-Z]{3}", text):
                raise ValueError(f"currency {text!r} is not three capital letters")
            if name == "period":
                span(text)
        return given

    @field_validator("value_scale")
    @classmethod
    def _scale_is_a_power_of_ten(cls, given: Decimal) -> Decimal:
        if not re.fullmatch("10*", str(given)):
            raise ValueError("value_scale is 1, 10, 100, 1000 and so on")
        return given

    @field_validator("flows")
    @classmethod
    def _flows_are_known(cls, given: dict[str, str]) -> dict[str, str]:
        if wrong := sorted(set(given.values()) - _ALLOWED["flow"]):
            raise ValueError(f"{wrong[0]!r} is none of {', '.join(sorted(_ALLOWED['flow']))}")
        return {word.strip().lower(): flow for word, flow in given.items()}

    @model_validator(mode="after")
    def _says_enough(self) -> Self:
        said = {*self.columns, *self.constants}
        if both := sorted(set(self.columns) & set(self.constants)):
            raise ValueError(f"{both[0]} is both a column and a constant")
        if missing := [name for name in _NEEDED if name not in said]:
            raise ValueError(f"nothing says {', '.join(missing)}: name a column or a constant")
        if ("period" in said) == ("year" in said):
            raise ValueError("name either period or year (with month where there is one)")
        if "period" not in self.constants and self.frequency is None:
            raise ValueError("frequency is monthly or annual")
        for amount, unit in (("quantity", "unit"), ("quantity_2", "unit_2")):
            if amount in self.columns and unit not in said:
                raise ValueError(f"{amount} needs a {unit}: a column or a constant")
        theirs = [*self.columns.values(), *self.ignore]
        if doubled := sorted({name for name in theirs if theirs.count(name) > 1}):
            raise ValueError(f"column {doubled[0]!r} is named twice")
        if wrong := [name for name in self.grain if name not in self.columns]:
            raise ValueError(f"grain names {wrong[0]}, which is no column")
        return self

    @property
    def key(self) -> tuple[Column, ...]:
        """Columns that make a row unique."""
        return self.grain or tuple(name for name in KEY if name in self.columns)

    def plain(self) -> dict[str, Any]:
        """The mapping as the manifest keeps it: what is said and no defaults."""
        return self.model_dump(mode="json", exclude_defaults=True)


def parse(origin: str, said: object) -> Mapping:
    """A checked mapping.

    Raises:
        ManifestError: names the origin, the field and the rule.
    """
    try:
        return Mapping.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part != "[key]") or "mapping"
        raise ManifestError(f"{origin}: {place}: {first['msg'].removeprefix('Value error, ')}") from error


def read(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file, checked, in the form that the manifest keeps.

    Raises:
        ManifestError: no such file, no YAML, or not a mapping.
    """
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ManifestError(f"{path.name}: not readable as YAML: {' '.join(str(error).split())}") from error
    return parse(path.name, said).plain()
