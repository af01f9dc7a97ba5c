"""A user's table against its mapping: what lands, and what is refused before it lands.

Belongs here: whole files of every container. Does not belong here: the mapping alone (test_table_mapping),
typing (dbt unit tests).
"""

import re
from datetime import date
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from decoding import DATA, decode
from typer.testing import CliRunner

from orchestration import manifest
from orchestration.cli import app
from orchestration.manifest import Manifest, ManifestError, MissingOption
from orchestration.sources import adapter, recognise
from orchestration.sources.contract import Refused
from orchestration.sources.table import mapping

FILES = DATA / "table"
EXTRACT = FILES / "monthly_extract.csv"
EXAMPLE = mapping.read(FILES / "monthly_extract.yml")
HEADER = "period_dt,partner_name,hs6,val,qty,uv"
RECORD = "2023-01-01,Russian Federation,380110,120.0,60.5,1.98"


def save(folder, *records, header=HEADER):
    path = folder / "x.csv"
    path.write_text("\n".join([header, *records]) + "\n", encoding="utf-8")
    return path


def complete(path, **changes):
    return adapter("table").complete(path, path.name, Manifest(mapping={**EXAMPLE, **changes}))


def test_the_extract_lands_as_published_beside_what_its_mapping_says():
    made = decode("table", EXTRACT, mapping=EXAMPLE)
    first, second, third = made.rows
    assert {name: text for name, text in first.items() if text is not None} == {
        "reporter": "China", "partner": "Russian Federation", "flow": "export", "period": "2023-01-01",
        "hs_code": "380110", "hs_revision": "in_force", "value": "120.0", "currency": "USD",
        "value_basis": "fob", "quantity": "60.5", "unit": "kg", "evidence_type": "statistics",
        "value_scale": "1", "decimal_mark": ".",
        "flow_name": "export", "period_start": "2023-01-01", "period_end": "2023-01-31", "_row_number": 2,
    }  # fmt: skip
    assert (second["quantity"], third["hs_code"], third["period_end"]) == ("0.0", "10121", "2023-02-28")
    assert (made.facts.layout, made.facts.header, made.facts.rows_in) == (
        "mapping, utf-8",
        HEADER.replace(",", ", "),
        3,
    )


def test_no_content_is_recognised_and_a_mapping_is_asked_for():
    assert recognise(EXTRACT, EXTRACT.name) is None
    with pytest.raises(MissingOption, match="give --mapping FILE"):
        adapter("table").complete(EXTRACT, EXTRACT.name, Manifest())
    with pytest.raises(Refused, match="no mapping says what its columns mean"):
        adapter("table").land(EXTRACT, Manifest())


def test_note_and_vintage_go_to_the_manifest():
    known = complete(EXTRACT, vintage="2024-03-01")
    assert (known.published, known.note) == (date(2024, 3, 1), EXAMPLE["note"])
    said = Manifest(mapping={**EXAMPLE, "vintage": "2024-03-01"}, published=date(2024, 4, 1), note="mine")
    known = adapter("table").complete(EXTRACT, EXTRACT.name, said)
    assert (known.published, known.note) == (date(2024, 4, 1), "mine")


FAULTS = [
    ("2023-01-01,Russia,380110,120,inf,1", "row 2: quantity is infinite ('inf'): a ratio is no amount"),
    (
        '2023-01-01,Russia,380110,"1,200",60,1',
        "row 2: value '1,200' does not fit: number_format has thousands ''",
    ),
    ("2023-01-01,Russia,380110,lots,60,1", "row 2: value 'lots' is no number, nor are 1 of 1 cells"),
    ("2023-13-01,Russia,380110,120,60,1", "row 2: period '2023-13-01' is no monthly one from 1900 to 2100"),
    ("1899-01-01,Russia,380110,120,60,1", "row 2: period '1899-01-01' is no monthly one"),
    ("2023-01-01,Atlantis,380110,120,60,1", "no country that we know: 'Atlantis' (partner, row 2)"),
    ("2023-01-01,Russia,drones,120,60,1", "row 2: hs_code 'drones' is no HS code of 2 to 10 digits"),
]


@pytest.mark.parametrize(("record", "message"), FAULTS)
def test_a_fault_names_file_row_and_rule_before_it_lands_and_again_at_landing(tmp_path, record, message):
    path = save(tmp_path, record)
    with pytest.raises(ManifestError, match=re.escape(f"x.csv: {message}")):
        complete(path)
    with pytest.raises(Refused, match=re.escape(message)):
        decode("table", path, mapping=EXAMPLE)


