"""What is safe comes out of an archive, and an unsafe one is refused whole, leaving nothing behind."""

import gzip
import io
import os
import stat
import zipfile
import zlib
from pathlib import Path

import pytest

from orchestration.reading import ReadingError, unpack
from orchestration.reading.members import decoded_name
from orchestration.reading.unpack import UnsafeArchive, expand, is_archive


def zipped(
    members: dict[str, bytes] | list[tuple[zipfile.ZipInfo | str, bytes]], method=zipfile.ZIP_DEFLATED
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items() if isinstance(members, dict) else members:
            info = (
                name
                if isinstance(name, zipfile.ZipInfo)
                else entry(name, 0o40755 if name[-1:] == "/" else 0o600)
            )
            archive.writestr(info, content, method if isinstance(name, str) else None)
    return buffer.getvalue()


def packed(content: bytes) -> bytes:
    """The same bytes at any time of day: they name the tests, and all workers must find the same names."""
    return gzip.compress(content, mtime=0)


def entry(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


@pytest.fixture
def made(tmp_path: Path):
    def write(content: bytes, name: str = "drop.zip") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "out"


def contents(path: Path, into: Path, **limits) -> dict[str, bytes]:
    return {name: place.read_bytes() for place, name in expand(path, into, **limits).members}


def refusal(path: Path, into: Path, error: type[ReadingError] = UnsafeArchive, **limits) -> str:
    """Expand, expect the error, and see that nothing is left behind."""
    with pytest.raises(ReadingError) as caught:
        expand(path, into, **limits)
    assert type(caught.value) is error
    assert not into.exists()
    return str(caught.value)


def test_files_come_out_under_their_base_names_and_the_rest_is_listed(made, into):
    path = made(
        zipped(
            {"a/": b"", "a/2021-01.csv": b"1", "./b.csv": b"2", "__MACOSX/a/._x": b"3", "a/.DS_Store": b"4"}
        )
    )
    result = expand(path, into)
    assert [(m.name, m.path.name, m.path.read_bytes()) for m in result.members] == [
        ("a/2021-01.csv", "2021-01.csv", b"1"),
        ("b.csv", "b.csv", b"2"),
    ]
    assert result.skipped == ["a/", "__MACOSX/a/._x", "a/.DS_Store"]


def test_same_base_names_in_two_folders_do_not_meet(made, into):
    assert contents(made(zipped({"x/a": b"1", "y/a": b"2"})), into) == {"x/a": b"1", "y/a": b"2"}


@pytest.mark.parametrize(
    ("name", "inner"), [("t.txt.gz", "t.txt"), ("T.GZ", "T"), ("plain.txt", "plain.txt"), (".gz", ".gz")]
)
def test_gz_is_known_by_content_and_named_after_the_file(made, into, name, inner):
    path = made(packed(b"one,") + packed(b"two"), name)
    assert is_archive(path)
    assert contents(path, into) == {inner: b"one,two"}


def test_one_level_of_nesting_is_unpacked(made, into):
    path = made(
        zipped({"in/x.csv.gz": packed(b"1"), "y.zip": zipped({"d/a.csv": b"2", "e/": b""}), "z": b"3"})
    )
    result = expand(path, into)
    assert {name: place.read_bytes() for place, name in result.members} == {
        "in/x.csv.gz/x.csv": b"1",
        "y.zip/d/a.csv": b"2",
        "z": b"3",
    }
    assert result.skipped == ["y.zip/e/"]
    assert sum(path.is_file() for path in into.rglob("*")) == 3


@pytest.mark.parametrize(
    "inner",
    [
        zipped({"deep.zip": zipped({"a": b"1"})}),
        zipped({"deep": packed(b"1")}),
        packed(packed(b"1")),
    ],
)
def test_deeper_nesting_is_refused(made, into, inner):
    message = refusal(made(zipped({"good.csv": b"1", "mid": inner})), into)
    assert "drop.zip: member mid/" in message
    assert "nested deeper than one level" in message


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("/etc/passwd", "member /etc/passwd has an absolute path"),
        ("../a.csv", "member ../a.csv has .. in its path"),
        ("a/../../b", "has .. in its path"),
        ("..", "has .. in its path"),
        ("a\\b.csv", "has a backslash in its name"),
        ("C:/a.csv", "has a drive letter in its path"),
        ("c:a.csv", "has a drive letter in its path"),
        ("a\nb.csv", r"member 'a\nb.csv' has a control character in its name"),
        ("__MACOSX/../a", "has .. in its path"),
        ("./", "has no name"),
        ("d" * 256 + "/a", "has too long a name"),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_unsafe_names_are_refused(made, into, name, rule, nested):
    content = zipped({"good.csv": b"1", name: b"2"})
    message = refusal(made(zipped({"good.csv": b"1", "in.zip": content}) if nested else content), into)
    assert message.startswith("drop.zip: member ")
    assert message.endswith(rule if not nested else rule.removeprefix("member "))


def test_a_name_cut_by_a_nul_is_refused(made, into):
    content = zipped({"a.csv_.exe": b"1"}).replace(b"a.csv_.exe", b"a.csv\0.exe")
    assert "control character" in refusal(made(content), into)


@pytest.mark.parametrize(
    ("mode", "rule"),
    [
        (stat.S_IFLNK | 0o777, "member x is a link"),
        (stat.S_IFCHR | 0o600, "member x is a device or another special file"),
        (stat.S_IFBLK | 0o600, "is a device"),
        (stat.S_IFIFO | 0o600, "is a device or another special file"),
    ],
)
def test_links_and_devices_are_refused(made, into, mode, rule):
    assert rule in refusal(made(zipped([("good.csv", b"1"), (entry("x", mode), b"/etc/passwd")])), into)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["a.csv", "./a.csv", "é.csv"])
def test_two_members_of_one_name_are_refused(made, into, second):
    first = "e\u0301.csv" if second == "é.csv" else "a.csv"
    message = refusal(made(zipped([(first, b"1"), (second, b"2")])), into)
    assert "is in the archive twice" in message


def test_a_file_that_is_also_a_folder_is_refused(made, into):
    assert "member a/b lies in a folder that is also a file" in refusal(
        made(zipped({"a/b": b"1", "a": b"2"})), into
    )


def test_encrypted_members_are_refused(made, into):
    content = bytearray(zipped({"a.csv": b"1"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "member a.csv is encrypted" in refusal(made(bytes(content)), into)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_cannot_be_read_in_bounded_memory_are_refused(made, into, method):
    message = refusal(made(zipped({"a.csv": b"1"}, method)), into, ReadingError)
    assert message == "drop.zip: member a.csv is packed by a method other than stored and deflated"


def test_too_many_entries_are_refused_over_all_levels(made, into):
    path = made(zipped({"a": b"", "b.zip": zipped({"c": b"", "d/": b""})}))
    assert len(expand(path, into, max_members=4).members) == 2
    message = refusal(path, into.with_name("other"), max_members=3)
    assert message == "drop.zip has more than 3 entries"


def test_bytes_are_counted_over_all_levels(made, into):
    inner = zipped({"c": os.urandom(100)})
    path = made(zipped({"a": os.urandom(50), "b.zip": inner}))
    total = 50 + len(inner) + 100
    assert len(expand(path, into, max_total_bytes=total).members) == 2
    message = refusal(path, into.with_name("other"), max_total_bytes=total - 1)
    assert message == f"drop.zip: with member b.zip/c more than {total - 1} bytes come out"


@pytest.mark.parametrize("pack", [lambda bomb: zipped({"z": bomb}), packed])
def test_a_bomb_is_refused_while_it_comes_out(made, into, monkeypatch, pack):
    monkeypatch.setattr(unpack, "_CHUNK_BYTES", 1000)
    path = made(pack(b"\0" * 1_000_000))
    message = refusal(path, into, ratio_floor_bytes=100_000)
    assert "more than 200 times the archive's size comes out" in message
    assert sum(map(len, contents(path, into).values())) == 1_000_000  # below the floor it is no bomb


def test_a_nested_bomb_is_held_against_the_size_of_the_inner_archive(made, into):
    path = made(zipped({"pad": os.urandom(100_000), "z.gz": packed(b"\0" * 1_000_000)}))
    assert "with member z.gz/z more than 200 times" in refusal(path, into, ratio_floor_bytes=1000)


def test_a_stated_size_that_is_a_lie_changes_nothing(made, into):
    content = bytearray(zipped({"a": b"\0" * 100_000}))
    for start in (content.index(b"PK\x03\x04") + 22, content.index(b"PK\x01\x02") + 24):
        content[start : start + 4] = (10).to_bytes(4, "little")
    assert "is damaged" in refusal(made(bytes(content)), into, ReadingError)


@pytest.mark.parametrize(
    "content",
    [
        zipped({"a.csv": b"1" * 100})[:-30],
        b"PK\x03\x04" + b"x" * 50,
        zipped({"a.csv": b"abcdef"}, zipfile.ZIP_STORED).replace(b"abcdef", b"abcdeX"),
        packed(b"1" * 1000)[:-9],
        packed(b"1" * 1000) + b"rubbish",
        packed(b"1" * 1000)[:-8] + b"\0" * 8,
        b"\x1f\x8b\x08\0" + b"x" * 50,
        zipped({"я": b"1"}).replace("я".encode(), b"\xff\xfe"),
    ],
)
def test_damaged_archives_are_refused(made, into, content):
    path = made(content)
    assert is_archive(path)
    assert "drop.zip: the archive is damaged" in refusal(path, into, ReadingError)


def test_a_damaged_inner_archive_is_named(made, into):
    path = made(zipped({"in.gz": packed(b"1" * 1000)[:-9]}))
    assert refusal(path, into, ReadingError).startswith("drop.zip, in.gz: the archive is damaged")


@pytest.mark.parametrize("members", [{}, {"a/": b"", ".DS_Store": b"1"}])
def test_an_archive_without_a_file_is_refused(made, into, members):
    path = made(zipped(members))
    assert is_archive(path)
    assert refusal(path, into, ReadingError) == "drop.zip is an archive without a file in it"


def test_an_existing_directory_is_neither_used_nor_removed(made, into):
    into.mkdir()
    (into / "kept").touch()
    with pytest.raises(FileExistsError):
        expand(made(zipped({"a": b"1"})), into)
    assert (into / "kept").exists()


def test_trouble_with_the_disk_is_not_called_damage_and_leaves_nothing(made, into, monkeypatch):
    path = made(zipped({"a": b"1"}))

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(unpack._Job, "_guard", fail)
    with pytest.raises(OSError, match="No space left"):
        expand(path, into)
    assert not into.exists()
    monkeypatch.setattr(unpack.zipfile, "ZipFile", fail)
    with pytest.raises(OSError, match="No space left"):
        is_archive(path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", False),
        (b"a,b\n", False),
        (b"PK,1\n", False),
        (b"\x1f\x8b,", False),
        (zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), False),
        (zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), False),
        (zipped({"a.xlsx": b""}), True),
    ],
)
def test_content_decides_what_is_an_archive(made, content, expected):
    assert is_archive(made(content, "file.zip")) is expected


def test_a_workbook_inside_comes_out_as_it_is(made, into):
    inner = zipped({"[Content_Types].xml": b"x"})
    assert contents(made(zipped({"b.xlsx": inner})), into) == {"b.xlsx": inner}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("импорт.csv".encode(), "импорт.csv"),
        ("Импорт 2021.csv".encode("cp866"), "Импорт 2021.csv"),
        ("出口商品.csv".encode("gbk"), "出口商品.csv"),
        (b"caf\x82-\xff", "café-\xa0"),
    ],
)
def test_names_in_other_encodings_are_read(made, into, raw, expected):
    placeholder = "x" * len(raw)
    content = zipped({placeholder: b"1"}).replace(placeholder.encode(), raw)
    assert contents(made(content), into) == {expected: b"1"}


def test_a_name_marked_as_utf8_is_taken_at_its_word():
    info = zipfile.ZipInfo("Импорт")
    info.flag_bits |= 0x800
    assert decoded_name(info) == "Импорт"


def test_what_comes_out_is_what_went_in(made, into):
    big = os.urandom(1 << 20) + b"tail" * 500_000
    out = contents(made(zipped({"big": big, "empty": b""})), into)
    assert (zlib.crc32(out["big"]), out["empty"]) == (zlib.crc32(big), b"")
