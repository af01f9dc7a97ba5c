"""The manifest: what a user knows about a file that its bytes do not say.

Belongs here: the fields, their checks, reading and writing the small YAML beside a file. Does not belong
here: which fields a source needs (its adapter says), or where files live.
"""

import calendar
import hashlib
import json
import re
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

Direction = Literal["export", "import"]
Grade = Literal["official", "vendor", "leak", "user"]

_PERIOD = re.compile(r"([0-9]{4})(?:-?([0-9]{2}))?")
_ONLY = re.compile(r"(regime|province)=[0-9A-Za-z]+")


class ManifestError(ValueError):
    """A manifest that cannot be used; the message names the field and the rule."""


class MissingOption(ManifestError):
    """The file does not say something that must be known, and neither does the manifest."""

    def __init__(self, file_name: str, option: str, why: str) -> None:
        """Name the option to give and why it is needed."""
        super().__init__(f"{file_name}: give {option}: {why}")
        self.option = option


class Manifest(BaseModel):
    """What is known of one file. Empty means unknown; the source's adapter says what it needs.

    `period` is `2023-01`, `2023` or `2023-01..2023-06`; `partner` is the source's own code or `world`;
    `only` limits what a selection replaces (`regime=19`); `complete` says that the file holds everything
    its publisher has for the blocks it names; `area` is the part of the reporter that the file covers,
    `national` for all of it; `hs_revision` is the HS edition of a file that does not say its own (`HS2022`);
    `mapping` says what the columns of a user's own table mean.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str | None = None
    direction: Direction | None = None
    currency: str | None = None
    period: str | None = None
    partner: str | None = None
    layout: str | None = None
    grade: Grade = "user"
    note: str | None = None
    published: date | None = None
    complete: bool = False
    only: str | None = None
    area: str | None = None
    hs_revision: str | None = None
    mapping: dict[str, Any] | None = None
    url: str | None = None
    is_synthetic: bool = False

    @field_validator(
        "source", "currency", "partner", "layout", "note", "only", "area", "hs_revision", "url", mode="before"
    )
    @classmethod
    def _text_is_text(cls, value: object) -> object:
        # A bare 044 is 36 to YAML and a bare NO is false: turning them back into text would be a guess.
        if isinstance(value, bool | int | float | date):
            raise ValueError("put the value in quotes: YAML reads it as a number, a date or true/false")
        return value

    @field_validator("mapping", mode="before")
    @classmethod
    def _mapping_is_plain(cls, value: object) -> object:
        # As JSON gives it back, so that what is read from the ledger equals what was given.
        return (
            json.loads(json.dumps(value, default=str, sort_keys=True)) if isinstance(value, dict) else value
        )

    @field_validator("period", mode="before")
    @classmethod
    def _period_is_a_span(cls, value: object) -> object:
        if value is not None:
            span(str(value))
            return str(value)
        return value

    @field_validator("currency")
    @classmethod
    def _currency_is_a_code(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Z]{3}", value.upper()):
            raise ValueError("a currency is three letters, such as USD or CNY")
        return value.upper() if value else None

    @field_validator("only")
    @classmethod
    def _only_is_known(cls, value: str | None) -> str | None:
        if value is not None and not _ONLY.fullmatch(value):
            raise ValueError("only limits a file to one regime or province: regime=19 or province=44")
        return value

    @field_validator("hs_revision")
    @classmethod
    def _edition_is_named_by_its_year(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"HS(19|20)[0-9]{2}", value.upper()):
            raise ValueError("an edition of the Harmonized System is HS and a year, such as HS2022")
        return value.upper() if value else None

    def digest(self) -> str:
        """Sixteen hex digits that change whenever a field changes."""
        return hashlib.sha256(self.model_dump_json(exclude_defaults=True).encode()).hexdigest()[:16]

    def span(self) -> tuple[date, date] | None:
        """First and last day of `period`, or None where it is not given."""
        return span(self.period) if self.period else None


def span(text: str) -> tuple[date, date]:
    """First and last day of `2023`, `2023-01`, `202301` or `2023-01..2023-06`.

    Raises:
        ValueError: the text is none of these, or ends before it starts.
    """
    first, dots, last = text.strip().partition("..")
    start, _ = _bounds(first)
    _, end = _bounds(last if dots else first)
    if end < start:
        raise ValueError(f"period {text!r} ends before it starts")
    return start, end


def _bounds(text: str) -> tuple[date, date]:
    match = _PERIOD.fullmatch(text.strip())
    if not match or not 1900 <= int(match[1]) <= 2100 or not 1 <= int(match[2] or 1) <= 12:
        raise ValueError(f"period {text!r} is not YYYY, YYYY-MM or YYYY-MM..YYYY-MM")
    year = int(match[1])
    first, last = (int(match[2]), int(match[2])) if match[2] else (1, 12)
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def build(origin: str, **fields: object) -> Manifest:
    """A checked manifest; `origin` names the file or option set in the error.

    Raises:
        ManifestError: a field is unknown or its value is not allowed.
    """
    try:
        return Manifest.model_validate({k: v for k, v in fields.items() if v is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "manifest"
        raise ManifestError(f"{origin}: {name}: {first['msg'].removeprefix('Value error, ')}") from error


def merge(beside: Manifest, origin: str, **fields: object) -> Manifest:
    """The manifest beside a file, overruled by the fields given.

    Raises:
        ManifestError: a field's value is not allowed.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    return build(origin, **{**beside.model_dump(exclude_defaults=True), **given})


def sidecar(path: Path) -> Path:
    """The YAML that stands beside a file."""
    return path.with_name(path.name + ".yml")


def read(path: Path) -> Manifest:
    """The manifest beside `path`, or an empty one where there is none.

    Raises:
        ManifestError: the YAML is broken or holds what a manifest does not know.
    """
    beside = sidecar(path)
    if not beside.exists():
        return Manifest()
    try:
        fields = yaml.safe_load(beside.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ManifestError(f"{beside.name}: not readable as YAML: {' '.join(str(error).split())}") from error
    if not isinstance(fields, dict):
        raise ManifestError(f"{beside.name}: a manifest is a list of `name: value` lines")
    return build(beside.name, **fields)


def write(path: Path, manifest: Manifest) -> None:
    """Write the manifest beside `path`; a reader sees the old one or the new one, never a part."""
    fields = manifest.model_dump(mode="json", exclude_defaults=True)
    partial = path.with_name(f".{path.name}.yml.partial")
    partial.write_text(yaml.safe_dump(fields, allow_unicode=True, sort_keys=True), encoding="utf-8")
    partial.replace(sidecar(path))
