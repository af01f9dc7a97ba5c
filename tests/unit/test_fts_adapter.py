"""Russia's open statistics: every edition lands under the same columns, and says what it covers.

Belongs here: layouts, what the manifest must say, real files. Does not belong here: typing and spans (dbt
unit tests), countries and units (test_reference_tables).
"""

import shutil
from collections import Counter
from decimal import Decimal

import pytest
from decoding import DATA, decode

from orchestration.manifest import Manifest, ManifestError, MissingOption
from orchestration.sources import adapter, load_source, recognise
from orchestration.sources.contract import Refused

FILES = DATA / "fts"
LAYOUTS = {
    "russian_tabs.csv": "header, utf-8",
    "russian_cp1251.csv": "header, cp1251",
    "english_commas.csv": "header, utf-8",
    "2021-01.csv": "header, utf-8",
    "dbase_header.csv": "header, utf-8",
}
HEADER = "NAPR,PERIOD,STRANA,TNVED,EDIZM,STOIM,NETTO,KOL,REGION,REGION_S"


def complete(path, **fields):
    return adapter("fts").complete(path, path.name, Manifest(**fields))


def save(folder, rows, name="x.csv"):
    path = folder / name
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_edition_is_recognised_and_whole(name):
    made = decode("fts", FILES / name)
    assert recognise(FILES / name, name) == "fts"
    assert made.facts.layout == LAYOUTS[name]
    assert made.facts.rows_in == len(made.rows) + len(made.bad)
    assert {row["_unknown_columns"] for row in made.rows} == {None}
    assert {(row["value_currency"], row["value_scale"]) for row in made.rows} == {("USD", "1")}


def test_cells_stay_as_published():
    made = decode("fts", FILES / "russian_tabs.csv")
    first, masked = made.rows
    assert (first["direction"], first["period"], first["partner_code"]) == ("ИМ", "01/2021", "CN")
    assert (first["commodity_code"], first["value"], first["net_weight"]) == ("8525801900", "1234,5", "12,5")
    assert (first["region"], first["district"]) == ("45000 - Г.МОСКВА", "01-ЦЕНТРАЛЬНЫЙ")
    assert masked["commodity_code"] == "XXXXXXXXXX"
    assert [row["reason"] for row in made.bad] == ["total row"]
    (other,) = decode("fts", FILES / "russian_cp1251.csv").rows
    assert (other["direction"], other["partner_code"], other["commodity_code"]) == ("ИМ", "AB", "0909220000")
    assert (other["unit"], other["region"]) == ("1000 ШТ", None)
    english = decode("fts", FILES / "english_commas.csv")
    assert english.column("unit") == ["PCE  NMB", "MTQ"]
    assert english.column("region")[0] == "45000 - MOSCOW, THE CAPITAL"


def test_dbase_headers_are_names_whatever_the_delimiter(tmp_path):
    made = decode("fts", FILES / "dbase_header.csv")
    assert made.column("value") == ["70", "80"]
    tabs = tmp_path / "x.csv"
    names = [
        "NAPR,C,2",
        "PERIOD,C,4",
        "STRANA,C,3",
        "TNVED,C,10",
        "EDIZM,C,20",
        "STOIM,N,22,0",
        "NETTO,N,22,0",
    ]
    cells = ["ИМ", "2017", "TR", "6403999800", "ПАР", "70", "5", "6"]
    tabs.write_text("\t".join([*names, "KOL,N,22,0"]) + "\n" + "\t".join(cells) + "\n", encoding="utf-8")
    assert decode("fts", tabs).column("value") == ["70"]


def test_a_file_that_lost_its_letters_is_refused_by_the_fault():
    path = FILES / "lost_letters.csv"
    assert complete(path) == Manifest()  # nothing is asked of what cannot land
    with pytest.raises(Refused, match=r"5 characters had been replaced by U\+FFFD"):
        decode("fts", path)


def test_another_header_is_refused():
    with pytest.raises(
        Refused, match="the first line is no header of this source: commodity_code, direction"
    ):
        decode("fts", DATA / "gacc" / "minimal.csv")


def test_a_file_without_regions_must_be_told_its_area():
    path = FILES / "russian_cp1251.csv"
    with pytest.raises(MissingOption, match=r"give --area NAME\|national") as asked:
        complete(path)
    assert asked.value.option == "--area NAME|national"
    assert complete(path, area="national").area == "national"
    assert complete(path, area="Adygea").area == "Adygea"


def test_a_file_of_one_region_is_that_regions():
    path = FILES / "dbase_header.csv"
    assert complete(path).area == "79000 - АДЫГЕЯ"
    assert complete(path, area="Adygea").area == "Adygea"
    with pytest.raises(ManifestError, match="--area national given, but every row is of 79000"):
        complete(path, area="national")


