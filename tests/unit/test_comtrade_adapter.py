"""UN Comtrade: five layouts land under the names of the API, and what is not HS goods data is refused.

Belongs here: layouts, refusals, exact digits, real files. Does not belong here: asking the API
(test_comtrade_pull), damaged records and batches (test_landing).
"""

import csv
import gzip
import io
import json
import re
from collections import Counter
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from decoding import DATA, decode

from orchestration import collect
from orchestration.ledger import Ledger
from orchestration.manifest import Manifest
from orchestration.reading import ReadingError
from orchestration.settings import Settings
from orchestration.sources import adapter, load_source, recognise
from orchestration.sources.contract import Refused

FILES = DATA / "comtrade"
SPEC = load_source("comtrade")
BULK = FILES / "COMTRADE-FINAL-CM398202203H6[2022-06-14].txt"
RUSSIAN = SPEC.details["layouts"]["workbook-ru"]


def sum_of(values):
    return sum((Decimal(value) for value in values if value), Decimal(0))


def test_an_answer_of_the_api():
    made = decode("comtrade", FILES / "api_answer.json")
    assert made.facts.rows_in == len(made.rows) == 3
    assert made.facts.layout == "api, json"
    assert made.column("_row_number") == [1, 2, 3]
    assert made.column("classificationCode") == ["H6", "H5", "H4"]  # mixed editions are one file
    assert made.column("primaryValue") == ["1983461083.032", "7300.25", "7300.25"]  # digit by digit
    assert made.column("netWgt") == ["12.5", "1.10", "12.5"]
    assert made.column("mosCode") == ["0 ", "0", "0"]  # the space is the publisher's
    assert made.column("reporterCode") == ["398"] * 3
    assert made.column("cmdDesc") == ["Processors and controllers", None, "Processors and controllers"]
    assert made.column("isReported") == ["true", "false", "true"]
    assert made.column("cifvalue") == [None] * 3
    assert {row["_unknown_columns"] for row in made.rows} == {None}


def test_an_unknown_key_lands_beside_the_others():
    made = decode("comtrade", FILES / "api_unknown_key.json")
    assert made.column("_unknown_columns") == ['{"supplyChain": "air"}', None]


def test_an_unknown_key_that_is_null_is_still_told(tmp_path):
    path = tmp_path / "x.json"
    text = (FILES / "api_unknown_key.json").read_text(encoding="utf-8").replace('"air"', "null")
    path.write_text(text, encoding="utf-8")
    assert decode("comtrade", path).column("_unknown_columns") == ['{"supplyChain": ""}', None]


def test_an_empty_answer_is_no_data_and_no_fault():
    made = decode("comtrade", FILES / "api_empty.json")
    assert (made.rows, made.bad, made.facts.rows_in) == ([], [], 0)
    assert recognise(FILES / "api_empty.json", "api_empty.json") == "comtrade"


def test_a_download_of_comtrade_plus():
    made = decode("comtrade", FILES / "plus_download.csv")
    assert made.facts.layout == "api, latin-1"
    assert made.facts.rows_in == len(made.rows) == 3
    assert made.column("partnerDesc") == ["Côte d'Ivoire", "Russian Federation", "Russian Federation"]
    assert made.column("cmdDesc")[1] == 'Processors, "controllers" and converters'
    assert made.column("classificationCode") == ["H6", "H5", "H4"]
    assert made.column("primaryValue")[2] == "1983461083.032"
    assert made.column("mosCode") == ["0", "0", "-1"]
    assert made.column("isAggregate") == ["false"] * 3  # the comma after the last cell shifts nothing
    assert made.column("_row_number") == [2, 3, 4]


def test_a_byte_order_mark_is_no_part_of_the_first_name():
    (row,) = decode("comtrade", FILES / "utf8_mark.csv").rows
    assert (row["typeCode"], row["_unknown_columns"]) == ("C", None)
    assert recognise(FILES / "utf8_mark.csv", "utf8_mark.csv") == "comtrade"


