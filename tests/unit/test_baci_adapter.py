"""BACI: cells land as published, and the file's name says edition and release.

Belongs here: header, name, manifest, real files. Does not belong here: what comes beside the data in a
release (test_companions), zeros and thousands (the staging model's unit tests), fetching (test_baci_pull).
"""

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from decoding import DATA, decode

from orchestration.manifest import Manifest, ManifestError, MissingOption
from orchestration.sources import adapter, load_source, recognise, source_codes
from orchestration.sources.contract import Refused

FILES = DATA / "baci"
CELLS = ["t", "i", "j", "k", "v", "q"]
FIRST, CORRECTED = "BACI_HS17_Y2020_V202201.csv", "BACI_HS22_Y2022_V202401b.csv"


def complete(name, **given):
    return adapter("baci").complete(FILES / FIRST, name, Manifest(**given))


def test_cells_land_as_published_with_edition_and_release():
    made = decode("baci", FILES / FIRST, layout="HS17_V202201")
    assert [[row[name] for name in CELLS] for row in made.rows] == [
        ["2020", "4", "842", "71120", "0.727", "        0.308"],
        ["2020", "4", "643", "854231", "12.5", "           NA"],
        ["2020", "710", "490", "999999", "1089.814", "     1200.000"],
    ]
    assert set(zip(made.column("edition"), made.column("release"), strict=True)) == {("HS17", "202201")}
    assert made.column("_row_number") == [2, 3, 4]
    assert (made.facts.rows_in, made.bad) == (3, [])


def test_records_that_do_not_fit_are_set_aside():
    made = decode("baci", FILES / CORRECTED, layout="HS22_V202401b")
    assert made.column("k") == ["880699"]
    assert made.column("release") == ["202401b"]
    assert [row["reason"] for row in made.bad] == ["4 fields where the header has 6", "repeated header"]
    assert made.facts.rows_in == len(made.rows) + len(made.bad)


@pytest.mark.parametrize(
    ("name", "layout", "published"),
    [
        ("BACI_HS17_Y2020_V202201.csv", "HS17_V202201", date(2022, 1, 1)),
        ("BACI_HS17_Y2020_V202201_AFG_ZAF.csv", "HS17_V202201", date(2022, 1, 1)),
        ("baci_hs92_y1995_v202401B.csv", "HS92_V202401b", date(2024, 1, 1)),
        ("BACI_HS22_Y2022_V202512-0a1b2c3d.csv", "HS22_V202512", date(2025, 12, 1)),
    ],
)
def test_the_name_says_edition_and_release(name, layout, published):
    known = complete(name)
    assert (known.layout, known.published, known.complete) == (layout, published, True)


def test_what_a_user_says_stands_where_the_name_says_nothing():
    known = complete("trade.csv", layout="HS17_V202401b", published=date(2024, 4, 9))
    assert (known.layout, known.published, known.complete) == ("HS17_V202401b", date(2024, 4, 9), True)
    with pytest.raises(MissingOption, match=r"trade\.csv: give --layout HS17_V202401b: edition and release"):
        complete("trade.csv")


@pytest.mark.parametrize("name", ["BACI_HS17_Y2020.csv", "BACI_HS17_Y2020_V2022011.csv", "HS17_V202201.csv"])
def test_half_a_name_is_none(name):
    with pytest.raises(MissingOption):
        complete(name)


@pytest.mark.parametrize(
    ("name", "given", "reason"),
    [
        (FIRST, "HS17_V202301", "layout HS17_V202301 given, but the file's name says HS17_V202201"),
        ("x.csv", "HS17", "'HS17' is not edition and release as in HS17_V202401b"),
        ("x.csv", "HS17_V202413", "'HS17_V202413' is not edition and release"),
        ("x.csv", "HS18_V202401", "no BACI edition HS18; there are: HS92, .* HS22"),
        ("BACI_HS18_Y2020_V202201.csv", None, "no BACI edition HS18"),
    ],
)
def test_what_cannot_be_is_refused(name, given, reason):
    with pytest.raises(ManifestError, match=reason):
        complete(name, layout=given)


def test_without_edition_and_release_nothing_lands():
    with pytest.raises(Refused, match="not named"):
        decode("baci", FILES / FIRST)


@pytest.mark.parametrize("header", ["t,i,j,k,v", "t,i,j,k,v,q,x", "t,i,j,v,q,v", "a,b,c,d,e,f", ""])
def test_another_header_is_not_baci(tmp_path, header):
    path = tmp_path / FIRST
    path.write_text(f"{header}\n2020,4,31,251512,27.82,169.800\n", encoding="utf-8")
    assert not adapter("baci").recognise(path, path.name)


def test_only_baci_recognises_its_files():
    for name in (FIRST, CORRECTED):
        assert [code for code in source_codes() if adapter(code).recognise(FILES / name, name)] == ["baci"]


def test_staging_knows_every_edition():
    model = (
        DATA.parents[1] / "dbt_project" / "models" / "staging" / "baci" / "stg_baci__trade_rows.sql"
    ).read_text(encoding="utf-8")
    for short, edition in load_source("baci").details["editions"].items():
        assert f"when '{short}' then '{edition}'" in model


def test_the_real_year_lands_cell_by_cell_and_adds_up(real_data):
    path = real_data / "baci" / "BACI_HS17_Y2020_V202201_AFG_ZAF.csv"
    assert recognise(path, path.name) == "baci"
    known = adapter("baci").complete(path, path.name, Manifest())
    made = decode("baci", path, layout=known.layout)
    with path.open(encoding="utf-8", newline="") as file:
        records = list(csv.reader(file))[1:]
    assert [[row[name] for name in CELLS] for row in made.rows] == records
    assert made.bad == []
    count, total = defaultdict(int), defaultdict(Decimal)
    for row in made.rows:
        count[row["i"]] += 1
        total[row["i"]] += Decimal(row["v"])
    assert count == {"4": 2331, "710": 68_589}
    assert total == {"4": Decimal("1089594.814"), "710": Decimal("45435880.853")}
    assert sum(len(row["k"]) == 5 for row in made.rows) == 5040


def test_every_country_of_the_real_list_has_its_row_and_comtrades_meaning(real_data):
    folder = DATA.parents[1] / "orchestration" / "sources"
    codes = {}
    for source in ("baci", "comtrade"):
        with (folder / source / "countries.csv").open(encoding="utf-8", newline="") as file:
            codes[source] = {row["code"]: row["iso2"] for row in csv.DictReader(file)}
    path = real_data / "baci" / "country_codes_V202201.csv"
    with path.open(encoding="latin-1", newline="") as file:
        listed = {row["country_code"] for row in csv.DictReader(file)}
    assert listed - set(codes["baci"]) == set()
    assert codes["baci"].items() <= codes["comtrade"].items()
    traps = {"842": "US", "699": "IN", "757": "CH", "251": "FR", "579": "NO", "490": "TW", "380": "IT"}
    assert traps.items() <= codes["baci"].items()
