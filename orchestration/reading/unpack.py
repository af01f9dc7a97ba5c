"""Unpack a .zip or .gz that somebody handed us, and refuse it whole if anything about it is unsafe.

Belongs here: what may come out of an archive, and how much. Does not belong here: what the members are; an
.xlsx is a zip too, but a file of its own to us (`workbook.py`).
"""

import gzip
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple, cast

from orchestration.reading import PACKAGE_DAMAGE, ReadingError, is_damage
from orchestration.reading.members import broken_rule, decoded_name, printable

MAX_MEMBERS = 10_000
MAX_TOTAL_BYTES = 20 << 30
MAX_RATIO = 200
RATIO_FLOOR_BYTES = 64 << 20
_CHUNK_BYTES = 1 << 20
_GZIP = b"\x1f\x8b\x08"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OFFICE = {"[Content_Types].xml", "mimetype"}
_SYSTEM_NAMES = {"__MACOSX", ".DS_Store"}


class UnsafeArchive(ReadingError):
    """An archive breaks a safety rule: one sentence that names the archive, the member and the rule."""


class Member(NamedTuple):
    """One file that came out: where it lies now, and its name in the archive (nested: `inner.zip/a.csv`)."""

    path: Path
    name: str


class Expanded(NamedTuple):
    """What came out of an archive, and the names of the entries that were left in it."""

    members: list[Member]
    skipped: list[str]


class Limits(NamedTuple):
    """Bounds of one `expand`, counted over nested archives too."""

    max_members: int
    max_total_bytes: int
    max_ratio: int
    ratio_floor_bytes: int


def is_archive(path: Path) -> bool:
    """Tell by content whether a file is a .zip or .gz that `expand` takes; office documents are not."""
    with path.open("rb") as stream:
        head = stream.read(4)
    if head.startswith(_GZIP):
        return True
    if head not in _ZIP:
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return not _OFFICE.intersection(archive.namelist())
    except PACKAGE_DAMAGE as error:
        if is_damage(error):
            return True  # a damaged archive: `expand` says so
        raise


def expand(
    path: Path,
    into: Path,
    *,
    max_members: int = MAX_MEMBERS,
    max_total_bytes: int = MAX_TOTAL_BYTES,
    max_ratio: int = MAX_RATIO,
    ratio_floor_bytes: int = RATIO_FLOOR_BYTES,
) -> Expanded:
    """Unpack an archive into a new directory, in chunks of 1 MiB.

    Each file lands under its own base name in a numbered directory, so that no name in the archive decides a
    place on the disk. An archive inside the archive is unpacked too; one inside that is refused.
    Directories, `__MACOSX` and `.DS_Store` are skipped and listed. Sizes stated in the archive are not
    believed: bytes are counted as they come out, and set against the archive's size on the disk.

    Args:
        path: A .zip or .gz, see `is_archive`.
        into: Must not exist; its parent must. Gone again if anything is refused.
        max_members: Most entries, skipped ones and nested archives included.
        max_total_bytes: Most bytes to come out.
        max_ratio: Most bytes to come out per byte of archive (deflate cannot give more than 1,032).
        ratio_floor_bytes: The ratio counts only beyond this much: a table of zeros is no bomb.

    Raises:
        UnsafeArchive: An absolute path, `..`, a drive letter, a backslash, a control character or an
            overlong part in a name, two members of one name, a link or device, encryption, too many entries,
            too many bytes, too high a ratio, or archives nested too deep.
        ReadingError: Damaged, without any file, or packed by a method other than stored and deflated.
        FileExistsError: `into` is there already.
    """
    limits = Limits(max_members, max_total_bytes, max_ratio, ratio_floor_bytes)
    into.mkdir()
    try:
        job = _Job(path.name, into, limits)
        job.expand(path, prefix="", depth=0)
        if not job.members:
            raise ReadingError(f"{path.name} is an archive without a file in it")
        return Expanded(job.members, job.skipped)
    except BaseException:
        shutil.rmtree(into)
        raise