@pytest.mark.parametrize("name", ["COMTRADE-FINAL-CM398202203H6[2022-06-14].gz", f"{BULK.name}.gz"])
def test_a_bulk_file(tmp_path, name):
    settings = Settings(data=tmp_path / "data")
    settings.prepare()
    ledger = Ledger(settings.ledger_path)
    packed = settings.inbox / "comtrade" / name
    packed.parent.mkdir()
    packed.write_bytes(gzip.compress(BULK.read_bytes(), mtime=0))
    (entry,) = collect.collect(settings, ledger)
    assert (entry.manifest.published, entry.manifest.complete) == (date(2022, 6, 14), True)
    made = decode("comtrade", settings.archive / entry.archived_path)
    assert made.column("cmdCode") == ["854231", "TOTAL"]
    assert made.column("period") == ["202203"] * 2
    assert made.column("isAggregate") == ["false"] * 2


def test_what_the_user_says_of_the_release_stays_and_other_names_say_nothing():
    complete = adapter("comtrade").complete
    said = complete(BULK, BULK.name, Manifest(published=date(2022, 7, 1)))
    assert (said.published, said.complete) == (date(2022, 7, 1), True)
    assert complete(BULK, "bulk.txt", Manifest()) == Manifest()


def test_the_old_download():
    made = decode("comtrade", FILES / "legacy.csv")
    assert made.facts.layout == "legacy, utf-8"
    assert len(made.facts.header.split(", ")) == 35
    assert made.column("classificationCode") == ["H5", "H4", "H4"]
    assert made.column("flowDesc") == ["Import", "Export", "Re-Export"]
    assert made.column("primaryValue") == ["7300", "900", "300"]
    assert made.column("legacyEstimationFlag") == ["0"] * 3
    assert made.column("period") == made.column("refYear") == ["2018"] * 3
    assert made.column("customsCode") == [""] * 3
    assert {row["_unknown_columns"] for row in made.rows} == {None}


def test_every_column_of_every_layout_has_a_place():
    """A name outside the columns would be dropped on the way to Parquet."""
    for layout, names in SPEC.details["layouts"].items():
        assert set(names.values()) <= set(SPEC.columns), layout
        assert len(set(names.values())) == len(names), layout
    assert len(SPEC.details["layouts"]["legacy"]) == 35


@pytest.fixture
def workbook(tmp_path):
    """Save rows of cells as the first sheet of an .xlsx."""

    def save(*rows):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        path = tmp_path / "rows.xlsx"
        book.save(path)
        return path

    return save


def russian(**cells):
    """A row of the Russian workbook, by the API's names."""
    usual = {
        "typeCode": "C",
        "reporterCode": 156,
        "partnerCode": 643,
        "flowCode": "M",
        "classificationCode": "H5",
    }
    row = usual | {"cmdCode": "854231", "primaryValue": 7300.25, "period": 201903} | cells
    return [row.get(name) for name in RUSSIAN.values()]


def test_a_workbook_under_russian_headings(workbook):
    heavy = 12345678901.5
    made = decode(
        "comtrade", workbook([*RUSSIAN], russian(mosCode="0"), russian(netWgt=heavy), [], russian())
    )
    assert made.facts.layout == "workbook-ru, workbook"
    assert made.facts.rows_in == len(made.rows) == 3
    assert made.column("_row_number") == [2, 3, 5]  # the row on the sheet
    assert made.column("primaryValue") == ["7300.25"] * 3
    assert made.column("partnerCode") == ["643"] * 3
    assert made.column("period") == ["201903"] * 3
    assert made.column("netWgt") == ["", "12345678901.5", ""]
    assert {row["_unknown_columns"] for row in made.rows} == {None}
    assert recognise(workbook([*RUSSIAN], russian()), "rows.xlsx") == "comtrade"


def test_a_column_that_is_ignored_only_where_it_is_empty(workbook):
    made = decode("comtrade", workbook([*RUSSIAN, "Эко"], [*russian(), None], [*russian(), "x"]))
    assert made.column("_unknown_columns") == [None, '{"Эко": "x"}']


def test_a_row_of_a_workbook_with_a_cell_too_many(workbook):
    made = decode("comtrade", workbook([*RUSSIAN], russian(), [*russian(), "stray"]))
    assert [(row["_row_number"], row["reason"]) for row in made.bad] == [
        (3, f"{len(RUSSIAN) + 1} cells where the header has {len(RUSSIAN)}")
    ]
    assert "854231" in made.bad[0]["raw_text"]
    assert made.bad[0]["raw_text"].endswith("stray")
    assert made.facts.rows_in == 2


