"""What a check and its result are, and how checks are read from YAML entries.

Belongs here: the data classes and the refusal of bad entries.
Does not belong here: the rules for an expectation's arguments (catalogue.py), Great Expectations (its import
takes seconds), SQL engines, Dagster.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orchestration.gates.catalogue import check_arguments, describe_bound

Severity = Literal["block", "warn"]

_TABLE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)?", re.ASCII)


@dataclass(frozen=True)
class Check:
    """One check on one table, as an entry of a YAML file states it.

    Attributes:
        gate: ``raw`` or ``mart``.
        name: Snake case, unique per asset.
        asset: The asset the check stands on, e.g. ``raw/gacc/trade_rows``.
        table: Table or view in the DuckDB file, perhaps with its schema.
        expectation: A name from the catalogue.
        kwargs: Arguments of the expectation.
        severity: ``block`` stops everything downstream, ``warn`` is only shown.
        threshold: The bound as users read it.
        reason: Why this bound.
        source: Short code of the source, or None.
    """

    gate: str
    name: str
    asset: str
    table: str
    expectation: str
    kwargs: Mapping[str, Any]
    severity: Severity
    threshold: str
    reason: str
    source: str | None


@dataclass(frozen=True)
class GateResult:
    """The outcome of one check.

    Attributes:
        check: The check that ran.
        passed: True only if the check was evaluated and held.
        value: What was seen, as text, e.g. ``3 of 120 rows``.
        offending: Up to a limit of the rows that break the check, each a JSON-able dict of the full row (of
            what the SQL selects, for ``unexpected_rows``). A passed check with ``mostly`` may have some.
        offending_count: How many rows break it; None where the check has no rows (sums, counts, columns).
        error: One sentence if the check could not be evaluated, else None.
    """

    check: Check
    passed: bool
    value: str
    offending: list[dict[str, Any]]
    offending_count: int | None
    error: str | None

    @property
    def blocks(self) -> bool:
        """Whether this result stops what comes after it."""
        return not self.passed and self.check.severity == "block"


class GateEntryError(ValueError):
    """An entry of a check file cannot be used; the text names the file, the entry and the rule."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    expectation: str
    kwargs: dict[str, Any] = Field(default_factory=dict)
    severity: Severity
    reason: str = Field(pattern=r"\S")
    threshold: str | int | float | None = None
    table: str | None = None
    asset: str | None = None


def parse_checks(
    entries: Sequence[Mapping[str, Any]],
    *,
    gate: str,
    asset: str,
    table: str,
    source: str | None,
    origin: str,
) -> list[Check]:
    """Read the entries of one check file into checks, in their order.

    An entry has ``name``, ``expectation``, ``severity`` and ``reason``, and may have ``kwargs`` (what the
    expectation takes), ``threshold`` (else derived from them), ``table`` and ``asset`` (else those given).
    For ``unexpected_rows`` the arguments are ``sql``, which selects the rows that ought not to be, and
    ``params``: ``{table}`` and each ``{param}`` are filled in when it runs, other braces stay as they are.

    Args:
        entries: The entries as read from YAML.
        gate: ``raw`` or ``mart``.
        asset: Asset of entries that name none.
        table: Table of entries that name none.
        source: Short code of the source.
        origin: The file the entries come from, for error messages.

    Raises:
        GateEntryError: an entry is malformed, names an unknown expectation or argument, or repeats a name.
    """
    checks: list[Check] = []
    for number, raw in enumerate(entries, start=1):
        label = raw.get("name") if isinstance(raw, Mapping) else None
        where = f"{origin}, entry {number}" + (f" ({label})" if label else "")
        entry = _read_entry(raw, where)
        check = _to_check(entry, gate=gate, asset=asset, table=table, source=source, where=where)
        if any((other.asset, other.name) == (check.asset, check.name) for other in checks):
            raise GateEntryError(f"{where}: the name is already taken by another check on {check.asset}")
        checks.append(check)
    return checks


def _read_entry(raw: Mapping[str, Any], where: str) -> _Entry:
    try:
        return _Entry.model_validate(raw)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'entry'}: {fault['msg']}" for fault in error.errors()
        )
        raise GateEntryError(f"{where}: {faults}") from error


def _to_check(entry: _Entry, *, gate: str, asset: str, table: str, source: str | None, where: str) -> Check:
    table = entry.table or table
    if not _TABLE.fullmatch(table):
        raise GateEntryError(f"{where}: table must be a plain name or schema.name, not {table!r}")
    try:
        check_arguments(entry.expectation, entry.kwargs)
    except ValueError as error:
        raise GateEntryError(f"{where}: {error}") from error
    threshold = entry.threshold
    return Check(
        gate=gate,
        name=entry.name,
        asset=entry.asset or asset,
        table=table,
        expectation=entry.expectation,
        kwargs=entry.kwargs,
        severity=entry.severity,
        threshold=describe_bound(entry.expectation, entry.kwargs) if threshold is None else str(threshold),
        reason=entry.reason.strip(),
        source=source,
    )
