"""Both libraries give the same text for a sheet, and what is no workbook is refused with a reason."""

import datetime as dt
import os
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from orchestration.reading import ReadingError, calamine, workbook
from orchestration.reading.cells import cell_text
from orchestration.reading.workbook import SheetRow, read_sheet, sheet_names

SHEET_XML = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<dimension ref="A1"/><sheetData>{}</sheetData></worksheet>'
)
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook whose first filled cell is C3, with one cell of each kind."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "Данные"
    sheet["C3"], sheet["D3"], sheet["E3"], sheet["F3"] = 880622, 0.1, 1e-7, 1e22
    sheet["G3"], sheet["H3"], sheet["I3"], sheet["J3"] = True, False, -5, 12345678901234567
    sheet["C4"], sheet["D4"] = dt.date(2024, 1, 31), dt.datetime(2024, 1, 31, 13, 45, 7)
    sheet["E4"], sheet["F4"], sheet["G4"] = (
        dt.time(1, 2, 3),
        dt.timedelta(hours=30, minutes=5),
        dt.timedelta(0),
    )
    sheet["C6"], sheet["D6"], sheet["E6"], sheet["F6"] = "0123", "  pad ", "two\nlines", "=A1+1"
    sheet["G6"], sheet["H6"], sheet["I6"] = "#N/A", "_x000D_", "last"
    made.create_sheet("Скрытый").sheet_state = "hidden"
    made["Скрытый"]["A1"] = "second"
    path = tmp_path / "book.xlsx"
    made.save(path)
    return path


def rewrite(path: Path, name: str, content: str | bytes) -> Path:
    """Copy a workbook with one part replaced."""
    target = path.with_name("rewritten.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in {*old.namelist(), name}:
            new.writestr(part, content if part == name else old.read(part))
    return target


def both(path: Path, sheet: str | int | None = None) -> list[SheetRow]:
    """Read a sheet with both libraries, which must agree."""
    rows = list(read_sheet(path, sheet))
    assert rows == list(read_sheet(path, sheet, max_calamine_cells=0))
    return rows


def test_cells_come_as_the_same_text_from_both_libraries(book):
    assert both(book) == [
        SheetRow(
            3,
            (
                "",
                "",
                "880622",
                "0.1",
                "0.0000001",
                "1" + "0" * 22,
                "true",
                "false",
                "-5",
                "12345678901234570",
            ),
        ),
        SheetRow(4, ("", "", "2024-01-31", "2024-01-31T13:45:07", "01:02:03", "30:05:00", "0:00:00")),
        SheetRow(6, ("", "", "0123", "  pad ", "two\nlines", "", "", "\r", "last")),
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (0, "0"),
        (-0.5, "-0.5"),
        (1 / 3, "0.3333333333333333"),
        (1e16, "10000000000000000"),
        (123456789012.25, "123456789012.25"),
        (5e-324, "0." + "0" * 323 + "5"),
        (dt.timedelta(seconds=-3661), "-1:01:01"),
        (dt.datetime(2024, 1, 2, 0, 0, 0, 500000), "2024-01-02T00:00:00.500000"),
    ],
)
def test_single_cells(value, text):
    assert cell_text(value) == text


def test_a_cell_of_a_type_no_library_hands_out_is_not_guessed_at():
    with pytest.raises(TypeError, match="unknown type list"):
        cell_text([])


def test_sheets_are_chosen_by_name_or_position(book):
    assert sheet_names(book) == ["Данные", "Скрытый"]
    assert both(book, "Скрытый") == both(book, 1) == [SheetRow(1, ("second",))]


@pytest.mark.parametrize("sheet", ["Лист1", 2, -1])
def test_a_sheet_that_is_not_there_is_named_beside_those_that_are(book, sheet):
    with pytest.raises(ReadingError, match=r"book.xlsx has no worksheet .*only Данные, Скрытый"):
        list(read_sheet(book, sheet))


