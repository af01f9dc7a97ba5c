"""Unpack the one file of a .7z that somebody handed us, and refuse it whole if anything about it is unsafe.

Belongs here: what may come out of a .7z, and how much. Does not belong here: .zip and .gz (`unpack.py`),
where the bytes go (`sevenzip_sinks`), what the file is. A .7z stays as it was published in the archive, so an
adapter unpacks it each time it reads it.
"""

import contextlib
import lzma
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import py7zr
from py7zr.exceptions import AbsolutePathError, ArchiveError, PasswordRequired

from orchestration.reading import PACKAGE_DAMAGE, ReadingError, is_damage
from orchestration.reading.members import name_rule, printable
from orchestration.reading.sevenzip_sinks import Enough, Head, Into, Writer
from orchestration.reading.unpack import MAX_RATIO, MAX_TOTAL_BYTES, RATIO_FLOOR_BYTES, UnsafeArchive

MAGIC = b"7z\xbc\xaf\x27\x1c"
MAX_DICTIONARY_BYTES = 512 << 20  # what unpacking may hold in memory; the strongest preset of 7-Zip takes 256
_LZMA, _LZMA2, _COPY = b"\x03\x01\x01", b"\x21", b"\x00"
_FILTERS = {b"\x03", b"\x03\x03\x01\x03"}  # delta and BCJ, which give out as many bytes as they take
_ENCRYPTED = "{} is encrypted: save the archive without a password first"
_AES = b"\x06\xf1\x07\x01"
_NESTED = (MAGIC, b"\x1f\x8b\x08", b"PK\x03\x04", b"PK\x05\x06", b"\xfd7zXZ\x00", b"Rar!", b"BZh")
# What a damaged or forged directory makes py7zr raise.
_FAILURES = (
    *PACKAGE_DAMAGE, ArchiveError, AbsolutePathError, lzma.LZMAError, struct.error, ArithmeticError,
    AssertionError, AttributeError, LookupError, TypeError, MemoryError,
)  # fmt: skip


class Content(NamedTuple):
    """The one file of an archive: its base name there, and its size as the archive states it."""

    name: str
    size: int


def is_sevenzip(path: Path) -> bool:
    """Tell by content whether a file is a .7z."""
    with path.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def content(
    path: Path,
    *,
    max_bytes: int = MAX_TOTAL_BYTES,
    max_ratio: int = MAX_RATIO,
    ratio_floor_bytes: int = RATIO_FLOOR_BYTES,
) -> Content:
    """What a .7z holds, from its directory; nothing is unpacked.

    Raises:
        UnsafeArchive: a name that leads elsewhere, a link or device, encryption, or more than may come out.
        ReadingError: damaged, not exactly one file, or packed by a method other than LZMA, LZMA2 and copying.
    """
    with _opened(path) as archive:
        return _checked(path, archive, max_bytes, max_ratio, ratio_floor_bytes)


@contextmanager
def unpacked(path: Path, **limits: int) -> Iterator[Path]:
    """The one file of a .7z in a temporary folder under its own base name, checked against its checksum.

    It comes out in blocks; the limits are those of `content`, and bytes are counted as they come out as well.

    Raises:
        UnsafeArchive, ReadingError: as `content`, or it is an archive itself.
    """
    held = content(path, **limits)
    with tempfile.TemporaryDirectory(prefix="dualuse-7z-") as folder:
        target = Path(folder) / held.name
        with target.open("xb") as stream, _opened(path) as archive:
            archive.extractall(factory=Into(Writer(stream, held.size)))
        if target.stat().st_size != held.size:
            raise ReadingError(f"{path.name}: the archive is damaged (less came out than it states)")
        _refuse_nested(path, target)
        yield target


def head(path: Path, size: int) -> bytes:
    """The first bytes of the one file of a .7z; the rest is not unpacked.

    Raises:
        UnsafeArchive, ReadingError: as `content`.
    """
    content(path)
    taken = Head(size)
    with _opened(path) as archive, contextlib.suppress(Enough):
        archive.extractall(factory=Into(taken))
    return bytes(taken.bytes)


@contextmanager
def _opened(path: Path) -> Iterator[py7zr.SevenZipFile]:
    """A .7z open for reading; whatever goes wrong with it is said as a ReadingError."""
    try:
        # A file object keeps py7zr from threads of its own, whose errors would come late.
        with path.open("rb") as stream, py7zr.SevenZipFile(stream, "r") as archive:
            if archive.needs_password():
                raise UnsafeArchive(_ENCRYPTED.format(path.name))
            yield archive
    except PasswordRequired:
        raise UnsafeArchive(_ENCRYPTED.format(path.name)) from None
    except _FAILURES as error:
        if not is_damage(error):
            raise
        raise ReadingError(
            f"{path.name}: the archive is damaged ({error or type(error).__name__})"
        ) from error


def _only_file(path: Path, archive: py7zr.SevenZipFile) -> py7zr.py7zr.ArchiveFile:
    files: list[py7zr.py7zr.ArchiveFile] = []
    for entry in getattr(archive, "files", ()):
        if rule := name_rule(entry.filename):
            raise UnsafeArchive(f"{path.name}: member {printable(entry.filename)} {rule}")
        if entry.is_symlink or entry.is_junction or not (entry.is_file or entry.is_directory):
            raise UnsafeArchive(f"{path.name}: member {entry.filename} is a link or another special file")
        if not entry.is_directory:
            files.append(entry)
    if len(files) != 1:
        raise ReadingError(f"{path.name}: {len(files)} files in the archive where one is expected")
    return files[0]


def _checked(path: Path, archive: py7zr.SevenZipFile, bytes_: int, ratio: int, floor: int) -> Content:
    """Hold the directory against the rules, before anything is unpacked."""
    entry = _only_file(path, archive)
    size = int(entry.uncompressed)
    if size == 0:
        raise ReadingError(f"{path.name}: the file in the archive is empty")
    if size > bytes_:
        raise UnsafeArchive(f"{path.name}: states {size:,} bytes, more than {bytes_:,}")
    if size > floor and size > ratio * path.stat().st_size:
        raise UnsafeArchive(f"{path.name}: states more than {ratio} times the archive's size")
    for folder in archive.header.main_streams.unpackinfo.folders:
        for coder in folder.coders:
            _check_coder(path, coder["method"], coder.get("properties") or b"")
    return Content(PurePosixPath(entry.filename).name, size)


def _check_coder(path: Path, method: bytes, properties: bytes) -> None:
    if method == _AES:
        raise UnsafeArchive(_ENCRYPTED.format(path.name))
    if method == _LZMA2:
        bits = properties[0]
        dictionary = (2 | (bits & 1)) << (bits // 2 + 11)
    elif method == _LZMA:
        dictionary = int.from_bytes(properties[1:5], "little")
    elif method == _COPY or method in _FILTERS:
        return
    else:
        raise ReadingError(f"{path.name}: packed by a method other than LZMA, LZMA2 and copying")
    if dictionary > MAX_DICTIONARY_BYTES:
        raise UnsafeArchive(f"{path.name}: unpacking would take {dictionary >> 20:,} MiB of memory")


def _refuse_nested(path: Path, target: Path) -> None:
    with target.open("rb") as stream:
        if stream.read(8).startswith(_NESTED):
            raise UnsafeArchive(f"{path.name}: the file in it is an archive itself: unpack it first")
