"""Unpacking .7z: one file comes out whole and checked, hostile archives are refused before they are unpacked.

Belongs here: `reading.sevenzip`. Does not belong here: .zip and .gz (test_reading_unpack), Comext files.
"""

import io
import os
import stat
import tempfile

import py7zr
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.reading import ReadingError, sevenzip
from orchestration.reading.unpack import UnsafeArchive, is_archive

TEXT = b"REPORTER,PARTNER\n" + b"AT,AD\n" * 5_000
LZMA2 = [{"id": py7zr.FILTER_LZMA2, "preset": 1}]


def pack(path, members, **how):
    how.setdefault("filters", LZMA2)
    with py7zr.SevenZipFile(path, "w", **how) as archive:
        for name, body in members.items():
            archive.writestr(body, "placeholder")
            archive.header.files_info.files[-1]["filename"] = name  # as a hostile packer would write it
    return path


def test_the_one_file_comes_out_as_it_went_in(tmp_path):
    path = pack(tmp_path / "x.7z", {"full_202402.dat": TEXT})
    assert sevenzip.is_sevenzip(path)
    assert not is_archive(path)  # it stays in the archive as it was published
    assert sevenzip.content(path) == ("full_202402.dat", len(TEXT))
    assert sevenzip.head(path, 20) == TEXT[:20]
    with sevenzip.unpacked(path) as out:
        assert (out.name, out.read_bytes()) == ("full_202402.dat", TEXT)
    assert not out.exists()


@pytest.mark.parametrize(
    "filters",
    [
        [{"id": py7zr.FILTER_LZMA, "preset": 1}],
        [{"id": py7zr.FILTER_X86}, {"id": py7zr.FILTER_LZMA2, "preset": 1}],
        [{"id": py7zr.FILTER_COPY}],
    ],
    ids=["lzma", "bcj", "copy"],
)
def test_the_usual_methods_are_read(tmp_path, filters):
    path = pack(tmp_path / "x.7z", {"a.dat": TEXT}, filters=filters)
    with sevenzip.unpacked(path) as out:
        assert out.read_bytes() == TEXT


