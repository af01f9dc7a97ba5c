"""The US Census Bureau's answers: columns that come twice, both directions, what is refused.

Belongs here: recognising, completing and landing such a file, its country codes. Does not belong here:
pulling (test_census_pull), totals and groups (the models' own tests).
"""

import csv

import pytest
from decoding import DATA, decode

from orchestration import sources
from orchestration.manifest import Manifest, ManifestError
from orchestration.sources import adapter, load_source, recognise
from orchestration.sources.contract import Refused

FILES = DATA / "census"


def answer(name):
    return FILES / name


def test_repeated_predicates_are_one_column_and_codes_keep_their_zero():
    done = decode("census", answer("exports_hs6.json"))
    assert done.column("CTY_CODE") == ["4621"] * 3
    assert done.column("E_COMMODITY") == ["854231", "020110", "854231"]
    assert done.column("ALL_VAL_MO") == ["12005", "7", "900"]
    assert [row["I_COMMODITY"] for row in done.rows] == [None] * 3
    assert {row["_unknown_columns"] for row in done.rows} == {None}
    assert done.column("_row_number") == [2, 3, 4]
    assert (done.facts.layout, done.facts.rows_in) == ("exports, json", 3)


def test_imports_keep_both_values_totals_and_groups():
    done = decode("census", answer("imports_hs10.json"))
    assert done.column("CTY_CODE") == ["-", "5700", "4XXX", "5700"]
    assert done.column("GEN_VAL_MO")[-1] == "1234.50"
    assert done.column("CON_VAL_MO") == ["880000", "590000", "100000", None]
    assert done.facts.layout == "imports, json"


def test_a_column_that_says_two_things_is_refused():
    with pytest.raises(Refused, match=r"row 3 has the column CTY_CODE twice with two values: .*4622.*4621"):
        decode("census", answer("two_values_exports.json"))


def test_what_cannot_be_split_is_set_aside_and_new_fields_are_named():
    done = decode("census", answer("damaged_exports.json"))
    assert done.facts.rows_in == len(done.rows) + len(done.bad) == 3
    assert done.rows[0]["_unknown_columns"] == '{"NEW_FIELD": "x"}'
    assert [(row["_row_number"], row["reason"]) for row in done.bad] == [
        (3, "repeated header"),
        (4, "4 cells where the header has 5"),
    ]
    assert done.bad[1]["raw_text"] == '["4621","854231","5","2021-03"]'


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("cut_short_exports.json", "not a whole answer of the API: .*ends too early|broken JSON"),
        ("consumption_only_imports.json", "does not name CTY_CODE, time and .*GEN_VAL_MO"),
        ("saved_page.json", "not a whole answer of the API"),
    ],
)
def test_what_is_no_whole_answer_is_refused(name, reason):
    with pytest.raises(Refused, match=reason):
        decode("census", answer(name))


@pytest.mark.parametrize("name", ["exports_hs6.json", "imports_hs10.json", "consumption_only_imports.json"])
def test_the_header_tells_the_source(name):
    assert recognise(answer(name), name) == "census"


@pytest.mark.parametrize("path", [answer("naics_exports.json"), answer("saved_page.json")])
def test_other_answers_are_not_recognised(path):
    assert not adapter("census").recognise(path, path.name)
    assert not adapter("census").recognise(DATA / "comtrade" / "api_answer.json", "answer.json")


def test_the_header_tells_the_direction_and_contradictions_are_said():
    complete = adapter("census").complete
    exports, imports = answer("exports_hs6.json"), answer("imports_hs10.json")
    assert complete(exports, exports.name, Manifest()).direction == "export"
    assert complete(imports, imports.name, Manifest(direction="import")).direction == "import"
    with pytest.raises(ManifestError, match="direction export given, but the file holds imports"):
        complete(imports, imports.name, Manifest(direction="export"))


def test_groups_of_countries_and_their_total_are_no_countries():
    with (sources.FOLDER / "census" / "countries.csv").open(encoding="utf-8", newline="") as stream:
        codes = {row["code"]: row["iso2"] for row in csv.DictReader(stream)}
    with (sources.FOLDER.parents[1] / "dbt_project/seeds/countries.csv").open(encoding="utf-8") as stream:
        kinds = {row["iso2"]: row["kind"] for row in csv.DictReader(stream)}
    for code, iso2 in codes.items():
        is_sum = code.startswith("00") or code.endswith("XXX")
        assert (kinds[iso2] == "group") == is_sum, code
    assert kinds[codes["-"]] == "world"
    easy_to_get_wrong = {"4621": "RU", "5700": "CN", "4635": "KG", "1000": "US", "5082": "PS", "5083": "PS"}
    assert {code: codes[code] for code in easy_to_get_wrong} == easy_to_get_wrong


def test_every_column_asked_for_has_a_place():
    spec = load_source("census")
    for fields in spec.pull["fields"].values():
        assert set(fields) <= set(spec.columns)
