"""Comext months and extracts: archives stay as published, both headers land alike, repeats are refused.

Belongs here: the adapter, its country codes, real files. Does not belong here: hostile archives in general
(test_reading_sevenzip), what masks and procedures mean (dbt unit tests), asking Eurostat.
"""

import csv
from collections import Counter
from decimal import Decimal
from types import SimpleNamespace

import py7zr
import pytest
from decoding import DATA, decode

from orchestration import collect, landing
from orchestration.ledger import Ledger
from orchestration.manifest import Manifest, ManifestError
from orchestration.reading import ReadingError
from orchestration.reading.unpack import UnsafeArchive
from orchestration.settings import Settings
from orchestration.sources import FOLDER, adapter, load_source, recognise
from orchestration.sources.contract import Refused

FILES = DATA / "comext"
EXTRACT = FILES / "extract.csv"
comext = adapter("comext")


def pack(path, name="full_202302.dat", body=None, **how):
    with py7zr.SevenZipFile(path, "w", **how) as archive:
        archive.writestr(EXTRACT.read_bytes() if body is None else body, name)
    return path


@pytest.fixture
def place(tmp_path):
    settings = Settings(data=tmp_path / "data")
    settings.prepare()
    ledger = Ledger(settings.ledger_path)

    def run(path, **given):
        placed = collect.place(settings, ledger, path, Manifest(**given))
        (entry,) = collect.collect(settings, ledger)
        return SimpleNamespace(settings=settings, ledger=ledger, placed=placed, entry=entry)

    return run


def test_a_record_lands_cell_by_cell():
    made = decode("comext", EXTRACT)
    assert made.rows[0] | {"_row_number": 2} == {
        "reporter": "DE", "partner": "KZ", "trade_type": "E", "product_nc": "88062110",
        "product_sitc": "79211",
        "product_cpa21": "3030", "product_cpa22": "3030", "product_bec": "610", "product_bec5": "111110",
        "product_section": "17", "flow": "2", "stat_procedure": "1", "suppl_unit": "p/st", "period": "202302",
        "value_eur": "1200", "value_nac": "1200", "quantity_kg": "3", "quantity_suppl_unit": "4",
        "reporter_number": None, "partner_number": None, "product_cpa2002": None, "product_cpa2008": None,
        "_unknown_columns": None, "_row_number": 2,
    }  # fmt: skip
    assert made.column("product_nc") == ["88062110", "88062110", "88XXXXXX", "01012100", "85423190"]
    assert made.column("_row_number") == [2, 3, 4, 5, 6]
    assert (made.bad, made.facts.layout, made.facts.rows_in) == ([], "header, utf-8", 5)


def test_the_older_header_lands_under_the_same_names():
    made = decode("comext", FILES / "older_header.csv")
    row = {name: cell for name, cell in made.rows[0].items() if cell is not None}
    assert row.items() >= {
        "reporter": "DE", "reporter_number": "004", "partner": "KZ", "partner_number": "0079", "flow": "2",
        "stat_procedure": "1", "suppl_unit": "p/st", "value_eur": "900", "quantity_kg": "2",
        "quantity_suppl_unit": "3", "product_cpa2002": "3220",
        "product_cpa2008": "2630", "product_cpa21": "2630",
    }.items()  # fmt: skip
    assert made.facts.layout == "older header, utf-8"


def test_a_column_nobody_named_is_kept_as_unknown(tmp_path):
    path = tmp_path / "x.csv"
    lines = EXTRACT.read_text().splitlines()
    path.write_text(f"{lines[0]},PRODUCT_NEW\n{lines[1]},abc\n")
    assert decode("comext", path).column("_unknown_columns") == ['{"PRODUCT_NEW": "abc"}']


def test_misfits_go_to_quarantine_and_the_rest_lands():
    made = decode("comext", FILES / "damaged.csv")
    assert {row["_row_number"]: row["reason"] for row in made.bad} == {
        3: "4 fields where the header has 18",
        4: "repeated header",
    }
    assert made.column("value_eur") == ["1200", "1,5"]
    assert made.facts.rows_in == 4


@pytest.mark.parametrize("name", ["full_202302.dat", "renamed.txt"])
def test_an_archive_lands_as_the_table_in_it_and_stays_as_published(tmp_path, place, name):
    path = pack(tmp_path / "full_v2_202302.7z", name)
    assert recognise(path, path.name) == "comext"
    done = place(path)
    archived = done.settings.archive / done.entry.archived_path
    assert (archived.suffix, archived.read_bytes()) == (".7z", path.read_bytes())
    (result,) = landing.land_pending(done.settings, done.ledger, "comext")
    assert (result.state, result.rows_landed) == ("landed", 5)
    assert decode("comext", path) == decode("comext", EXTRACT)


