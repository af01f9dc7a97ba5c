"""Write-once storage of the bytes as published, each file named by its SHA-256.

Belongs here: digests and the atomic, durable copy into the archive. Does not belong here: what a file
means, or any knowledge of sources and runs.
"""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Stored:
    """One file in the archive."""

    sha256: str
    path: Path
    bytes: int
    is_new: bool


def digest(path: Path) -> str:
    """SHA-256 of a file as hex, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def store(archive: Path, source: str, path: Path) -> Stored:
    """Copy `path` to `<archive>/<source>/<sha256><suffix>`; the same bytes are stored once.

    The copy is written beside its place, flushed to disk and renamed, so that a file under its final
    name is always whole. A revised file has another digest and lands beside the old one.

    Raises:
        ValueError: the file is empty.
    """
    size = path.stat().st_size
    if size == 0:
        raise ValueError(f"{path.name}: refusing to archive an empty file")
    sha256 = digest(path)
    folder = archive / source
    place = folder / f"{sha256}{path.suffix.lower()}"
    if place.exists():
        return Stored(sha256, place, size, is_new=False)
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{sha256}.{os.getpid()}.partial"
    partial.unlink(missing_ok=True)  # a killed process of the same id may have left one, read-only even
    try:
        with path.open("rb") as source_stream, partial.open("wb") as target:
            shutil.copyfileobj(source_stream, target, _BLOCK)
            target.flush()
            os.fsync(target.fileno())
        if digest(partial) != sha256:
            raise ValueError(f"{path.name}: changed while it was being archived; try again")
        partial.chmod(0o444)
        partial.replace(place)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(folder)
    return Stored(sha256, place, size, is_new=True)


def sync_folder(folder: Path) -> None:
    """Make renames inside a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
