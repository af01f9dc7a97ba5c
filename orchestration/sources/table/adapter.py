"""A user's own table: CSV, workbook or Parquet, under one fixed set of columns, as its mapping says.

Belongs here: checking before landing, and what each row gets from the mapping. Does not belong here: the
mapping's rules (mapping.py), containers (reader.py), checks (checks.py), guesses (propose.py).
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from orchestration.manifest import Manifest, ManifestError, MissingOption
from orchestration.sources import load_source
from orchestration.sources.contract import Chunk, Event, Refused, Row, to_batches
from orchestration.sources.table.checks import check, flow_of, span_of
from orchestration.sources.table.mapping import Mapping, parse
from orchestration.sources.table.reader import events

VERSION = "1"
_SPEC = load_source("table")


def recognise(path: Path, name: str) -> bool:
    """Never: what a table means stands in its mapping, not in its content."""
    return False


def complete(path: Path, name: str, manifest: Manifest) -> Manifest:
    """Check the whole file against its mapping; take over the mapping's note and publication date.

    Raises:
        MissingOption: there is no mapping.
        ManifestError: the mapping is wrong, or the file is not what it says.
    """
    if manifest.mapping is None:
        why = "only its user knows what the columns mean (dualuse add FILE --propose drafts one)"
        raise MissingOption(name, "--mapping FILE", why)
    mapping = parse("mapping", manifest.mapping)
    try:
        check(events(path, mapping), mapping)
    except Refused as fault:
        raise ManifestError(f"{name}: {fault}") from fault
    told = {
        "mapping": mapping.plain(),
        "note": manifest.note or mapping.note,
        "published": manifest.published or mapping.vintage,
    }
    return manifest.model_copy(update=told)


def land(path: Path, manifest: Manifest) -> Iterator[Chunk]:
    """Decode one table into Arrow batches of the columns in source.yml, after checking it once more.

    Raises:
        Refused: no mapping, or the file is not what it says.
    """
    if manifest.mapping is None:
        raise Refused("no mapping says what its columns mean (--mapping FILE)")
    try:
        mapping = parse("mapping", manifest.mapping)
    except ManifestError as fault:
        raise Refused(str(fault)) from fault
    check(events(path, mapping), mapping)
    return to_batches((_told(event, mapping) for event in events(path, mapping)), _SPEC.columns)


def _told(event: Event, mapping: Mapping) -> Event:
    """A row with what the mapping says of all rows, and with its span and flow in our words."""
    if not isinstance(event, Row):
        return event
    values = dict(event.values)
    start, end = span_of(values, mapping) or (None, None)
    constants: dict[str, str | None] = {"evidence_type": "statistics"}
    constants.update({str(name): text for name, text in mapping.constants.items()})
    said = {
        "value_scale": str(mapping.value_scale),
        "decimal_mark": mapping.number_format.decimal,
        "thousands_mark": mapping.number_format.thousands or None,
        "flow_name": flow_of(values, mapping),
        "period_start": start,
        "period_end": end,
    }
    return replace(event, values={**constants, **values, **said})
