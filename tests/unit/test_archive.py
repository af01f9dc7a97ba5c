"""The archive: write-once, whole under the final name or not there, nothing kept twice.

Belongs here: bytes and names on the disk. Does not belong here: which files get here (test_collect).
"""

import hashlib
import os
import shutil
import stat

import pytest

from orchestration import archive

TEXT = b"commodity,value\n8806,1\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "in" / "Export.CSV"
    path.parent.mkdir()
    path.write_bytes(TEXT)
    return path


@pytest.fixture
def store(tmp_path):
    """The archive's folder, which `archive.store` makes itself."""
    return tmp_path / "archive"


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_is_named_by_its_digest_and_keeps_its_bytes(store, file):
    kept = archive.store(store, "gacc", file)
    digest = hashlib.sha256(TEXT).hexdigest()
    assert kept.sha256 == digest
    assert (kept.path, kept.bytes, kept.is_new) == (store / "gacc" / f"{digest}.csv", len(TEXT), True)
    assert kept.path.read_bytes() == TEXT
    assert file.read_bytes() == TEXT


def test_what_is_archived_is_read_only(store, file):
    assert stat.S_IMODE(archive.store(store, "gacc", file).path.stat().st_mode) == 0o444


def test_the_same_bytes_are_kept_once(store, file, tmp_path):
    first = archive.store(store, "gacc", file)
    inode = first.path.stat().st_ino
    copy = tmp_path / "renamed.csv"
    copy.write_bytes(TEXT)
    second = archive.store(store, "gacc", copy)
    assert (second.is_new, second.path) == (False, first.path)
    assert second.path.stat().st_ino == inode
    assert len(names(store)) == 1


def test_a_revised_file_lands_beside_the_old_one(store, file):
    old = archive.store(store, "gacc", file)
    file.write_bytes(TEXT + b"8807,2\n")
    new = archive.store(store, "gacc", file)
    assert new.is_new
    assert new.path != old.path
    assert old.path.read_bytes() == TEXT
    assert len(names(store)) == 2


def test_an_empty_file_is_refused(store, file):
    file.write_bytes(b"")
    with pytest.raises(ValueError, match=r"^Export\.CSV: refusing to archive an empty file$"):
        archive.store(store, "gacc", file)
    assert not store.exists()


def test_a_crash_while_copying_leaves_nothing(store, file, monkeypatch):
    def crash(source, target, length):
        target.write(source.read(5))
        target.flush()
        assert [n for n in names(store) if not n.endswith(".partial")] == []  # not yet under its name
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", crash)
    with pytest.raises(OSError, match="No space left"):
        archive.store(store, "gacc", file)
    assert names(store) == []
    monkeypatch.undo()
    assert archive.store(store, "gacc", file).path.read_bytes() == TEXT


def test_bytes_that_change_meanwhile_are_not_archived(store, file, monkeypatch):
    copy = shutil.copyfileobj

    def change(source, target, length):
        copy(source, target, length)
        target.write(b"more")

    monkeypatch.setattr(shutil, "copyfileobj", change)
    with pytest.raises(ValueError, match=r"Export\.CSV: changed while it was being archived"):
        archive.store(store, "gacc", file)
    assert names(store) == []


def test_the_leftover_of_a_killed_process_is_replaced_and_not_written_into(store, file, tmp_path):
    digest = hashlib.sha256(TEXT).hexdigest()
    leftover = store / "gacc" / f".{digest}.{os.getpid()}.partial"
    leftover.parent.mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"half a file that is longer than the whole one")
    elsewhere.chmod(0o444)
    os.link(elsewhere, leftover)
    kept = archive.store(store, "gacc", file)
    assert kept.path.read_bytes() == TEXT
    assert elsewhere.read_bytes().startswith(b"half a file")
    assert names(store) == [f"gacc/{digest}.csv"]


def test_a_file_is_durable_before_it_has_its_name(store, file, monkeypatch):
    """Bytes reach the disk, then the name does: a power cut leaves a whole file or none."""
    steps = []
    fsync, replace = os.fsync, archive.Path.replace
    monkeypatch.setattr(
        os, "fsync", lambda handle: (steps.append(stat.S_IFMT(os.fstat(handle).st_mode)), fsync(handle))
    )
    monkeypatch.setattr(archive.Path, "replace", lambda self, to: (steps.append("rename"), replace(self, to)))
    archive.store(store, "gacc", file)
    assert steps == [stat.S_IFREG, "rename", stat.S_IFDIR]


def test_the_digest_of_a_file_larger_than_one_block(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(b"0123456789abcdef" * 200_000)
    assert archive.digest(path) == hashlib.sha256(path.read_bytes()).hexdigest()