def test_a_workbook_of_something_else(workbook):
    path = workbook(["Страна", "Стоимость"], ["Россия", 1])
    assert recognise(path, "rows.xlsx") is None
    with pytest.raises(Refused, match="the first row of the workbook is no known Comtrade header"):
        decode("comtrade", path)


def test_a_damaged_workbook(tmp_path):
    path = tmp_path / "rows.xlsx"
    path.write_bytes(b"PK\x03\x04 and nothing that follows")
    with pytest.raises(ReadingError, match=r"rows\.xlsx: the workbook is damaged"):
        decode("comtrade", path)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "legacy_sitc.csv",
            "classification S4 is SITC, not HS: its codes look like HS codes and mean other goods",
        ),
        ("services.json", r"trade in services \(typeCode S\), not in goods"),
        (
            "saved_error.csv",
            "error message, not data: «Query complexity: your query is too complex. Please simpl",
        ),
        (
            "saved_page.csv",
            "error message, not data: «<!DOCTYPE html> <html><head><title>Service unavailable",
        ),
        ("api_error.json", "the answer is an error, not data: «Period 20220 is not valid»"),
        (
            "api_refusal.json",
            "the answer is an error, not data: «Rate limit is exceeded. Try again in 3 seconds.»",
        ),
        ("api_cut_short.json", "not a whole JSON answer: api_cut_short.json: "),
        ("doubled_column.csv", "the header names primaryValue more than once"),
    ],
)
def test_what_is_refused_and_why(name, reason):
    with pytest.raises(Refused, match=reason):
        decode("comtrade", FILES / name)


@pytest.mark.parametrize("name", ["saved_error.csv", "saved_page.csv", "api_error.json", "api_refusal.json"])
def test_an_error_message_is_still_known_to_be_comtrades(name):
    assert recognise(FILES / name, name) == "comtrade"


@pytest.mark.parametrize(
    ("code", "what"),
    [("S3", "SITC"), ("SS", "SITC"), ("B4", "BEC"), ("EB02", "EBOPS"), ("X1", "unknown"), ("", "unknown")],
)
def test_other_classifications(tmp_path, code, what):
    path = tmp_path / "x.csv"
    text = (FILES / "legacy.csv").read_text(encoding="utf-8").replace("H5,", f"{code},")
    path.write_text(text, encoding="utf-8")
    shown = re.escape(code or "(none)")
    with pytest.raises(Refused, match=f"^classification {shown} is {what}, not HS"):
        decode("comtrade", path)


def test_rows_of_another_kind_further_down_are_quarantined():
    made = decode("comtrade", FILES / "services_further_down.json")
    assert made.facts.rows_in == 3
    assert made.column("_row_number") == [1]
    assert [(row["_row_number"], row["reason"].split(",")[0]) for row in made.bad] == [
        (2, "trade in services (typeCode S)"),
        (3, "classification S4 is SITC"),
    ]
    assert '"cmdCode":"SC' in made.bad[0]["raw_text"]


