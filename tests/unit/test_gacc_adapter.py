"""GACC downloads: every layout lands under the same columns, cell by cell as published.

Belongs here: layouts, headers, encodings, real files. Does not belong here: what the manifest must say
(test_collect), damaged records and batches (test_landing).
"""

import csv
import io
from decimal import Decimal

import pytest
from decoding import DATA, decode
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.manifest import Manifest
from orchestration.sources import adapter, load_source, recognise
from orchestration.sources.contract import Refused

FILES = DATA / "gacc"
COLUMNS = load_source("gacc").columns
EN_2018 = ["Date of data", "Trading partner code", "Trading partner", "Commodity code", "Commodity"]
EN_2018 += ["Customs Regime code", "Customs Regime", "Quantity", "Unit", "Supplimentary Quantity"]
EN_2018 += ["Supplimentary Unit", "US dollar"]
RECORD = ["202201", "344", "Russia", "69149000", "Ceramics, nes", "10", "Ordinary Trade", "1,200"]
RECORD += ["Kilogram", "0", "-", "12,345"]
ALL_HEADERS = {
    "period": ["Date of data", "数据年月", "月份"],
    "partner_code": ["Trading partner code", "贸易伙伴编码"],
    "partner_name": ["Trading partner", "贸易伙伴名称"],
    "commodity_code": ["Commodity code", "商品编码"],
    "commodity_name": ["Commodity", "商品名称"],
    "regime_code": ["Customs Regime code", "贸易方式编码"],
    "regime_name": ["Customs Regime", "贸易方式名称"],
    "province_code": ["Locations of importers and exporters code", "注册地编码"],
    "province_name": ["Locations of importers and exporters", "注册地名称"],
    "quantity": ["Quantity", "第一数量"],
    "unit": ["Unit", "第一计量单位"],
    "quantity_2": ["Supplementary Quantity", "Supplimentary Quantity", "第二数量"],
    "unit_2": ["Supplementary Unit", "Supplimentary Unit", "第二计量单位"],
    "value_usd": ["US dollar", "美元", "美元值"],
    "value_cny": ["Renminbi Yuan", "人民币", "人民币值"],
}


def text_of(records, trailing=True, quoted=True, end="\n"):
    """Records as GACC writes them: every field quoted, a comma after the last one."""
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    for record in records:
        line = io.StringIO()
        csv.writer(line, quoting=quoting, lineterminator="").writerow(record)
        out.write(line.getvalue() + ("," if trailing else "") + end)
    return out.getvalue()


def save(folder, records, encoding="gb18030", name="x.csv", **how):
    path = folder / name
    path.write_bytes(text_of(records, **how).encode(encoding))
    return path


def published(row):
    """The cells of a landed row that the file had, under our names."""
    return {name: row[name] for name in COLUMNS if row[name] is not None}


def test_english_of_2018():
    made = decode("gacc", FILES / "english_2018_export.csv")
    assert published(made.rows[0]) == {
        "period": "202201",
        "partner_code": "344",
        "partner_name": "Russia",
        "commodity_code": "69149000",
        "commodity_name": "Ceramic articles,\nnes",  # a newline inside quotes does not end a record
        "regime_code": "10",
        "regime_name": "Ordinary Trade",
        "quantity": "1200",
        "unit": "Kilogram",
        "quantity_2": "0",
        "unit_2": "-",
        "value_usd": "12,345",
    }
    assert made.column("value_usd") == ["12,345", "1,002,003"]
    assert made.column("_row_number") == [2, 3]
    assert (made.facts.rows_in, made.facts.layout) == (2, "header, utf-8")
    assert made.facts.header == ", ".join(EN_2018)


def test_english_of_2026():
    made = decode("gacc", FILES / "english_2026_import.csv")
    assert made.facts.layout == "header, gb18030"
    assert made.column("partner_name") == ["Hong Kong，China", "Republic of Korea"]  # full-width: text
    assert made.column("province_code") == ["44", "31"]
    assert made.column("unit_2") == ["Kilogram", "?"]
    assert made.column("value_cny") == [None, None]


def test_chinese_without_and_with_the_month():
    made = decode("gacc", FILES / "chinese_without_month.csv")
    assert made.column("value_cny") == ["1,234,567", "4,050"]
    assert made.column("commodity_name") == ["无人机", "其他陶瓷制品"]
    assert made.column("period") == made.column("value_usd") == [None, None]
    monthly = decode("gacc", FILES / "出口_chinese_monthly.csv")
    assert published(monthly.rows[0]) == {"period": "202302", **published(made.rows[0])}


def test_minimal():
    made = decode("gacc", FILES / "minimal.csv")
    assert made.column("value_usd") == ["419,601", "17,715,334"]
    assert made.column("unit") == ["Kilogram", "Number of item"]
    assert made.column("partner_code") == made.column("regime_code") == [None, None]


