"""What an adapter is, and the few things every adapter needs.

Belongs here: the protocol, the events an adapter yields, their gathering into Arrow batches. Does not
belong here: reading of formats (package `reading`), storing (module `landing`), any one source.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from orchestration.manifest import Manifest

BATCH_ROWS = 50_000
QUARANTINE_SCHEMA = pa.schema(
    [("_row_number", pa.int64()), ("reason", pa.string()), ("raw_text", pa.string())]
)


class Refused(Exception):
    """The file is not what it claims to be; the message is the reason users read."""


@dataclass(frozen=True)
class Row:
    """One record that could be split: canonical column -> text as published (None where absent)."""

    number: int
    values: Mapping[str, str | None]
    unknown: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Bad:
    """One record that could not be split into fields, with its raw text."""

    number: int
    raw: str
    reason: str


@dataclass(frozen=True)
class Facts:
    """What is known once the file is read: its layout, its header and the number of data records in it."""

    layout: str
    header: str
    rows_in: int


@dataclass(frozen=True)
class Rows:
    """Landed rows: the source's columns, all text, then `_unknown_columns` and `_row_number`."""

    batch: pa.RecordBatch


@dataclass(frozen=True)
class Quarantine:
    """Records that could not be split: `_row_number`, `reason`, `raw_text`."""

    batch: pa.RecordBatch


Event = Row | Bad | Facts
Chunk = Rows | Quarantine | Facts


class Adapter(Protocol):
    """The module `orchestration.sources.<source>.adapter`."""

    VERSION: str

    def recognise(self, path: Path, name: str) -> bool:
        """Whether the content is this source's (the name is a hint at most)."""

    def complete(self, path: Path, name: str, manifest: Manifest) -> Manifest:
        """The manifest with all the file itself says; raises MissingOption for what nobody says."""

    def land(self, path: Path, manifest: Manifest) -> Iterator[Chunk]:
        """Decode the file: a pure function of its arguments. Raises Refused."""


def row_schema(columns: Sequence[str]) -> pa.Schema:
    """Schema of landed rows before the file's digest is added: all text but the row number."""
    texts = [(name, pa.string()) for name in (*columns, "_unknown_columns")]
    return pa.schema([*texts, ("_row_number", pa.int64())])


def to_batches(events: Iterable[Event], columns: Sequence[str]) -> Iterator[Chunk]:
    """Gather events into Arrow batches of at most 50,000 rows, so that memory does not grow with the file."""
    schema = row_schema(columns)
    rows: list[dict[str, object]] = []
    bad: list[dict[str, object]] = []
    for event in events:
        if isinstance(event, Row):
            unknown = json.dumps(event.unknown, ensure_ascii=False) if event.unknown else None
            rows.append({**event.values, "_unknown_columns": unknown, "_row_number": event.number})
        elif isinstance(event, Bad):
            bad.append({"_row_number": event.number, "reason": event.reason, "raw_text": event.raw})
        else:
            yield event
        if len(rows) >= BATCH_ROWS:
            yield Rows(pa.RecordBatch.from_pylist(rows, schema))
            rows = []
        if len(bad) >= BATCH_ROWS:
            yield Quarantine(pa.RecordBatch.from_pylist(bad, QUARANTINE_SCHEMA))
            bad = []
    if rows:
        yield Rows(pa.RecordBatch.from_pylist(rows, schema))
    if bad:
        yield Quarantine(pa.RecordBatch.from_pylist(bad, QUARANTINE_SCHEMA))
