"""Data browser workbooks: every month's cell is one record, and says where it stands.

Belongs here: the layout, refusals, real books. Does not belong here: what a colon or a code means (the unit
tests of staging), the raw gate.
"""

from collections import Counter
from datetime import date

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from decoding import DATA, decode

from orchestration.manifest import Manifest
from orchestration.reading import ReadingError
from orchestration.sources import adapter, recognise
from orchestration.sources.contract import Facts, Quarantine, Refused, Rows

DATASET = "EU trade since 1988 by HS2-4-6 and CN8 [DS-045409__custom_1]"
DRONES = "Drones(2022-2500);Drones [toys](2006-2021) [88062290]"
MONTHS = ["2022-11", "2022-12"]
RUSSIA = "Russian Federation (Russia)"
ROWS = [["Austria", "Armenia", 12, ":"], ["Austria", RUSSIA, 0, 3.5]]


def book(folder, sheets, name="1_spreadsheet.xlsx", front=("Summary", "Structure")):
    """A workbook with the front sheets and the given ones, each a list of rows."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title in front:
        made.create_sheet(title).append([title])
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = folder / name
    made.save(path)
    return path


def sheet(
    product=DRONES, rows=ROWS, months=MONTHS, dataset=DATASET, measure="VALUE_IN_EUROS", legend=(), more=()
):
    """Eight title rows (more of them with `more`), three of the table's head, the data, the legend."""
    return [
        ["Data extracted on 18/01/2023 20:37:04 from [ESTAT]"],
        ["Dataset: ", dataset],
        ["Last updated: ", "13/01/2023 11:00"],
        [],
        ["PRODUCT [PRODUCT]", None, product],
        ["FLOW", None, "EXPORT"],
        ["INDICATORS", None, measure],
        *more,
        [],
        ["TIME", "TIME", *months],
        ["FREQ (Labels)", "FREQ (Labels)", *["Monthly" if month else None for month in months]],
        ["REPORTER (Labels)", "PARTNER (Labels)"],
        *rows,
        [],
        ["Special value"],
        [":", "not available"],
        *legend,
    ]


def test_every_cell_of_a_data_row_is_a_record_with_its_place(tmp_path):
    path = book(tmp_path, {"Sheet 1": sheet(), "Sheet 2": sheet(product="Beer [2203]", rows=ROWS[1:])})
    made = decode("eurostat_workbook", path)
    assert recognise(path, path.name) == "eurostat_workbook"
    assert made.rows[0] == {
        "sheet": "Sheet 1",
        "cell": "C12",
        "extracted": "Data extracted on 18/01/2023 20:37:04 from [ESTAT]",
        "dataset": DATASET,
        "last_updated": "13/01/2023 11:00",
        "product": DRONES,
        "flow": "EXPORT",
        "indicator": "VALUE_IN_EUROS",
        "frequency": "Monthly",
        "period": "2022-11",
        "reporter": "Austria",
        "partner": "Armenia",
        "value": "12",
        "flag": "",
        "_unknown_columns": None,
        "_row_number": 1,
    }
    assert made.column("_row_number") == [1, 2, 3, 4, 5, 6]
    assert made.column("value") == ["12", ":", "0", "3.5", "0", "3.5"]
    assert made.column("period") == MONTHS * 3
    places = list(zip(made.column("sheet"), made.column("cell"), strict=True))
    assert places[1:] == [("Sheet 1", c) for c in ("D12", "C13", "D13")] + [
        ("Sheet 2", "C12"),
        ("Sheet 2", "D12"),
    ]
    assert (made.facts.rows_in, made.bad) == (6, [])
    read = openpyxl.load_workbook(path)
    assert [str(read[name][cell].value) for name, cell in places] == made.column("value")


def test_flags_stand_right_of_their_month(tmp_path):
    rows = [["Austria", "Armenia", 12, "p", ":", "c"], ["Austria", "Georgia", 5, None, 6]]
    path = book(tmp_path, {"Sheet 1": sheet(rows=rows, months=["2022-11", None, "2022-12", None])})
    made = decode("eurostat_workbook", path)
    assert made.column("value") == ["12", ":", "5", "6"]
    assert made.column("flag") == ["p", "c", "", ""]
    assert made.column("cell") == ["C12", "E12", "C13", "E13"]


def test_an_empty_cell_is_a_record_too(tmp_path):
    made = decode("eurostat_workbook", book(tmp_path, {"Sheet 1": sheet(rows=[["Austria", "Armenia", 1]])}))
    assert made.column("value") == ["1", ""]


def test_cells_without_a_partner_are_set_aside_one_by_one(tmp_path):
    rows = [*ROWS, ["Belgium", None, 7, ":"]]
    made = decode("eurostat_workbook", book(tmp_path, {"Sheet 1": sheet(rows=rows)}))
    assert [row["raw_text"] for row in made.bad] == [
        "Sheet 1\tC14\tBelgium\t\t7",
        "Sheet 1\tD14\tBelgium\t\t:",
    ]
    assert made.facts.rows_in == len(made.rows) + len(made.bad) == 6


def test_a_title_that_nobody_named_goes_with_every_cell(tmp_path):
    path = book(tmp_path, {"Sheet 1": sheet(more=[["STAT_PROCEDURE", None, "Normal"]])})
    assert set(decode("eurostat_workbook", path).column("_unknown_columns")) == {
        '{"STAT_PROCEDURE": "Normal"}'
    }


