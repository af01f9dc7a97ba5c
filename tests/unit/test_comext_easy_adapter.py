"""Easy Comext exports: cells land as published; what the page cannot have written is refused.

Belongs here: headers, encodings, refusals, the day in the name, real files. Does not belong here: what
labels, codes and periods mean (the unit tests of staging), the raw gate.
"""

import csv
import io
from collections import Counter
from datetime import date
from decimal import Decimal

import duckdb
import pytest
from decoding import decode

from orchestration.manifest import Manifest
from orchestration.sources import FOLDER, adapter, load_source, recognise
from orchestration.sources.contract import Refused

HEADER = ["REPORTER", "PARTNER", "PRODUCT", "FLOW", "STAT_PROCEDURE", "PERIOD", "VALUE_IN_EUR"]
COLUMNS = load_source("comext_easy").columns[:7]
LABELS = ["Germany (incl. 'DD' from 1991)", "Kyrgyzstan", "Total", "EXPORT", "Total", "Feb. 2019", "64"]
BOTH = ["DE-Germany", "KG-Kyrgyzstan", "85423190-Chips", "2-EXPORT", "T-Total", "201952-Jan.-Dec. 2019", "7"]
FRENCH = ["Union européenne - 27 pays (AT, BE)", "Kirghizistan", "Total", "EXPORTATION", "Total"]
FRENCH += ["janv. 2019", "5"]


def save(folder, records, encoding="utf-8", end="\r\n", quoting=csv.QUOTE_ALL, name="x.csv"):
    out = io.StringIO()
    csv.writer(out, quoting=quoting, lineterminator=end).writerows(records)
    path = folder / name
    path.write_bytes(out.getvalue().encode(encoding))
    return path


@pytest.mark.parametrize("record", [LABELS, BOTH, FRENCH])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize(("end", "quoting"), [("\r\n", csv.QUOTE_ALL), ("\n", csv.QUOTE_MINIMAL)])
def test_every_cell_lands_as_published(tmp_path, record, encoding, end, quoting):
    path = save(tmp_path, [HEADER, record], encoding, end, quoting)
    made = decode("comext_easy", path)
    assert recognise(path, path.name) == "comext_easy"
    assert [made.rows[0][name] for name in COLUMNS] == record
    assert made.rows[0]["_unknown_columns"] is None
    assert (made.facts.rows_in, made.column("_row_number"), made.bad) == (1, [2], [])


def test_columns_in_any_order_with_weights_and_one_that_nobody_named(tmp_path):
    header = ["VALUE_IN_EUROS", "QUANTITY_IN_100KG", *HEADER[:6], "TRANSPORT"]
    (row,) = decode("comext_easy", save(tmp_path, [header, ["64", "3.5", *LABELS[:6], "Sea"]])).rows
    assert (row["value_eur"], row["quantity_100kg"], row["reporter"]) == ("64", "3.5", LABELS[0])
    assert row["_unknown_columns"] == '{"TRANSPORT": "Sea"}'


def test_a_short_line_and_a_repeated_header_are_set_aside(tmp_path):
    made = decode("comext_easy", save(tmp_path, [HEADER, LABELS, LABELS[:5], HEADER]))
    assert [row["reason"] for row in made.bad] == ["5 fields where the header has 7", "repeated header"]
    assert made.facts.rows_in == len(made.rows) + len(made.bad) == 3


@pytest.mark.parametrize(
    ("place", "cell", "reason"),
    [
        (5, "Y2019", "PERIOD 'Y2019' is none that Easy Comext writes"),
        (5, "201913", "PERIOD '201913' is none"),
        (5, "2019", "PERIOD '2019' is none"),
        (2, "Electronic integrated circuits", "is a label without its code"),
        (2, "776-THERMIONIC VALVES", "code 776 has an odd number of digits: SITC"),
        (2, "7", "code 7 has an odd number of digits: SITC"),
    ],
)
def test_what_the_page_never_writes_is_refused(tmp_path, place, cell, reason):
    record = [*LABELS[:place], cell, *LABELS[place + 1 :]]
    with pytest.raises(Refused, match=reason):
        decode("comext_easy", save(tmp_path, [HEADER, LABELS, record]))


@pytest.mark.parametrize(
    ("place", "cell"),
    [
        (2, "TOTAL"),
        (2, "85"),
        (2, "39XXXXXX-Secret"),
        (2, "XXXXXXXX"),
        (2, "8542-ELECTRONIC CIRCUITS (incl. parts)"),
        (5, "201902"),
        (5, "May. 2019"),
        (5, "déc. 2020"),
        (5, "Jan.-Aug. 2024"),
        (5, "201908-Aug. 2019"),
    ],
)
def test_what_the_page_does_write_lands(tmp_path, place, cell):
    record = [*LABELS[:place], cell, *LABELS[place + 1 :]]
    made = decode("comext_easy", save(tmp_path, [HEADER, record]))
    assert made.column(COLUMNS[place]) == [cell]