def test_without_a_header_under_a_named_layout():
    made = decode("gacc", FILES / "headerless_import.csv", layout="english-2018")
    assert made.column("_row_number") == [1, 2]
    assert made.facts.rows_in == 2
    assert made.facts.layout == "english-2018, utf-8"
    assert made.rows[0]["commodity_name"] == "Processors and controllers"
    assert made.column("quantity_2") == ["13", "—"]
    assert made.column("value_usd") == ["180,900", "2,125"]  # no carriage return is left in the last cell


def test_without_a_header_and_without_a_layout():
    with pytest.raises(Refused, match="no known GACC header, and no layout is named"):
        decode("gacc", FILES / "headerless_import.csv")


def test_a_byte_order_mark_another_order_and_yuan():
    made = decode("gacc", FILES / "utf8_mark_export.csv")
    assert published(made.rows[0]) == {
        "period": "202301",
        "partner_code": "344",
        "partner_name": "Russia",
        "commodity_code": "69149000",
        "commodity_name": "Ceramic articles, nes",
        "quantity": "10",
        "unit": "Kilogram",
        "value_cny": "77,000",
    }
    assert made.rows[0]["_unknown_columns"] is None


def test_both_currencies_in_one_file():
    made = decode("gacc", FILES / "two_currencies_export.csv")
    assert (made.column("value_usd"), made.column("value_cny")) == (["1,100"], ["7,700"])


@pytest.mark.parametrize("layout", sorted(load_source("gacc").details["layouts"]))
def test_every_named_layout_reads_the_file_that_lost_its_header(tmp_path, layout):
    names = load_source("gacc").details["layouts"][layout]
    made = decode("gacc", save(tmp_path, [[f"{name} 1" for name in names]]), layout=layout)
    assert published(made.rows[0]) == {name: f"{name} 1" for name in names}
    assert set(names) & {"value_usd", "value_cny"}


def test_every_header_that_was_met_has_its_column(tmp_path):
    headers = load_source("gacc").details["headers"]
    assert headers == ALL_HEADERS
    for column, aliases in ALL_HEADERS.items():
        for alias in aliases:
            others = {"commodity_code": "Commodity code", "quantity": "Quantity", "value_usd": "US dollar"}
            fixed = [name for key, name in others.items() if key != column]
            record = ["cell", "1", "2", "3"][: 1 + len(fixed)]
            made = decode("gacc", save(tmp_path, [[alias, *fixed], record]))
            assert made.rows[0][column] == "cell", alias


@settings(deadline=None, max_examples=50)
@given(
    order=st.permutations(list(enumerate(EN_2018))),
    trailing=st.booleans(),
    quoted=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["gb18030", "utf-8", "utf-8-sig"]),
)
def test_any_order_of_columns(tmp_path_factory, order, trailing, quoted, end, encoding):
    folder = tmp_path_factory.mktemp("order")
    record = [*RECORD[:2], "Russia，俄罗斯", *RECORD[3:]]
    records = [[name for _, name in order], [record[place] for place, _ in order]]
    path = save(folder, records, encoding, trailing=trailing, quoted=quoted, end=end)
    columns = load_source("gacc").details["layouts"]["english-2018"]
    assert recognise(path, path.name) == "gacc"
    made = decode("gacc", path)
    assert [published(row) for row in made.rows] == [dict(zip(columns, record, strict=True))]
    assert made.facts.rows_in == 1


TEXT = st.text(st.characters(codec="gb18030", exclude_characters="\0\r"), max_size=12)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(TEXT, min_size=12, max_size=12), max_size=5))
def test_any_text_comes_out_as_it_went_in(tmp_path_factory, cells):
    """Commas, quotes, newlines and any script inside a quoted cell."""
    records = [[*cell[:3], f"8{n}", *cell[4:]] for n, cell in enumerate(cells)]
    made = decode("gacc", save(tmp_path_factory.mktemp("text"), [EN_2018, *records], "gb18030"))
    columns = load_source("gacc").details["layouts"]["english-2018"]
    assert [[row[name] for name in columns] for row in made.rows] == records
    assert made.bad == []


def test_an_unknown_column_lands_beside_the_others():
    (row,) = decode("gacc", FILES / "unknown_column_export.csv").rows
    assert row["_unknown_columns"] == '{"Mode of transport": "Railway"}'
    assert (row["unit_2"], row["value_usd"]) == ("-", "12,345")


