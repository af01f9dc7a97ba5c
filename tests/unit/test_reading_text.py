"""Encodings are decided on all the bytes, and no byte stops the reader."""

import codecs
from pathlib import Path

import pytest

from orchestration.reading import text
from orchestration.reading.text import Encoding, detect_encoding, open_text

CANDIDATES = ("utf-8", "gb18030", "latin-1")


@pytest.fixture
def made(tmp_path: Path):
    def write(content: bytes) -> Path:
        path = tmp_path / "file.csv"
        path.write_bytes(content)
        return path

    return write


def read(path: Path, encoding: Encoding) -> str:
    with open_text(path, encoding) as stream:
        return stream.read()


@pytest.mark.parametrize(
    ("content", "candidates", "expected", "reads"),
    [
        (b"", CANDIDATES, Encoding("utf-8", False, False, 0), ""),
        ("Код;ЭК\r\n".encode(), CANDIDATES, Encoding("utf-8", False, False, 0), "Код;ЭК\r\n"),
        ("商品编码".encode("gb18030"), CANDIDATES, Encoding("gb18030", False, False, 0), "商品编码"),
        ("Hong Kong，China".encode("gb18030"), CANDIDATES, Encoding("gb18030", False, False, 0), None),
        (
            "Código é".encode("latin-1"),
            ("utf-8", "latin-1"),
            Encoding("latin-1", False, False, 0),
            "Código é",
        ),
        ("ИМ".encode("cp1251"), ("UTF-8-sig", "CP1251"), Encoding("cp1251", False, False, 0), "ИМ"),
        (b"a\0b", CANDIDATES, Encoding("utf-8", False, False, 0), "a\0b"),
    ],
)
def test_first_candidate_that_decodes_everything_wins(made, content, candidates, expected, reads):
    path = made(content)
    assert detect_encoding(path, candidates) == expected
    assert read(path, expected) == (content.decode(expected.name) if reads is None else reads)


@pytest.mark.parametrize("candidates", [("utf-8",), ("utf-8-sig",), ("gb18030", "latin-1")])
def test_utf8_mark_is_skipped_and_makes_utf8_the_first_guess(made, candidates):
    path = made(codecs.BOM_UTF8 + "商品".encode())
    found = detect_encoding(path, candidates)
    assert found == Encoding("utf-8", True, False, 0)
    assert read(path, found) == "商品"


def test_utf8_mark_over_a_latin1_body_is_seen_far_into_the_file(made):
    body = b"row;1\n" * 500_000 + "Côte d'Ivoire\n".encode("latin-1")
    path = made(codecs.BOM_UTF8 + body)
    found = detect_encoding(path, ("utf-8", "latin-1"))
    assert found == Encoding("latin-1", True, False, 0)
    assert read(path, found) == body.decode("latin-1")


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_known_by_their_mark(made, name):
    mark = {name: mark for mark, name in text._MARKS}[name]
    path = made(mark + "Код\r\nЭК\n".encode(name))
    found = detect_encoding(path, CANDIDATES)
    assert found == Encoding(name, True, False, 0)
    with open_text(path, found) as stream:
        assert list(stream) == ["Код\r\n", "ЭК\n"]


def test_characters_lost_before_the_file_reached_us_are_counted(made):
    path = made("\ufffd\ufffd,1\n".encode() * 3)
    assert detect_encoding(path, CANDIDATES).replacement_count == 6


def test_a_character_over_the_edge_of_a_chunk_is_decoded_and_counted(made, monkeypatch):
    monkeypatch.setattr(text, "CHUNK_BYTES", 1)
    path = made("a商\ufffd品".encode())
    assert detect_encoding(path, CANDIDATES) == Encoding("utf-8", False, False, 1)


def test_without_a_fitting_candidate_the_last_one_is_lossy_and_only_odd_bytes_are_escaped(made):
    path = made("да,".encode() + b"\xff\xfe" + "\ufffd\n".encode())
    found = detect_encoding(path, ("ascii", "utf-8"))
    assert found == Encoding("utf-8", False, True, 1)
    assert read(path, found) == "да,\udcff\udcfe\ufffd\n"


def test_a_truncated_utf16_file_is_lossy_and_reads_to_its_end(made):
    path = made(codecs.BOM_UTF16_LE + "ab".encode("utf-16-le") + b"\x41")
    found = detect_encoding(path, CANDIDATES)
    assert found == Encoding("utf-16-le", True, True, 0)
    assert read(path, found) == "ab\udc41"


def test_line_ends_are_left_alone(made):
    path = made(b"a\r\nb\rc\n")
    assert read(path, Encoding("utf-8", False, False, 0)) == "a\r\nb\rc\n"


def test_escaping_is_for_decoding_only():
    with pytest.raises(UnicodeEncodeError):
        "я".encode("ascii", errors=text._ESCAPE_BYTES)


def test_no_candidates_and_unknown_candidates_are_the_callers_mistake(made):
    path = made(b"a")
    with pytest.raises(ValueError, match="at least one"):
        detect_encoding(path, [])
    with pytest.raises(LookupError, match="klingon"):
        detect_encoding(path, ["klingon"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gacc/english-full.csv", "gb18030"),
        ("comtrade/TradeData_THA_8542.csv", "latin-1"),
        ("fts_open/fts_adygea_clean.csv", "utf-8"),
    ],
)
def test_real_files_are_in_the_encoding_their_publisher_uses(real_data, name, expected):
    candidates = ("utf-8", "latin-1") if expected == "latin-1" else ("utf-8", "gb18030", "cp1251")
    found = detect_encoding(real_data / name, candidates)
    assert (found.name, found.lossy, found.replacement_count) == (expected, False, 0)


def test_real_damaged_file_shows_its_lost_characters(real_data):
    found = detect_encoding(real_data / "fts_open/fts_adygea_damaged.csv", ("utf-8", "cp1251"))
    assert found.name == "utf-8"
    assert found.replacement_count > 1000