def test_a_header_without_a_value_and_lost_characters_are_refused(tmp_path):
    with pytest.raises(Refused, match="no column with the value in euro"):
        decode("comext_easy", save(tmp_path, [HEADER[:6], LABELS[:6]]))
    with pytest.raises(Refused, match="1 characters had been replaced"):
        decode("comext_easy", save(tmp_path, [HEADER, ["C\ufffdte", *LABELS[1:]]]))


def test_bulk_files_of_comext_are_not_taken(tmp_path):
    header = [
        "REPORTER",
        "PARTNER",
        "TRADE_TYPE",
        "PRODUCT_NC",
        "FLOW",
        "STAT_PROCEDURE",
        "PERIOD",
        "VALUE_EUR",
    ]
    path = save(tmp_path, [header, ["AT", "AD", "E", "85423190", "2", "1", "202402", "5"]])
    assert not adapter("comext_easy").recognise(path, path.name)


def test_the_day_in_the_name_is_the_vintage_unless_the_user_says_another(tmp_path):
    path = save(tmp_path, [HEADER, LABELS])
    complete = adapter("comext_easy").complete
    name = "Relational_View_2024-11-16T05_46_58.864Z.csv"
    assert complete(path, name, Manifest()).published == date(2024, 11, 16)
    assert complete(path, name, Manifest(published="2024-10-01")).published == date(2024, 10, 1)
    assert complete(path, "x.csv", Manifest()) == Manifest()


@pytest.mark.parametrize(
    ("cell", "place"),
    [
        ("Germany (incl. German Democratic Republic 'DD' from 1991)", "DE"),
        ("France (incl. Saint Barthélemy 'BL' -> 2012; incl. Mayotte 'YT' from 2014)", "FR"),
        ("Euro area (AT-01/1999, BE-01/1999)", "E2"),
        ("Euro area - 20 countries (AT, BE)", "E4"),
        ("European Union (AT-01/1995, GB-01/1973->01/2020)", "G1"),
        ("European Union - 27 countries (AT, BE)", "E1"),
        ("Union européenne - 27 pays (AT, BE)", "E1"),
        ("EU27_2020-European Union - 27 countries (AT, BE)", "E1"),
        ("EU27_2020_EXTRA", "E5"),
        ("Extra-EU27 (from 2020)", "E5"),
        ("XS-Serbia", "RS"),
        ("Serbie", "RS"),
        ("Guinea-Bissau", "GW"),
        ("Russian Federation (Russia)", "RU"),
        ("Ireland (Eire)", "IE"),
        ("Korea, Democratic People’s Republic of (North Korea)", "KP"),
        ("Korea, Republic of (South Korea)", "KR"),
        ("Congo, Democratic Republic of", "CD"),
        ("Congo", "CG"),
        ("Atlantis", None),
    ],
)
def test_the_expression_of_the_gate_finds_each_place(cell, place):
    assert places("comext_easy", [cell]) == {cell: place}


def places(source, cells):
    """What the source's own SQL and its countries.csv make of cells."""
    expression = load_source(source).flows.country_columns.reporter
    listed = FOLDER / source / "countries.csv"
    with duckdb.connect() as db:
        found = db.execute(
            f"select reporter, c.iso2 from (select unnest(?) as reporter) r"
            f" left join read_csv(?, all_varchar=true, nullstr='') c on c.code = {expression}",
            [cells, str(listed)],
        ).fetchall()
    return dict(found)


def test_every_spelling_of_a_place_has_one_country():
    """Spellings meet under one label in staging, so a label must never stand for two countries."""
    with (FOLDER / "comext_easy" / "countries.csv").open(encoding="utf-8", newline="") as file:
        pairs = {(row["label"], row["iso2"]) for row in csv.DictReader(file)}
    assert len({label for label, _ in pairs}) == len(pairs) > 250


def real_files(real_data):
    return sorted((real_data / "eurostat_easy").glob("*/*.csv"))


def test_real_files_of_every_folder_land_cell_by_cell(real_data):
    rows, folders = Counter(), Counter()
    sums = Counter()
    cells = set()
    for path in real_files(real_data):
        header, *records = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
        made = decode("comext_easy", path)
        assert header == HEADER
        assert [[row[name] for name in COLUMNS] for row in made.rows] == records
        assert (made.facts.rows_in, made.bad) == (len(records), [])
        assert recognise(path, path.name) == "comext_easy"
        folders[path.parent.name] += 1
        rows[path.parent.name] += len(records)
        for record in records:
            cells |= set(record[:2])
            sums[record[0].split(" (")[0]] += Decimal(record[6])
    assert set(folders.values()) == {68}
    assert rows == {
        "kazakhstan_export_eurostat": 2089,
        "kyrgyz_export_eurostat": 1988,
        "russia_export_eurostat": 2101,
    }
    found = places("comext_easy", sorted(cells))
    assert None not in found.values()
    assert {found[cell] for cell in cells if "uro" in cell} == {"E1", "E2", "E4", "G1"}
    # What would be counted twice: the 27 members add up to the row of their sum.
    sets = {"European Union", "European Union - 27 countries", "Euro area", "Euro area - 20 countries"}
    members = sum(value for name, value in sums.items() if name not in sets | {"United Kingdom"})
    assert members == sums["European Union - 27 countries"]