def test_a_doubled_column_is_refused():
    with pytest.raises(Refused, match="the header names value_usd more than once"):
        decode("gacc", FILES / "doubled_column_export.csv")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ([*EN_2018, "Unit"], "the header names unit more than once"),
        ([*EN_2018, "第一计量单位"], "the header names unit more than once"),
        (["Extra", "Extra", *EN_2018], "the header names Extra more than once"),
        (["", "", *EN_2018], "the header names an empty column more than once"),
        (EN_2018[:-1], "the header has no value column"),
    ],
)
def test_headers_that_no_row_can_be_read_under(tmp_path, header, reason):
    with pytest.raises(Refused, match=reason):
        decode("gacc", save(tmp_path, [header, ["1"] * len(header)]))


@pytest.mark.parametrize("content", [b'"Commodity code","Quantity"x,\n', b'"Commodity code\n', b"\n\n"])
def test_a_first_line_that_is_no_record(tmp_path, content):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(Refused, match="the first line is not a record"):
        decode("gacc", path, layout="minimal")


def test_a_header_alone_is_no_row_and_no_fault(tmp_path):
    made = decode("gacc", save(tmp_path, [EN_2018]))
    assert (made.rows, made.bad, made.facts.rows_in) == ([], [], 0)


@pytest.mark.parametrize("word", ["Total", "TOTAL ", "totals", "合计", "总计", "总值"])
def test_total_rows_are_quarantined(tmp_path, word):
    total = ["", "", "", word, "", "", "", "", "", "", "", "99,999"]
    made = decode("gacc", save(tmp_path, [EN_2018, RECORD, total]))
    assert [row["reason"] for row in made.bad] == ["total row"]
    assert made.bad[0]["raw_text"] == text_of([total]).rstrip("\n")
    assert made.column("value_usd") == ["12,345"]


def test_a_commodity_that_names_a_total_is_no_total_row(tmp_path):
    record = [*RECORD[:4], "Total stations", *RECORD[5:]]
    assert decode("gacc", save(tmp_path, [EN_2018, record])).column("commodity_name") == ["Total stations"]


def test_repeated_headers_are_quarantined_with_and_without_the_comma(tmp_path):
    path = tmp_path / "x.csv"
    header = text_of([EN_2018])
    other = text_of([EN_2018], trailing=False)
    path.write_text(header + text_of([RECORD]) + header + other, encoding="utf-8")
    assert [row["reason"] for row in decode("gacc", path).bad] == ["repeated header"] * 2


@pytest.mark.parametrize("name", ["plus_download.csv", "legacy.csv", "api_answer.json", "saved_error.csv"])
def test_other_sources_files_are_not_recognised(name):
    assert not adapter("gacc").recognise(DATA / "comtrade" / name, name)


def test_what_a_user_says_of_the_currency_stays():
    path = FILES / "two_currencies_export.csv"
    said = adapter("gacc").complete(path, path.name, Manifest(currency="CNY"))
    assert said.currency == "CNY"
    assert adapter("gacc").complete(path, path.name, Manifest()).currency is None


REAL = [
    ("chinese-full.csv", "gb18030", None, 5),
    ("english-full.csv", "gb18030", None, 5),
    ("english-degenerate.csv", "ascii", None, 3),
    ("e210201810.csv", "ascii", None, 3),
    ("cnusa_import_201901.csv", "utf-8", "english-2018", 11_419),
]


def independent(path, encoding, has_header):
    """Header and records by the standard library alone."""
    records = list(csv.reader(io.StringIO(path.read_bytes().decode(encoding))))
    records = [record[:-1] if record[-1] == "" else record for record in records]
    return (records[0], records[1:]) if has_header else (None, records)


@pytest.mark.parametrize(("name", "encoding", "layout", "count"), REAL)
def test_real_files_land_cell_by_cell(real_data, name, encoding, layout, count):
    path = real_data / "gacc" / name
    header, records = independent(path, encoding, layout is None)
    made = decode("gacc", path, layout=layout)
    assert len(records) == made.facts.rows_in == len(made.rows) == count
    assert made.bad == []
    by_alias = {alias: column for column, aliases in ALL_HEADERS.items() for alias in aliases}
    named = load_source("gacc").details["layouts"]["english-2018"]
    columns = [by_alias[text] for text in header] if header else named
    assert [[row[column] for column in columns] for row in made.rows] == records
    assert {row["_unknown_columns"] for row in made.rows} == {None}
    assert recognise(path, name) == (None if layout else "gacc")


def test_the_real_imports_from_the_united_states_add_up(real_data):
    path = real_data / "gacc" / "cnusa_import_201901.csv"
    rows = decode("gacc", path, layout="english-2018").rows
    assert sum(Decimal(row["value_usd"].replace(",", "")) for row in rows) == Decimal("9211213264")
    assert {row["partner_code"] for row in rows} == {"502"}
    assert {row["period"] for row in rows} == {"201901"}
    dashes = sum(cell == "—" for record in independent(path, "utf-8", False)[1] for cell in record)
    assert sum(row[name] == "—" for row in rows for name in ("unit", "quantity_2", "unit_2")) == dashes > 0
