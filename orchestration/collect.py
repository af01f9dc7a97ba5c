"""From the inbox to the archive: whatever waits in `inbox/<source>/` is described, archived and entered.

Belongs here: putting files into the inbox (`place`), taking them out of it (`collect`), and the bundled
sample. Does not belong here: what is known of a file (describe), decoding (landing), asking (pulls).
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from orchestration import archive, describe, manifest, sample
from orchestration.ledger import FileEntry, Ledger
from orchestration.manifest import Manifest, ManifestError
from orchestration.reading import ReadingError
from orchestration.settings import SAMPLE, Settings
from orchestration.sources import load_source, recognise, source_codes

SAMPLE_MODE = "sample_mode"  # ledger option: "" (the first real file sets the sample aside) or "with-real"


@dataclass(frozen=True)
class Placed:
    """What became of one file given to `place`."""

    name: str
    sha256: str
    outcome: str  # placed | waiting (in the inbox already) | known (archived already) | amended | companion
    detail: str


def place(
    settings: Settings, ledger: Ledger, path: Path, given: Manifest, amend: bool = False
) -> list[Placed]:
    """Put one file (or the members of one archive) into the inbox, each with its manifest beside it.

    All members are described before the first is placed: either every one goes in or none does. Bytes that
    are archived already need no description, unless what is given says something else of them. A companion of
    the data (a list of codes that comes beside it) is left out and named last.

    Raises:
        ManifestError: a file lacks something that must be known.
        ReadingError: the file cannot be read, or an archive is not safe to open.
    """
    with tempfile.TemporaryDirectory(dir=settings.build, prefix="add-") as scratch:
        found = describe.files(path, Path(scratch))
        described = [(member, _settled(ledger, member, given, amend)) for member in found.data]
        placed = [_place_one(settings, ledger, member, known, amend) for member, known in described]
        return placed + [_left_out(member, what) for member, what in found.companions]


def _left_out(path: Path, what: str) -> Placed:
    return Placed(path.name, archive.digest(path), "companion", f"{what}; no data, so it is left out")


def _settled(ledger: Ledger, path: Path, given: Manifest, amend: bool) -> Manifest:
    """The manifest of archived bytes where nothing that is given differs from it, else the file's own."""
    for entry in ledger.find(archive.digest(path)):
        if not amend and not describe.differences(entry.manifest, _told(entry.manifest, given)):
            return entry.manifest
    return describe.manifest_of(path, path.name, given)


def _told(known: Manifest, given: Manifest, without: frozenset[str] = frozenset()) -> Manifest:
    """A manifest with what is given written over it."""
    said = given.model_dump(exclude_unset=True, exclude_none=True, exclude=set(without))
    return known.model_copy(update=said)


def _place_one(settings: Settings, ledger: Ledger, path: Path, known: Manifest, amend: bool) -> Placed:
    sha256 = archive.digest(path)
    entries = ledger.find(sha256)
    if entries:
        return _known(ledger, entries[0], path.name, known, amend)
    folder = settings.inbox / str(known.source)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / path.name
    if target.exists() and archive.digest(target) != sha256:
        target = folder / f"{path.stem}-{sha256[:8]}{path.suffix}"
    if target.exists():
        manifest.write(target, known)
        return Placed(path.name, sha256, "waiting", "the same bytes wait in the inbox already")
    partial = target.with_name(f".{target.name}.partial")
    shutil.copyfile(path, partial)
    manifest.write(target, known)
    partial.replace(target)
    return Placed(path.name, sha256, "placed", str(target))


def _known(ledger: Ledger, entry: FileEntry, name: str, known: Manifest, amend: bool) -> Placed:
    """The bytes are archived: a no-op, unless the user means to correct what is said of them."""
    since = f"the same bytes are archived since {entry.first_seen[:10]}"
    if known == entry.manifest:
        return Placed(name, entry.sha256, "known", f"{since}: nothing to do")
    changed = describe.differences(entry.manifest, known)
    if not amend:
        return Placed(name, entry.sha256, "known", f"{since}: nothing done; --amend would change {changed}")
    ledger.amend(entry.sha256, known)
    return Placed(name, entry.sha256, "amended", f"{changed}; landed anew at the next refresh")


def collect(settings: Settings, ledger: Ledger) -> list[FileEntry]:
    """Archive and enter every inbox file whose manifest is complete; the others stay, with the reason.

    A file leaves the inbox only after its ledger entry is written, so a kill at any point loses nothing: the
    next run finds the same bytes in the archive and goes on. Archived bytes that come again leave it at once;
    with a YAML beside them that says something else of them they stay, since only `--amend` changes that.
    """
    problems: dict[str, str] = {}
    entered: list[FileEntry] = []
    for path in inbox_files(settings):
        try:
            entered += _take(settings, ledger, path)
        except (ReadingError, ValueError, OSError) as problem:
            problems[str(path.relative_to(settings.data))] = str(problem)
    ledger.set_waiting(problems)
    return entered


