"""What is known of a file before it is archived: what was given, what its content says, what its name says.

Belongs here: opening archives, telling data from what comes beside it, finding the source, the whole manifest
of each file. Does not belong here: moving files (collect), what a source needs to know (its adapter).
"""

from pathlib import Path
from typing import NamedTuple

from orchestration import archive, sample, sources
from orchestration.manifest import Manifest, ManifestError
from orchestration.reading import ReadingError
from orchestration.reading.unpack import expand, is_archive
from orchestration.settings import SAMPLE


class Found(NamedTuple):
    """What one file brings: data, and companions that hold none, each with what it is."""

    data: list[Path]
    companions: list[tuple[Path, str]]


def files(path: Path, scratch: Path) -> Found:
    """The file itself, or what an archive holds, without the hidden files that archivers add.

    Members go into the folder `scratch`, which must be there.

    Raises:
        ReadingError: an archive is not safe to open, or holds no file.
    """
    unpacked = [path]
    if is_archive(path):
        members = [member.path for member in expand(path, scratch / "members").members]
        unpacked = [file for file in members if not file.name.startswith(".")]
    judged = [(file, sources.companion(file, file.name)) for file in unpacked]
    data = [file for file, what in judged if what is None]
    if not data and unpacked != [path]:
        raise ReadingError(f"{path.name} is an archive without a data file in it")
    return Found(data, [(file, what) for file, what in judged if what])


def manifest_of(path: Path, name: str, given: Manifest) -> Manifest:
    """The whole manifest of one file.

    Raises:
        ManifestError: the file is empty, its source is unknown, or something that must be known is not.
    """
    if path.stat().st_size == 0:
        raise ManifestError(f"{name}: the file is empty")
    options = ", ".join(sources.source_codes())
    code = given.source or sources.recognise(path, name)
    if code is None:
        raise ManifestError(f"{name}: its content is no source's that we know; give --source ({options})")
    if code not in sources.source_codes():
        raise ManifestError(f"{name}: no source named {code!r}; there are: {options}")
    is_synthetic = given.is_synthetic or _is_sample(path)
    known = given.model_copy(update={"source": code, "is_synthetic": is_synthetic})
    return sources.adapter(code).complete(path, name, known)


def differences(old: Manifest, new: Manifest) -> str:
    """The fields in which two manifests differ: `direction export -> import, note None -> x`; or nothing."""
    before, after = old.model_dump(), new.model_dump()
    changed = [field for field in after if before[field] != after[field]]
    return ", ".join(f"{field} {before[field]} -> {after[field]}" for field in changed)


def _is_sample(path: Path) -> bool:
    """The sample's bytes stay synthetic however they arrive."""
    return archive.digest(path) in sample.digests(SAMPLE)