@pytest.mark.parametrize(
    ("name", "inside", "complete"),
    [
        ("full_v2_202302.7z", "full_202302.dat", True),
        ("download.7z", "full_202302.dat", True),
        ("download.7z", "some.csv", False),
        ("full_202302.dat", None, True),
        ("comext_at_ad_202302_sample.csv", None, False),
        ("FULL202302.7Z", "full202302.dat", True),
    ],
)
def test_the_publishers_own_month_is_complete_and_an_extract_is_not(tmp_path, name, inside, complete):
    path = tmp_path / name
    pack(path, inside) if inside else path.write_bytes(EXTRACT.read_bytes())
    known = comext.complete(path, name, Manifest())
    assert (known.complete, known.period) == ((True, "2023-02") if complete else (False, None))
    assert comext.complete(path, name, Manifest(complete=True)).complete is True


def test_another_period_than_the_name_says_is_refused(tmp_path):
    path = pack(tmp_path / "full_v2_202302.7z")
    with pytest.raises(ManifestError, match="period 2023-03 given, but the name says 2023-02"):
        comext.complete(path, path.name, Manifest(period="2023-03"))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("full_v2_202352.7z", "a whole year repeats"),
        ("full_partxixu_v2_202302.7z", "the United Kingdom in two parts repeats"),
        ("fullxixu202302.7z", "the United Kingdom in two parts repeats"),
        ("full_v2_202313.7z", "says no month"),
    ],
)
def test_files_that_repeat_the_months_are_refused(tmp_path, name, why):
    path = pack(tmp_path / name)
    with pytest.raises(ManifestError, match=why):
        comext.complete(path, name, Manifest())
    renamed = pack(tmp_path / "x.7z", name.replace(".7z", ".dat"))
    with pytest.raises(ManifestError, match=why):
        comext.complete(renamed, "x.7z", Manifest())


def test_a_whole_year_under_any_name_is_refused():
    with pytest.raises(Refused, match="whole years repeat"):
        decode("comext", FILES / "whole_year.csv")


@pytest.mark.parametrize("name", ["../full_202302.dat", "/tmp/full_202302.dat"])  # noqa: S108
def test_a_hostile_archive_is_not_taken(tmp_path, place, name):
    path = tmp_path / "full_v2_202302.7z"
    with py7zr.SevenZipFile(path, "w") as archive:
        archive.writestr(EXTRACT.read_bytes(), "x")
        archive.header.files_info.files[-1]["filename"] = name
    assert recognise(path, path.name) is None
    with pytest.raises(ReadingError, match="has "):
        decode("comext", path)


def test_an_encrypted_or_nested_archive_is_refused_when_it_lands(tmp_path):
    path = pack(tmp_path / "full_v2_202302.7z", password="word")  # noqa: S106
    with pytest.raises(UnsafeArchive, match="encrypted"):
        decode("comext", path)
    inner = pack(tmp_path / "inner.7z").read_bytes()
    with pytest.raises(UnsafeArchive, match="archive itself"):
        decode("comext", pack(tmp_path / "outer.7z", body=inner))


@pytest.mark.parametrize("text", ["REPORTER,PARTNER,PRODUCT,FLOW,PERIOD,VALUE_IN_EUR\n", "", "x\n", "<html>"])
def test_another_table_is_not_comext(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text)
    assert comext.recognise(path, path.name) is False
    with pytest.raises(Refused, match="no Comext header"):
        decode("comext", path)


def countries():
    with (FOLDER / "comext" / "countries.csv").open(encoding="utf-8") as stream:
        return {row["code"]: row["iso2"] for row in csv.DictReader(stream)}


def test_private_codes_are_read_as_what_they_are():
    codes = countries()
    expected = {
        "XI": "GB",
        "XU": "GB",
        "XC": "ES",
        "XL": "ES",
        "XS": "RS",
        "XK": "XK",
        "QZ": "N1",
        "QR": "N2",
    }
    expected |= {"QU": "N5", "QP": "N1", "CS_OLD": "F1", "CS": "CS", "BE_OLD": "F3", "GR": "GR", "TW": "TW"}
    assert {code: codes[code] for code in expected} == expected


def test_every_code_of_the_publishers_list_is_known(real_data):
    lines = (real_data / "comext" / "PROCESSED.txt").read_text(encoding="utf-8").splitlines()
    listed = {
        line.split("\t")[0].strip() for line in lines if line.startswith("  ") and line.count("\t") == 3
    }
    assert len(listed) > 250
    assert listed - set(countries()) == set()


def test_the_real_sample_lands_whole_and_keeps_its_value_by_chapter(real_data):
    path = real_data / "comext" / "comext_at_ad_202402_sample.csv"
    assert recognise(path, path.name) == "comext"
    assert comext.complete(path, path.name, Manifest()).complete is False
    made = decode("comext", path)
    by_chapter = Counter()
    for row in made.rows:
        by_chapter[row["product_nc"][:2]] += Decimal(row["value_eur"])
    assert (len(made.rows), made.bad, sum(by_chapter.values())) == (13, [], 7713)
    assert by_chapter == {"35": 65, "38": 2856, "39": 3141, "40": 1651}
    assert [row["product_nc"] for row in made.rows if "X" in row["product_nc"]] == ["39XXXXXX"]


def test_editions_hold_for_every_reporter():
    rules = load_source("comext").flows.hs_editions
    assert [(rule.reporter, rule.start, rule.edition) for rule in rules] == [
        ("*", f"{year}-01-01", f"HS{year}") for year in (2007, 2012, 2017, 2022)
    ]
