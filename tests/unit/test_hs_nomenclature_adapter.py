"""Lists of HS codes: both layouts land alike, and the edition comes from the name or from the user.

Belongs here: recognising and landing such a file. Does not belong here: which file of an edition counts (the
model's own tests), fetching (test_reference_pull), the gates (test_reference_gates).
"""

import pytest
from decoding import DATA, decode

from orchestration.manifest import Manifest, ManifestError, MissingOption
from orchestration.reading import ReadingError
from orchestration.sources import adapter, recognise
from orchestration.sources.contract import Refused
from orchestration.sources.hs_nomenclature.adapter import edition_in

FILES = DATA / "hs_nomenclature"
JSON, TABLE = FILES / "H6.json", FILES / "codes_HS2017.csv"


def completed(path, name=None, **given):
    return adapter("hs_nomenclature").complete(path, name or path.name, Manifest(**given))


def test_the_un_list_lands_as_published_with_its_edition():
    done = decode("hs_nomenclature", JSON, hs_revision="HS2022")
    assert done.column("code") == ["TOTAL", "01", "0101", "010121", "880622", "9999AA"]
    assert {row["hs_revision"] for row in done.rows} == {"HS2022"}
    assert done.rows[3] == {
        "hs_revision": "HS2022",
        "code": "010121",
        "description": "010121 - Made-up horses; for breeding - pure",
        "parent": "0101",
        "level": "6",
        "standard_unit": "u",
        "is_leaf": "1",
        "section": None,
        "_unknown_columns": None,
        "_row_number": 4,
    }
    assert done.facts.rows_in == 6


def test_the_table_lands_in_the_same_columns():
    done = decode("hs_nomenclature", TABLE, hs_revision="HS2017")
    assert [(row["code"], row["level"], row["section"], row["standard_unit"]) for row in done.rows] == [
        ("01", "2", "I", None),
        ("0101", "4", "I", None),
        ("010121", "6", "I", None),
        ("TOTAL", "5", "TOTAL", None),
    ]
    assert done.rows[1]["description"] == "Made-up horses, all"
    assert done.facts.rows_in == 4


@pytest.mark.parametrize(
    ("name", "edition"),
    [
        ("H6.json", "HS2022"),
        ("h0.json", "HS1992"),
        ("un_H4_list.json", "HS2012"),
        ("un-H4-list.json", "HS2012"),
        ("names HS2017.csv", "HS2017"),
        ("names_hs-2007_en.csv", "HS2007"),
        ("HS2022codes.csv", "HS2022"),
        ("HS2022 and H6.json", "HS2022"),
        ("HS2022-HS2017.csv", None),
        ("H7.json", None),
        ("HS2028.csv", None),
        ("HS20221.csv", None),
        ("harmonized-system.csv", None),
        ("CHS2022.csv", None),
    ],
)
def test_the_edition_in_a_name(name, edition):
    assert edition_in(name) == edition


def test_the_edition_is_asked_for_where_nobody_says_it():
    assert completed(JSON).hs_revision == "HS2022"
    assert completed(TABLE, "names.csv", hs_revision="HS2012").hs_revision == "HS2012"
    assert completed(TABLE).complete
    with pytest.raises(MissingOption, match=r"names\.csv: give --hs-revision HS2022: no row and not"):
        completed(TABLE, "names.csv")
    with pytest.raises(ManifestError, match="hs_revision HS2012 given, but the file's name says HS2017"):
        completed(TABLE, hs_revision="HS2012")
    with pytest.raises(ManifestError, match="hs_revision HS2020 is none of HS1992"):
        completed(TABLE, "names.csv", hs_revision="HS2020")


def test_only_lists_of_codes_are_recognised(tmp_path):
    assert recognise(JSON, JSON.name) == recognise(TABLE, TABLE.name) == "hs_nomenclature"
    areas = tmp_path / "H6.json"
    areas.write_text('{"results": [{"id": 4, "text": "Made-up land"}], "more": false}', encoding="utf-8")
    cut = tmp_path / "H5.json"
    cut.write_text('{"results": [{"id": "01", "text"', encoding="utf-8")
    for other in (areas, cut, DATA / "comtrade" / "api_answer.json", DATA / "gacc" / "minimal.csv"):
        assert not adapter("hs_nomenclature").recognise(other, other.name)
        with pytest.raises(ManifestError, match="not a list of HS codes"):
            completed(other, "H6.json")
    with pytest.raises(Refused, match="names no column for code"):
        decode("hs_nomenclature", DATA / "gacc" / "minimal.csv", hs_revision="HS2022")


def test_a_list_that_ends_too_early_is_no_list(tmp_path):
    cut = tmp_path / "H6.json"
    cut.write_bytes(JSON.read_bytes()[:-30])
    assert adapter("hs_nomenclature").recognise(cut, cut.name)
    with pytest.raises(ReadingError, match=r"the JSON ends too early|broken JSON"):
        decode("hs_nomenclature", cut, hs_revision="HS2022")