@pytest.mark.parametrize(
    ("rows", "limit", "fits"),
    [
        (
            '<row r="1"><c r="A1"><v>1</v></c><c r="B1"/></row><row r="3"><c r="A3"><v>2</v></c></row>',
            6,
            True,
        ),
        (
            '<row r="1"><c r="A1"><v>1</v></c><c r="B1"/></row><row r="3"><c r="A3"><v>2</v></c></row>',
            5,
            False,
        ),
        (
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>',
            10**9,
            False,
        ),
        ("<row><c><v>1</v></c></row>", 10**9, False),
        ("<row r='1'><c r='A1'><v>1</v></c></row>", 10**9, False),
        ("", 0, True),
    ],
)
def test_the_rectangle_is_counted_on_the_cells_and_not_read_off_the_dimension(book, rows, limit, fits):
    path = rewrite(book, "xl/worksheets/sheet1.xml", SHEET_XML.format(rows))
    assert workbook._cells_fit(path, "Данные", limit) is fits


@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_cells_over_the_edge_of_a_chunk_are_counted(book, monkeypatch, chunk):
    monkeypatch.setattr(workbook, "_CHUNK_BYTES", chunk)
    assert workbook._cells_fit(book, "Данные", 6 * 10)
    assert not workbook._cells_fit(book, "Данные", 6 * 10 - 1)


def test_a_sheet_in_utf16_is_left_to_the_streaming_reader(book):
    xml = SHEET_XML.format('<row r="1"><c r="A1"><v>7</v></c></row>')
    path = rewrite(
        book, "xl/worksheets/sheet1.xml", ('<?xml version="1.0" encoding="UTF-16"?>' + xml).encode("utf-16")
    )
    assert list(read_sheet(path)) == [SheetRow(1, ("7",))]


def test_the_stated_dimension_does_not_cut_the_sheet(book):
    cells = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}"/></row>' for n in range(1, 42))
    path = rewrite(book, "xl/worksheets/sheet1.xml", SHEET_XML.format(cells))
    assert both(path) == [SheetRow(n, (str(n),)) for n in range(1, 42)]


def test_an_absolute_target_in_the_package_is_followed(book):
    with zipfile.ZipFile(book) as archive:
        relations = archive.read("xl/_rels/workbook.xml.rels").decode()
    target = re.sub('Target="/?(?:xl/)?worksheets', 'Target="worksheets', relations)
    assert both(rewrite(book, "xl/_rels/workbook.xml.rels", target)) == both(book)
    assert 'Target="/xl/worksheets' in relations


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not an Excel workbook but empty"),
        (
            b" \xef\xbb\xbf\r\n<HTML><table></table></HTML>",
            "is not an Excel workbook but an HTML or XML page",
        ),
        (b"a,b\n1,2\n", "is not an Excel workbook but plain text or another format"),
        (b"PK\x03\x04" + b"x" * 100, "the workbook is damaged"),
        (
            OLE + b"x" * 1000 + "EncryptedPackage".encode("utf-16-le"),
            "is encrypted: save it without a password",
        ),
    ],
)
def test_wrong_containers_are_refused_in_one_sentence(tmp_path, content, message):
    path = tmp_path / "wrong.xls"
    path.write_bytes(content)
    for read in (sheet_names, lambda path: list(read_sheet(path))):
        with pytest.raises(ReadingError, match=message) as caught:
            read(path)
        assert str(caught.value).startswith("wrong.xls")


def test_the_mark_of_encryption_is_found_over_the_edge_of_a_chunk(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "_CHUNK_BYTES", 20)
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 31 + b"needle-of-some-length" + b"x" * 9)
    assert workbook._holds(path, b"needle-of-some-length")
    assert not workbook._holds(path, b"needle-of-another-len")


def test_a_zip_without_a_workbook_is_refused(tmp_path):
    path = tmp_path / "other.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", b"")
    with pytest.raises(ReadingError, match=r"other.xlsx is not an .xlsx or .xls workbook"):
        sheet_names(path)