def test_a_file_of_many_regions_is_national_unless_it_is_told_otherwise():
    path = FILES / "english_commas.csv"
    assert complete(path).area == "national"
    assert complete(path, area="European part").area == "European part"


def test_one_region_and_gaps_prove_nothing(tmp_path):
    path = save(tmp_path, ["ИМ,2017,TR,6403999800,,1,1,0,79000 - X,03", "ИМ,2017,TR,6403999801,,1,1,0,,"])
    with pytest.raises(MissingOption, match="no column says of every row which region"):
        complete(path)


@pytest.mark.parametrize(
    ("name", "year", "period"),
    [
        ("2021-01.csv", "2021", "2021-01"),
        ("fts_202101_all.csv", "2021", "2021-01"),
        ("DATTSVT_01_2021.csv", "2021", "2021-01"),
        ("2021-01.csv", "2020", None),  # the name is of another year
        ("taken 2021-01-15.csv", "2021", None),  # a day, not a month
        ("2021-13.csv", "2021", None),
        ("2021.csv", "2021", None),
    ],
)
def test_the_month_may_stand_in_the_name(tmp_path, name, year, period):
    path = tmp_path / name
    text = (FILES / "2021-01.csv").read_text(encoding="utf-8")
    path.write_text(text.replace(",2021,", f",{year},"), encoding="utf-8")
    assert complete(path, area="national").period == period


def test_months_in_the_rows_go_before_the_name(tmp_path):
    path = tmp_path / "2021-05.csv"
    shutil.copy(FILES / "russian_tabs.csv", path)
    assert complete(path).period is None
    assert complete(path, period="2021-01").period == "2021-01"


def test_rows_without_a_period_must_be_told_it(tmp_path):
    path = save(tmp_path, ["ИМ,,TR,6403999800,,1,1,0,79000 - X,03"])
    with pytest.raises(MissingOption, match="give --period YYYY-MM"):
        complete(path)
    assert complete(path, period="2021-01").period == "2021-01"


def whole(chapters=90, partners=100, regions=70, directions=2, period="01/2021"):
    for n in range(max(chapters, partners, regions)):
        chapter, partner, region = n % chapters + 1, f"P{n % partners}", n % regions
        side = ("ИМ", "ЭК")[n % directions]
        yield f"{side},{period},{partner},{chapter:02}01000000,,1,1,0,{region} - X,01"


def test_a_whole_month_of_the_country_is_complete(tmp_path):
    assert complete(save(tmp_path, whole())).complete
    assert complete(save(tmp_path, whole(period="2021"), "2021-01.csv")).complete


@pytest.mark.parametrize(
    "selection",
    [{"chapters": 89}, {"partners": 99}, {"regions": 69}, {"directions": 1}, {"period": "2021"}],
)
def test_a_selection_is_not_complete_unless_it_is_said_to_be(tmp_path, selection):
    path = save(tmp_path, whole(**selection))
    assert not complete(path).complete
    assert complete(path, complete=True).complete


def test_the_unit_of_the_values_is_a_setting_with_its_evidence():
    values = load_source("fts").details["values"]
    assert (values["currency"], values["scale"]) == ("USD", 1)
    assert "4.79 bn" in values["evidence"]
    assert adapter("fts").VERSION.endswith("-USD-1")  # another setting lands every file anew


def test_the_real_region_adds_up(real_data):
    path = real_data / "fts_open" / "fts_adygea_clean.csv"
    rows = decode("fts", path, area="Adygea").rows
    sums = Counter()
    for row in rows:
        sums[row["direction"]] += Decimal(row["value"])
        if row["partner_code"] == "CN" and row["direction"] == "ИМ":
            sums["from China"] += Decimal(row["value"])
    assert len(rows) == 4_891
    assert sums == {"ИМ": 181_960_024, "ЭК": 116_320_176, "from China": 44_237_524}
    with pytest.raises(MissingOption, match="--area"):
        complete(path)


def test_the_real_damaged_twin_is_refused(real_data):
    path = real_data / "fts_open" / "fts_adygea_damaged.csv"
    assert recognise(path, path.name) == "fts"
    with pytest.raises(Refused, match=r"223,187 characters had been replaced by U\+FFFD"):
        decode("fts", path)


def test_the_real_english_sample_lands(real_data):
    path = real_data / "fts_open" / "fts_2015_01_sample_en.csv"
    rows = decode("fts", path).rows
    assert [row["direction"] for row in rows].count("IMP") == 5
    assert sum(Decimal(row["value"]) for row in rows) == 1_578_916
    known = complete(path)
    assert (known.area, known.period, known.complete) == ("national", None, False)