def inbox_files(settings: Settings) -> list[Path]:
    """Data files in the inbox and its folders, sorted: no manifests, nothing hidden or half-written."""
    files = [path for path in settings.inbox.rglob("*") if path.is_file() and not is_sidecar(path)]
    return sorted(path for path in files if not _is_hidden(path.relative_to(settings.inbox)))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def is_sidecar(path: Path) -> bool:
    """Whether a file is the manifest of another (`name.csv.yml` beside, or waiting for, `name.csv`)."""
    return path.suffix == ".yml" and (path.with_suffix("").exists() or path.stem.count(".") > 0)


def _take(settings: Settings, ledger: Ledger, path: Path) -> list[FileEntry]:
    given = manifest.read(path)
    folders = path.relative_to(settings.inbox).parent.parts
    if folders:
        given = given.model_copy(update={"source": folders[0]})
    with tempfile.TemporaryDirectory(dir=settings.build, prefix="take-") as scratch:
        found = describe.files(path, Path(scratch))
        if not found.data:
            raise ManifestError("; ".join(f"{what}, no data" for _, what in found.companions))
        described = [(member, _undisputed(ledger, member, given)) for member in found.data]
        taken = [_enter(settings, ledger, path, member, known) for member, known in described]
    # The sidecar goes first: left behind by a kill, it would speak for the next file of that name.
    manifest.sidecar(path).unlink(missing_ok=True)
    path.unlink()
    return [entry for entry in taken if entry]


def _undisputed(ledger: Ledger, path: Path, given: Manifest) -> Manifest:
    """The manifest of archived bytes, else the file's own; bytes with other facts beside them are refused.

    Where else the bytes are from and what else is noted make them no other file.
    """
    for entry in ledger.find(archive.digest(path)):
        told = _told(entry.manifest, given, without=frozenset({"url", "note"}))
        if changed := describe.differences(entry.manifest, told):
            since = f"the same bytes are archived since {entry.first_seen[:10]}"
            raise ManifestError(f"{path.name}: {since}; dualuse add --amend would change {changed}")
        return entry.manifest
    return describe.manifest_of(path, path.name, given)


def _enter(settings: Settings, ledger: Ledger, path: Path, member: Path, known: Manifest) -> FileEntry | None:
    """Archive one file and enter it; None where it was entered before."""
    stored = archive.store(settings.archive, str(known.source), member)
    if ledger.find(stored.sha256):
        return None
    origin = known.url or str(path.relative_to(settings.data))
    archived = str(stored.path.relative_to(settings.archive))
    ledger.add_file(stored.sha256, str(known.source), member.name, origin, archived, stored.bytes, known)
    return ledger.find(stored.sha256)[0]


def is_kept(settings: Settings, ledger: Ledger, source: str, file_name: str, sha256: str) -> bool:
    """Whether a file still exists with us: archived, or waiting in the inbox."""
    if ledger.rows("select 1 from files where sha256 = ?", (sha256,)):
        return True
    waiting = settings.inbox / source
    candidates = [waiting / file_name, *waiting.glob(f"*-{sha256[:8]}*")]
    return any(path.is_file() and archive.digest(path) == sha256 for path in candidates)


def place_sample(settings: Settings, ledger: Ledger) -> list[Placed]:
    """Put the bundled synthetic sample into the inbox."""
    placed = []
    for path in sample.files(SAMPLE):
        placed += place(settings, ledger, path, manifest.read(path))
    return placed


def is_untouched(settings: Settings, ledger: Ledger) -> bool:
    """Whether nothing was ever archived and nothing waits, reference files (rates, lists) left aside."""
    archived = [entry for entry in ledger.files() if not is_reference(entry.source)]
    return not archived and all(waits_without_trade(settings, path) for path in inbox_files(settings))


def is_reference(source: str) -> bool:
    """Whether a source brings reference facts and no trade: it never sets the sample aside."""
    return source in source_codes() and load_source(source).flows is None


def waits_without_trade(settings: Settings, path: Path) -> bool:
    """Whether an inbox file is of a reference source: by its folder, else its YAML, else its content."""
    folders = path.relative_to(settings.inbox).parent.parts
    try:
        source = folders[0] if folders else manifest.read(path).source or recognise(path, path.name)
    except (ManifestError, ReadingError):  # it waits, with this as its reason
        return False
    return is_reference(source or "")


def active_files(ledger: Ledger) -> list[FileEntry]:
    """Landed files that count now: not rejected, and the sample only while no real file of trade is there.

    `dualuse sample --with-real` brings both.
    """
    landed = [entry for entry in ledger.files() if entry.status == "landed"]
    real = [entry for entry in landed if not entry.manifest.is_synthetic]
    if all(is_reference(entry.source) for entry in real) or ledger.option(SAMPLE_MODE) == "with-real":
        return landed
    return real


def only_sample(ledger: Ledger) -> bool:
    """Whether the sample is all there is, so that no publisher is asked."""
    files = [entry for entry in ledger.files() if entry.status != "rejected"]
    return all(entry.manifest.is_synthetic or is_reference(entry.source) for entry in files)