def test_shared_strings_beyond_memory_are_refused(book, monkeypatch):
    monkeypatch.setattr(workbook, "MAX_SHARED_STRINGS_BYTES", 10)
    path = rewrite(book, "xl/sharedStrings.xml", b"x" * 11)
    with pytest.raises(ReadingError, match=r"rewritten.xlsx: 11 bytes of shared strings are more than fit"):
        list(read_sheet(path))


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row r="),
        ("xl/workbook.xml", "no xml"),
        ("xl/_rels/workbook.xml.rels", "<Relationships/>"),
    ],
)
@pytest.mark.parametrize("limit", [0, 1000])
def test_damaged_parts_are_refused(book, part, content, limit):
    path = rewrite(book, part, content)
    with pytest.raises(
        ReadingError, match=r"rewritten.xlsx: the workbook is damaged|rewritten.xlsx has no worksheet"
    ):
        list(read_sheet(path, max_calamine_cells=limit))


def test_trouble_with_the_disk_is_not_called_damage(book, monkeypatch):
    def fail(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(workbook, "_part_of", fail)
    with pytest.raises(OSError, match="Input/output error"):
        list(read_sheet(book))
    monkeypatch.setattr(workbook.zipfile, "ZipFile", fail)
    with pytest.raises(OSError, match="Input/output error"):
        sheet_names(book)


def die(path: Path) -> None:
    """Stand in for a reader that takes its process down."""
    os._exit(1)


def test_a_reader_of_xls_that_dies_does_not_take_us_along(tmp_path, monkeypatch):
    path = tmp_path / "old.xls"
    path.write_bytes(OLE + b"x" * 1000)
    with pytest.raises(ReadingError, match=r"old.xls: the workbook is damaged or encrypted"):
        sheet_names(path)
    monkeypatch.setattr(calamine, "_load_xls", die)
    with pytest.raises(ReadingError, match=r"old.xls: the workbook is damaged or does not fit in memory"):
        list(read_sheet(path))


def test_a_panic_in_the_reader_of_xls_is_damage(tmp_path, monkeypatch):
    class Panic(BaseException):
        pass

    def panic(path: Path) -> None:
        raise Panic("index out of bounds")

    monkeypatch.setattr(calamine, "open_book", panic)
    with pytest.raises(ReadingError, match=r"a.xls: the workbook is damaged \(index out of bounds\)"):
        calamine._load_xls(tmp_path / "a.xls")


def test_real_workbook_reads_alike_with_both_libraries(real_data):
    rows = both(real_data / "comtrade/China_to_RF_M.xlsx")
    assert len(rows) == 2709
    assert len(rows[0].cells) == 27
    assert rows[1].cells[:5] == ("C", "A", "2019", "52", "2019")


def test_real_workbook_of_many_sheets_reads_its_last_one(real_data):
    path = real_data / "eurostat_workbook/18_4623849_spreadsheet.xlsx"
    names = sheet_names(path)
    assert names[:2] == ["Summary", "Structure"]
    assert len(both(path, names[-1])) > 10


def test_real_workbook_with_shared_strings_reads_alike(real_data):
    path = real_data / "nomenclature/HS2017-HS2012.xlsx"
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("xl/sharedStrings.xml").file_size > 1000
    assert len(both(path)) > 5000


def real_xls(real_data: Path) -> bytes:
    return next((real_data / "national/kazakhstan").glob("*.xls")).read_bytes()


def test_real_xls_is_read_whatever_its_name(real_data, tmp_path):
    path = tmp_path / "misnamed.xlsx"
    path.write_bytes(real_xls(real_data))
    assert sheet_names(path)[-2:] == ["2022", "2023"]
    assert any("Дата опубликования" in cell for row in read_sheet(path) for cell in row.cells)


def test_real_xls_with_two_wrong_places_is_damaged_and_we_live_on(real_data, tmp_path):
    content = bytearray(real_xls(real_data))
    records = [found.start() + 4 for found in re.finditer(b"\x03\x02\x0e\x00", content)]
    for place in records[:2]:
        content[place : place + 4] = b"\xff" * 4  # row and column 65,535: a rectangle of 100 GB
    path = tmp_path / "hurt.xls"
    path.write_bytes(content)
    with pytest.raises(ReadingError, match=r"hurt.xls: the workbook is damaged or does not fit in memory"):
        list(read_sheet(path))
