"""Landing: decode one archived file into Parquet, all text, in one atomic step.

Belongs here: which files need landing, writing the Parquet pair (rows, quarantine) and the one ledger entry
that makes it count. Does not belong here: formats (adapters), checks (gates), typing (dbt).
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration import archive, sources
from orchestration.ledger import FileEntry, Landing, Ledger
from orchestration.reading import ReadingError
from orchestration.settings import Settings
from orchestration.sources.contract import (
    QUARANTINE_SCHEMA,
    Chunk,
    Facts,
    Quarantine,
    Refused,
    Rows,
    row_schema,
)

_FILE_COLUMNS = [pa.field("_file_sha256", pa.string()), pa.field("_landing_id", pa.string())]


def landing_id(entry: FileEntry) -> str:
    """Identity of a landing: it changes with the bytes, the adapter's version and the manifest."""
    version = sources.adapter(entry.source).VERSION
    return hashlib.sha256(f"{entry.sha256}|{version}|{entry.manifest.digest()}".encode()).hexdigest()[:32]


def rows_path(settings: Settings, source: str, identity: str) -> Path:
    """Where the landed rows of one landing stand."""
    return settings.landing / source / f"{identity}.parquet"


def quarantine_path(settings: Settings, source: str, identity: str) -> Path:
    """Where the quarantined records of one landing stand."""
    return settings.landing / source / f"{identity}.quarantine.parquet"


def pending(ledger: Ledger) -> list[FileEntry]:
    """Archived files that are not landed under today's adapter and manifest, oldest first."""
    entries = [entry for entry in ledger.files() if not entry.rejected_why]
    return [entry for entry in entries if entry.landing_id != landing_id(entry)]


def land_pending(
    settings: Settings,
    ledger: Ledger,
    source: str,
    report: Callable[[FileEntry, Landing], None] | None = None,
) -> list[Landing]:
    """Land every pending file of one source; a file that is not what it claims to be is refused."""
    landings = []
    for entry in pending(ledger):
        if entry.source == source:
            landing = land(settings, ledger, entry)
            landings.append(landing)
            if report:
                report(entry, landing)
    return landings


def land(settings: Settings, ledger: Ledger, entry: FileEntry) -> Landing:
    """Land one file. Either both Parquet files and the ledger entry are there afterwards, or nothing counts.

    Parquet files are named by the landing's identity and only those that the ledger names are ever read, so
    the ledger entry is the one step that makes a landing real.
    """
    identity = landing_id(entry)
    path = settings.archive / entry.archived_path
    adapter = sources.adapter(entry.source)
    try:
        facts, landed, bad = _write(settings, entry, identity, adapter.land(path, entry.manifest))
    except (Refused, ReadingError) as refusal:
        landing = Landing(entry.sha256, identity, "refused", str(refusal), None, None, 0, 0, 0)
    else:
        said = (facts.layout, facts.header, facts.rows_in)
        landing = Landing(entry.sha256, identity, "landed", None, *said, landed, bad)
    ledger.record_landing(landing)
    return landing


def _write(
    settings: Settings, entry: FileEntry, identity: str, chunks: Iterator[Chunk]
) -> tuple[Facts, int, int]:
    """What the adapter stated, rows landed, rows quarantined; on an exception no file is left."""
    schema = row_schema(sources.load_source(entry.source).columns)
    place = rows_path(settings, entry.source, identity)
    beside = quarantine_path(settings, entry.source, identity)
    facts: Facts | None = None
    with (
        closing(_Sink(place, schema, entry.sha256, identity)) as rows,
        closing(_Sink(beside, QUARANTINE_SCHEMA, entry.sha256, identity)) as bad,
    ):
        for chunk in chunks:
            if isinstance(chunk, Rows):
                rows.write(chunk.batch)
            elif isinstance(chunk, Quarantine):
                bad.write(chunk.batch)
            else:
                facts = chunk
        if facts is None:
            raise AssertionError(f"adapter {entry.source} ended without stating what it read")
        rows.commit()
        bad.commit()
    archive.sync_folder(place.parent)  # the ledger must never know more than the disk
    return facts, rows.count, bad.count


class _Sink:
    """One Parquet file, written beside its place and renamed when whole."""

    def __init__(self, place: Path, schema: pa.Schema, sha256: str, identity: str) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        self._place = place
        self._partial = place.with_suffix(f".{os.getpid()}.partial")
        self._schema = pa.schema([*schema, *_FILE_COLUMNS])
        self._constants = (sha256, identity)
        self._writer = pq.ParquetWriter(self._partial, self._schema, compression="zstd")
        self.count = 0

    def write(self, batch: pa.RecordBatch) -> None:
        constants = [pa.repeat(pa.scalar(text), batch.num_rows) for text in self._constants]
        whole = pa.RecordBatch.from_arrays([*batch.columns, *constants], schema=self._schema)
        self._writer.write_batch(whole)
        self.count += batch.num_rows

    def commit(self) -> None:
        self._writer.close()
        with self._partial.open("rb") as stream:
            os.fsync(stream.fileno())
        self._partial.replace(self._place)

    def close(self) -> None:
        self._writer.close()
        self._partial.unlink(missing_ok=True)