def test_a_column_that_nobody_named_is_refused(tmp_path):
    path = save(tmp_path, f"{RECORD},x", header=f"{HEADER},mode")
    with pytest.raises(ManifestError, match="column 'mode' is neither mapped nor ignored"):
        complete(path)
    assert complete(path, ignore=["uv", "mode"]).source is None
    with pytest.raises(ManifestError, match=r"no column is named 'val2' \(value\); the file has period_dt, "):
        complete(path, columns={**EXAMPLE["columns"], "value": "val2"})


def test_a_little_text_in_a_number_column_lands_and_much_does_not(tmp_path):
    days = [f"20{y:02}-{m:02}-01,Russia,380110,{{}},1,1" for y in range(10, 24) for m in range(1, 13)]
    few = [day.format("withheld" if n == 5 else "7") for n, day in enumerate(days)]
    assert complete(save(tmp_path, *few)).mapping
    assert decode("table", tmp_path / "x.csv", mapping=EXAMPLE).rows[5]["value"] == "withheld"
    many = [day.format("withheld" if n in (5, 9) else "7") for n, day in enumerate(days)]
    with pytest.raises(ManifestError, match="row 7: value 'withheld' is no number, nor are 2 of 168 cells"):
        complete(save(tmp_path, *many))


def test_what_marks_nothing_is_no_text(tmp_path):
    path = save(tmp_path, "2023-01-01,Russia,380110,NA,-,inf", "2023-02-01,Russia,380110,,:,inf")
    assert decode("table", path, mapping=EXAMPLE).column("value") == ["NA", ""]


def test_keys_are_unique_at_the_grain(tmp_path):
    other_name = "2023-01-01,Russia,380110.0,5,5,1"  # the same country and code in other words
    path = save(tmp_path, RECORD, other_name)
    with pytest.raises(
        ManifestError, match=r"row 3: the same key as row 2 \(partner=Russia, period=2023-01-01"
    ):
        complete(path)
    assert complete(path, sum_duplicates=True).mapping
    by_value = complete(path, grain=["partner", "period", "hs_code", "value"])
    assert by_value.mapping["grain"] == ["partner", "period", "hs_code", "value"]


def test_total_and_empty_rows_are_quarantined(tmp_path):
    path = save(tmp_path, RECORD, "Total,,,120.0,,", ",,,,,")
    made = decode("table", path, mapping=EXAMPLE)
    assert (len(made.rows), [row["reason"] for row in made.bad]) == (1, ["total row", "empty row"])
    assert made.facts.rows_in == 3


RUSSIAN = {
    "columns": {"year": "Год", "month": "Месяц", "partner": "Страна", "hs_code": "Код ТН ВЭД",
                "flow": "Поток", "value": "Стоимость"},
    "constants": {"reporter": "KG", "currency": "KGS", "hs_revision": "HS2022", "value_basis": "cif"},
    "frequency": "monthly", "value_scale": 1000, "encoding": "cp1251",
    "number_format": {"thousands": " ", "decimal": ","},
}  # fmt: skip


def test_year_and_month_apart_in_another_encoding():
    path = FILES / "thousands_semicolons.csv"
    with pytest.raises(ManifestError, match="no country that we know: 'Китай'"):
        adapter("table").complete(path, path.name, Manifest(mapping=RUSSIAN))
    utf8 = {name: value for name, value in RUSSIAN.items() if name != "encoding"}
    with pytest.raises(ManifestError, match="the text is not utf-8: say which encoding it is in"):
        adapter("table").complete(path, path.name, Manifest(mapping=utf8))


def test_scale_marks_and_flow_of_a_row(tmp_path):
    path = tmp_path / "x.csv"
    text = (FILES / "thousands_semicolons.csv").read_text(encoding="cp1251").replace("Китай", "156")
    path.write_text(text, encoding="cp1251")
    (row,) = decode("table", path, mapping=RUSSIAN).rows
    assert (row["value"], row["value_scale"], row["thousands_mark"], row["decimal_mark"]) == (
        "1 234,5", "1000", " ", ",",
    )  # fmt: skip
    assert (row["flow"], row["flow_name"], row["hs_code"]) == ("импорт", "import", "8525.89")
    assert (row["period_start"], row["period_end"]) == ("2022-01-01", "2022-01-31")
    odd = {**RUSSIAN, "flows": {"импорт": "re_import"}}
    assert decode("table", path, mapping=odd).rows[0]["flow_name"] == "re_import"
    path.write_text(text.replace("импорт", "туда"), encoding="cp1251")
    with pytest.raises(Refused, match="row 2: flow 'туда' is not known: say under flows what it means"):
        decode("table", path, mapping=RUSSIAN)