def without(row):
    return [cells for cells in sheet() if not (cells and str(cells[0]).startswith(row))]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (sheet(dataset="EU trade since 1999 by SITC [DS-018995]"), "is not in HS and CN codes"),
        (sheet(measure="QUANTITY_IN_100KG"), "holds QUANTITY_IN_100KG; only books of values in euro"),
        (sheet(legend=[["Malta", "Armenia", 5, 6]]), "row 17 has figures below the legend"),
        (without("PRODUCT"), "no title row for PRODUCT"),
        (without("Last updated"), "no title row for Last updated:"),
        (without("TIME"), "no row starts with TIME"),
        (without("REPORTER"), "no row starts with REPORTER"),
        (sheet(months=[None, None]), "no months"),
    ],
)
def test_sheets_that_cannot_be_read_for_sure_are_refused(tmp_path, rows, reason):
    path = book(tmp_path, {"Sheet 1": sheet(), "Sheet 2": rows})
    with pytest.raises(Refused, match=f"Sheet 2: .*{reason}"):
        decode("eurostat_workbook", path)


def test_a_book_of_front_sheets_only_is_not_ours(tmp_path):
    path = book(tmp_path, {})
    assert not adapter("eurostat_workbook").recognise(path, path.name)
    with pytest.raises(Refused, match="front sheets only"):
        decode("eurostat_workbook", path)


@pytest.mark.parametrize("dataset", ["GDP and main components [namq_10_gdp]", "Trade since 1988 by HS [x]"])
def test_other_books_of_the_data_browser_are_not_ours(tmp_path, dataset):
    path = book(tmp_path, {"Sheet 1": sheet(dataset=dataset)})
    assert not adapter("eurostat_workbook").recognise(path, path.name)


def test_text_is_not_ours_and_a_damaged_book_says_so(tmp_path):
    assert not adapter("eurostat_workbook").recognise(DATA / "gacc" / "minimal.csv", "minimal.csv")
    whole = book(tmp_path, {"Sheet 1": sheet()})
    damaged = tmp_path / "damaged.xlsx"
    damaged.write_bytes(whole.read_bytes()[:2000])
    with pytest.raises(ReadingError, match="damaged"):
        decode("eurostat_workbook", damaged)


def test_the_day_of_the_last_update_is_the_vintage_unless_the_user_says_another(tmp_path):
    path = book(tmp_path, {"Sheet 1": sheet()})
    complete = adapter("eurostat_workbook").complete
    assert complete(path, path.name, Manifest()).published == date(2023, 1, 13)
    assert complete(path, path.name, Manifest(published="2023-02-01")).published == date(2023, 2, 1)
    bare = book(tmp_path, {"Sheet 1": without("Last updated")}, "bare.xlsx")
    assert complete(bare, bare.name, Manifest()) == Manifest()


# Name, products, cells that hold a figure; every sheet has 189 rows of 36 months.
REAL = {
    "01_4624976_spreadsheet.xlsx": (109, 143_113),
    "11_4590263_spreadsheet.xlsx": (110, 60_957),
    "18_4623849_spreadsheet.xlsx": (110, 88_307),
    "19_4623968_spreadsheet.xlsx": (110, 36_667),
}
CONTROL = {
    ("8542", "Kyrgyzstan"): (43_849, 61_674, 1_682_167),
    ("8542", "Armenia"): (145_844, 422_703, 4_481_770),
    ("8542", RUSSIA): (560_461_801, 622_191_497, 119_388_632),
    ("8806", RUSSIA): (0, 0, 3_100_747),
    ("8806", "Kyrgyzstan"): (0, 0, 640_455),
    ("69149000", RUSSIA): (2_525_594, 3_435_010, 1_053_179),
}


def landed(path):
    """One real book as an Arrow table, and what the adapter stated of it."""
    chunks = list(adapter("eurostat_workbook").land(path, Manifest()))
    (facts,) = (chunk for chunk in chunks if isinstance(chunk, Facts))
    assert not any(isinstance(chunk, Quarantine) for chunk in chunks)
    return pa.Table.from_batches([chunk.batch for chunk in chunks if isinstance(chunk, Rows)]), facts


SUMS = """
    select regexp_extract(product, '[[]([0-9]+)[]]$', 1) as code, partner, left(period, 4) as year,
    sum(value::decimal(28, 6)) as eur, max(period) as newest
    from book where value <> ':' group by all
"""


def test_real_books_land_cell_by_cell_and_give_the_control_figures(real_data):
    sums, newest, levels = Counter(), dict.fromkeys(REAL, ""), set()
    for name, (products, figures) in REAL.items():
        path = real_data / "eurostat_workbook" / name
        book, facts = landed(path)
        assert facts.rows_in == book.num_rows == products * 189 * 36
        assert len(pc.unique(book["product"])) == products
        assert book.num_rows - pc.sum(pc.equal(book["value"], ":")).as_py() == figures
        with duckdb.connect() as db:
            db.register("book", book)
            for code, partner, year, eur, month in db.execute(SUMS).fetchall():
                # 8542 has no heading in any book, 8806 no national codes: nothing counts twice
                for goods in ("8542", "8806", "69149000"):
                    if code.startswith(goods):
                        sums[goods, partner, year] += eur
                        levels.add((goods, len(code)))
                newest[name] = max(newest[name], month)
        assert recognise(path, name) == "eurostat_workbook"
    years = ("2020", "2021", "2022")
    assert {key: tuple(sums[*key, year] for year in years) for key in CONTROL} == CONTROL
    assert levels == {("8542", 8), ("8806", 4), ("69149000", 8)}
    assert set(newest.values()) == {"2022-11"}