def test_a_folder_beside_the_file_is_no_second_file(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.dat").write_bytes(TEXT)
    with py7zr.SevenZipFile(tmp_path / "x.7z", "w", filters=LZMA2) as archive:
        archive.writeall(folder, "in")
    assert sevenzip.content(tmp_path / "x.7z").name == "a.dat"


@pytest.mark.parametrize(
    "name", ["../a.dat", "/etc/a.dat", "a/../../b.dat", "C:/a.dat", "a\\..\\..\\b.dat", "a\x07.dat"]
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    path = pack(tmp_path / "x.7z", {name: TEXT})
    with pytest.raises(UnsafeArchive, match=r"x\.7z: member .* has "):
        sevenzip.content(path)


def test_a_link_is_refused(tmp_path):
    (tmp_path / "link").symlink_to("/etc/passwd")
    with py7zr.SevenZipFile(tmp_path / "x.7z", "w", filters=LZMA2) as archive:
        archive.write(tmp_path / "link", "link")
    with pytest.raises(UnsafeArchive, match="link is a link"):
        sevenzip.content(tmp_path / "x.7z")


def test_a_device_is_refused(tmp_path):
    path = tmp_path / "x.7z"
    with py7zr.SevenZipFile(path, "w", filters=LZMA2) as archive:
        archive.writestr(TEXT, "a.dat")
        mode = (stat.S_IFCHR | 0o600) << 16 | 0x8000
        archive.header.files_info.files[-1]["attributes"] = mode
    with pytest.raises(UnsafeArchive, match="special file"):
        sevenzip.content(path)


@pytest.mark.parametrize("hidden", [False, True], ids=["content", "names as well"])
def test_an_encrypted_archive_is_refused(tmp_path, hidden):
    path = tmp_path / "x.7z"
    with py7zr.SevenZipFile(path, "w", password="word", header_encryption=hidden) as archive:  # noqa: S106
        archive.writestr(TEXT, "a.dat")
    with pytest.raises(UnsafeArchive, match="is encrypted"):
        sevenzip.content(path)


@pytest.mark.parametrize("members", [{}, {"a.dat": TEXT, "b.dat": TEXT}], ids=["none", "two"])
def test_anything_but_one_file_is_refused(tmp_path, members):
    path = pack(tmp_path / "x.7z", members)
    with pytest.raises(ReadingError):
        sevenzip.content(path)


def test_an_empty_file_is_refused(tmp_path):
    with pytest.raises(ReadingError, match="empty"):
        sevenzip.content(pack(tmp_path / "x.7z", {"a.dat": b""}))


@pytest.mark.parametrize(
    ("limits", "rule"),
    [
        ({"max_bytes": 1000}, "states 30,017 bytes, more than 1,000"),
        ({"max_ratio": 10, "ratio_floor_bytes": 1000}, "more than 10 times the archive's size"),
    ],
)
def test_a_bomb_is_refused_by_what_it_states(tmp_path, limits, rule):
    path = pack(tmp_path / "x.7z", {"a.dat": TEXT})
    with pytest.raises(UnsafeArchive, match=rule), sevenzip.unpacked(path, **limits):
        pass
    assert sevenzip.content(path, max_ratio=10).size == len(TEXT)


@pytest.mark.parametrize("stated", [17, len(TEXT) + 999], ids=["too little", "too much"])
def test_a_directory_that_lies_about_the_size_is_refused(tmp_path, stated):
    path = tmp_path / "x.7z"
    with py7zr.SevenZipFile(path, "w", filters=LZMA2) as archive:
        archive.writestr(TEXT, "a.dat")
        write = archive.header.write

        def lie(*where, **how):
            archive.header.main_streams.substreamsinfo.unpacksizes = [stated]
            archive.header.main_streams.unpackinfo.folders[0].unpacksizes = [stated]
            return write(*where, **how)

        archive.header.write = lie
    with pytest.raises(ReadingError, match="damaged"), sevenzip.unpacked(path):
        pass


def test_memory_that_unpacking_would_take_is_bounded(tmp_path):
    big = [{"id": py7zr.FILTER_LZMA2, "dict_size": 1 << 20}]
    path = pack(tmp_path / "x.7z", {"a.dat": TEXT}, filters=big)
    assert sevenzip.content(path).size == len(TEXT)
    for method, properties in ((b"\x21", b"\x24"), (b"\x03\x01\x01", b"\x5d\x00\x00\x00\x40")):
        with pytest.raises(UnsafeArchive, match="1,024 MiB of memory"):
            sevenzip._check_coder(path, method, properties)


@pytest.mark.parametrize("inner", [b"PK\x03\x04rest of it", b"\x1f\x8b\x08rest", sevenzip.MAGIC + b"rest"])
def test_an_archive_in_the_archive_is_refused(tmp_path, inner):
    path = pack(tmp_path / "x.7z", {"a.dat": inner})
    with pytest.raises(UnsafeArchive, match="is an archive itself"), sevenzip.unpacked(path):
        pass


def test_another_method_is_refused(tmp_path):
    path = pack(tmp_path / "x.7z", {"a.dat": TEXT}, filters=[{"id": py7zr.FILTER_BZIP2}])
    with pytest.raises(ReadingError, match="a method other than"):
        sevenzip.content(path)


@pytest.mark.parametrize("at", [0.3, 0.9])
def test_a_cut_archive_is_damaged(tmp_path, at):
    body = pack(tmp_path / "x.7z", {"a.dat": os.urandom(20_000)}).read_bytes()
    (tmp_path / "cut.7z").write_bytes(body[: int(len(body) * at)])
    with pytest.raises(ReadingError, match=r"cut\.7z: the archive is damaged"):
        sevenzip.content(tmp_path / "cut.7z")


@given(st.integers(32, 10_000), st.integers(1, 255))
def test_a_flipped_byte_never_gives_other_content(place, flip):
    packed = io.BytesIO()
    with py7zr.SevenZipFile(packed, "w", filters=LZMA2) as archive:
        archive.writestr(TEXT, "a.dat")
    body = bytearray(packed.getvalue())
    body[32 + place % (len(body) - 32)] ^= flip
    with tempfile.NamedTemporaryFile(suffix=".7z") as file:
        file.write(body)
        file.flush()
        try:
            with sevenzip.unpacked(sevenzip.Path(file.name)) as out:
                assert out.read_bytes() == TEXT
        except ReadingError:
            pass


def test_trouble_with_the_disk_is_not_the_archives_fault(tmp_path, monkeypatch):
    path = pack(tmp_path / "x.7z", {"a.dat": TEXT})
    monkeypatch.setattr(sevenzip.Writer, "write", lambda self, s: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OSError, match="full"), sevenzip.unpacked(path):
        pass