@pytest.mark.parametrize("text", ['{"count": 0, "error": ""}', '{"data": {"a": 1}}', '{"data": [1]}', "{"])
def test_json_that_is_no_answer(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((Refused, ReadingError), match=r"x\.json"):
        decode("comtrade", path)
    assert recognise(path, "x.json") is None


def test_an_unknown_header(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("cmdCode,value\n8806,1\n", encoding="utf-8")
    with pytest.raises(Refused, match="the first line is no Comtrade header"):
        decode("comtrade", path)
    assert recognise(path, "x.csv") is None


def test_words_of_an_error_inside_data_are_data(tmp_path):
    path = tmp_path / "x.csv"
    text = (FILES / "plus_download.csv").read_text(encoding="latin-1")
    quoted = '"' + text.split("\n")[0].strip().replace(",", '","') + '"\n'
    path.write_text(quoted + text.split("\n", 1)[1].replace("N/A", "access denied"), encoding="utf-8")
    assert decode("comtrade", path).column("qtyUnitAbbr") == ["access denied"] * 3


@pytest.mark.parametrize("name", ["english_2018_export.csv", "minimal.csv", "headerless_import.csv"])
def test_other_sources_files_are_not_recognised(name):
    assert not adapter("comtrade").recognise(DATA / "gacc" / name, name)


def csv_rows(path, encoding):
    records = list(csv.reader(io.StringIO(path.read_bytes().decode(encoding))))
    names = [name for name in records[0] if name]
    return [dict(zip(names, record, strict=False)) for record in records[1:]]


def test_the_real_download_of_comtrade_plus(real_data):
    path = real_data / "comtrade" / "TradeData_THA_8542.csv"
    rows = csv_rows(path, "latin-1")
    made = decode("comtrade", path)
    assert len(rows) == len(made.rows) == made.facts.rows_in == 1_178
    assert made.bad == []
    assert [{name: row[name] for name in rows[0]} for row in made.rows] == rows
    assert Counter(made.column("classificationCode")) == Counter(row["classificationCode"] for row in rows)
    assert len(set(made.column("classificationCode"))) == 3
    world = [row for row in made.rows if (row["period"], row["partnerCode"]) == ("2023", "0")]
    assert [(row["motCode"], row["customsCode"]) for row in world] == [("0", "C00")]
    assert [row["primaryValue"] for row in world] == ["19588059644.307"]


def test_the_real_old_download(real_data):
    path = real_data / "comtrade_legacy" / "comtrade 2021-08-16.csv"
    rows = csv_rows(path, "utf-8")
    made = decode("comtrade", path)
    assert len(rows) == len(made.rows) == made.facts.rows_in == 2_863
    names = SPEC.details["layouts"]["legacy"]
    assert [{old: row[new] for old, new in names.items()} for row in made.rows] == rows
    assert sum_of(made.column("primaryValue")) == Decimal("490783569891")
    russia = [r for r in made.rows if (r["reporterISO"], r["flowDesc"]) == ("RUS", "Import")]
    by_year = {
        year: sum_of(r["primaryValue"] for r in russia if r["period"] == year) for year in ("2018", "2019")
    }
    assert by_year == {"2018": Decimal("57462391"), "2019": Decimal("62358615")}


def test_the_real_workbook(real_data):
    path = real_data / "comtrade" / "China_to_RF_M.xlsx"
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    header, *records = [list(row) for row in sheet.iter_rows(values_only=True)]
    records = [record for record in records if any(cell is not None for cell in record)]
    made = decode("comtrade", path)
    assert len(records) == len(made.rows) == made.facts.rows_in == 2_708
    assert made.bad == []
    for heading in ("Номинальная стоимость, $", "Вес нетто", "Стоимость еденицы"):
        place = [str(text).strip() for text in header].index(heading)
        assert sum_of(made.column(RUSSIAN[heading])) == sum(
            Decimal(repr(r[place])) for r in records if r[place]
        )
    code = [str(text).strip() for text in header].index("Код товара")
    assert made.column("cmdCode") == [str(record[code]) for record in records]
    levels = {len(row["cmdCode"]) for row in made.rows}
    total = {n: sum_of(r["primaryValue"] for r in made.rows if len(r["cmdCode"]) == n) for n in levels}
    assert total == dict.fromkeys((2, 4, 5, 6), Decimal("61190631855"))  # TOTAL and three levels, each whole
    assert {row["_unknown_columns"] for row in made.rows} == {None}


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("comercio_sample_response.json", 8),
        ("mirror_sample_response_partner.json", 1),
        ("mirror_sample_response_reporter.json", 4),
    ],
)
def test_real_answers_of_the_api(real_data, name, count):
    path = real_data / "comtrade" / name
    rows = json.loads(path.read_text(encoding="utf-8"), parse_float=str, parse_int=str)
    rows = rows["data"] if isinstance(rows, dict) else rows
    texts = [{k: str(v).lower() if isinstance(v, bool) else v for k, v in row.items()} for row in rows]
    made = decode("comtrade", path)
    assert len(rows) == len(made.rows) == made.facts.rows_in == count
    assert [{name: row[name] for name in texts[0]} for row in made.rows] == texts


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("comtrade (sitc).csv", "SITC, not HS"),
        ("comtrade_error.csv", "«Query complexity: your query is too complex."),
    ],
)
def test_real_files_that_are_refused(real_data, name, reason):
    with pytest.raises(Refused, match=reason):
        decode("comtrade", real_data / "comtrade_legacy" / name)