class _Job:
    """One `expand`: what is out so far."""

    def __init__(self, name: str, into: Path, limits: Limits) -> None:
        self.members: list[Member] = []
        self.skipped: list[str] = []
        self._name = name
        self._into = into
        self._limits = limits
        self._entries = 0
        self._placed = 0
        self._total = 0

    def expand(self, path: Path, prefix: str, depth: int) -> None:
        """Unpack one archive, and the archives in it."""
        size = path.stat().st_size
        before = self._total
        try:
            for name, stream in self._streams(path, prefix):
                self._place(name, stream, before, size, depth)
        except PACKAGE_DAMAGE as error:
            if not is_damage(error):
                raise
            where = f"{self._name}, {prefix.rstrip('/')}" if prefix else self._name
            raise ReadingError(f"{where}: the archive is damaged ({error})") from error

    def _streams(self, path: Path, prefix: str) -> Iterator[tuple[str, IO[bytes]]]:
        with path.open("rb") as file:
            if file.read(3) == _GZIP:
                self._count(1)
                # The name in the gzip header is the packer's word; the file's own name is the user's.
                name = re.sub(r"(?i)(?<=.)\.gz$", "", path.name)
                file.seek(0)
                with gzip.open(file) as stream:
                    yield prefix + name, cast(IO[bytes], stream)
                return
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
                self._count(len(entries))
                for name, info in self._checked(entries, prefix):
                    with archive.open(info) as stream:
                        yield name, stream

    def _count(self, entries: int) -> None:
        self._entries += entries
        if self._entries > self._limits.max_members:
            raise UnsafeArchive(f"{self._name} has more than {self._limits.max_members} entries")

    def _checked(self, entries: list[zipfile.ZipInfo], prefix: str) -> list[tuple[str, zipfile.ZipInfo]]:
        """Hold all entries against the rules, before any of them is unpacked; hand out the files."""
        files: dict[str, zipfile.ZipInfo] = {}
        for info in entries:
            name = unicodedata.normalize("NFC", decoded_name(info))
            if rule := broken_rule(name, info):
                raise UnsafeArchive(f"{self._name}: member {prefix}{printable(name)} {rule}")
            parts = PurePosixPath(name).parts
            plain = "/".join(parts)
            if info.is_dir() or _SYSTEM_NAMES.intersection(parts):
                self.skipped.append(prefix + name)
            elif plain in files:
                raise UnsafeArchive(f"{self._name}: member {prefix}{plain} is in the archive twice")
            else:
                files[plain] = info
        for name, info in files.items():
            if any(str(folder) in files for folder in PurePosixPath(name).parents):
                raise UnsafeArchive(
                    f"{self._name}: member {prefix}{name} lies in a folder that is also a file"
                )
            # bzip2 and LZMA may give out gigabytes for one read; deflate stops where it is told.
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                rule = "is packed by a method other than stored and deflated"
                raise ReadingError(f"{self._name}: member {prefix}{name} {rule}")
        return [(prefix + name, info) for name, info in files.items()]

    def _place(self, name: str, stream: IO[bytes], before: int, size: int, depth: int) -> None:
        """Write one member out; if it is an archive itself, put what it holds in its place."""
        self._placed += 1
        folder = self._into / f"{self._placed:05}"
        folder.mkdir()
        target = folder / PurePosixPath(name).name
        with target.open("xb") as out:
            while chunk := stream.read(_CHUNK_BYTES):
                self._total += len(chunk)
                self._guard(name, before, size)
                out.write(chunk)
        if not is_archive(target):
            self.members.append(Member(target, name))
            return
        if depth:
            raise UnsafeArchive(
                f"{self._name}: member {name} is an archive nested deeper than one level: unpack it first"
            )
        self.expand(target, prefix=f"{name}/", depth=depth + 1)
        shutil.rmtree(folder)

    def _guard(self, name: str, before: int, size: int) -> None:
        limits = self._limits
        if self._total > limits.max_total_bytes:
            raise UnsafeArchive(
                f"{self._name}: with member {name} more than {limits.max_total_bytes} bytes come out"
            )
        out = self._total - before
        if out > limits.ratio_floor_bytes and out > limits.max_ratio * size:
            much = f"more than {limits.max_ratio} times the archive's size comes out"
            raise UnsafeArchive(f"{self._name}: with member {name} {much}")