def test_one_period_for_the_whole_table(tmp_path):
    path = save(tmp_path, "Russia,380110,120", header="partner_name,hs6,val")
    said = {
        "columns": {"partner": "partner_name", "hs_code": "hs6", "value": "val"},
        "constants": {**EXAMPLE["constants"], "period": "2023-01..2023-06"},
    }
    (row,) = decode("table", path, mapping=said).rows
    assert (row["period_start"], row["period_end"]) == ("2023-01-01", "2023-06-30")


ROWS = [(date(2023, 1, 1), "Russia", 380110, 120.5, Decimal("60.10"), None)]


def test_parquet_lands_without_changing_a_digit(tmp_path):
    path = tmp_path / "x.parquet"
    names = HEADER.split(",")
    pq.write_table(pa.table({name: [row[n] for row in ROWS] for n, name in enumerate(names)}), path)
    made = decode("table", path, mapping=EXAMPLE)
    (row,) = made.rows
    cells = (row["period"], row["hs_code"], row["value"], row["quantity"], row["_row_number"])
    assert cells == ("2023-01-01", "380110", "120.5", "60.10", 1)
    assert made.facts.layout == "mapping, parquet"


def test_a_workbook_with_a_title_above_its_header(tmp_path):
    path = tmp_path / "x.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    page = book.create_sheet("Data")
    page.append(["Exports by partner"])
    page.append([])
    page.append(HEADER.split(","))
    for row in ROWS:
        page.append([float(cell) if isinstance(cell, Decimal) else cell for cell in row])
    book.save(path)
    made = decode("table", path, mapping={**EXAMPLE, "sheet": "Data", "header_row": 3})
    (row,) = made.rows
    assert (row["period"], row["hs_code"], row["value"], row["_row_number"]) == (
        "2023-01-01",
        "380110",
        "120.5",
        4,
    )
    with pytest.raises(Refused, match="sheet and header_row are for workbooks"):
        decode("table", EXTRACT, mapping={**EXAMPLE, "sheet": "Data"})


def test_the_command_takes_a_mapping_and_drafts_one(tmp_path, monkeypatch):
    monkeypatch.setenv("DUALUSE_DATA", str(tmp_path / "data"))
    path = save(tmp_path, RECORD)
    run = CliRunner().invoke
    draft = run(app, ["add", str(path), "--propose"])
    assert draft.exit_code == 0
    assert yaml.safe_load(draft.stdout)["columns"] == EXAMPLE["columns"]
    assert list(tmp_path.iterdir()) == [path]  # nothing written, nothing added
    assert run(app, ["add", str(path), "--propose", "--write"]).exit_code == 0
    beside = tmp_path / "x.csv.mapping.yml"
    assert beside.read_text(encoding="utf-8") == draft.stdout
    assert run(app, ["add", str(path), "--propose", "--write"]).exit_code == 2  # a draft that is there stays
    open_fields = run(app, ["add", str(path), "--mapping", str(beside)])
    assert open_fields.exit_code == 2
    assert "reporter is still to be said" in open_fields.stderr
    added = run(
        app, ["add", str(path), "--mapping", str(FILES / "monthly_extract.yml"), "--area", "national"]
    )
    assert added.exit_code == 0, added.output
    known = manifest.read(tmp_path / "data" / "inbox" / "table" / "x.csv")
    assert (known.source, known.mapping, known.area) == ("table", EXAMPLE, "national")


def test_the_real_extract_adds_up(real_data):
    path = real_data / "user_tables" / "deep_dive_hs6_monthly.csv"
    known = adapter("table").complete(path, path.name, Manifest(mapping=EXAMPLE))
    rows = decode("table", path, mapping=known.mapping).rows
    russia = [row for row in rows if row["partner"] in ("Russia", "Russian Federation")]
    graphite = [row for row in russia if row["hs_code"] == "250410"]
    artificial = [row for row in russia if row["hs_code"] == "380110" and row["period"].startswith("2023")]
    assert len(rows) == 6_442
    assert (len(graphite), sum(Decimal(row["value"]) for row in graphite)) == (93, 12_906_455)
    assert sum(Decimal(row["value"]) for row in artificial) == 5_252_997
