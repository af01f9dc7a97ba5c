"""The mapping of a user's table: what it must say, in which words it is refused, and what a draft proposes.

Belongs here: the mapping alone, single cells, proposals. Does not belong here: a mapping against its table
(test_table_adapter).
"""

import re
from datetime import date

import pytest
import yaml
from decoding import DATA

from orchestration.manifest import Manifest, ManifestError
from orchestration.sources.contract import Refused
from orchestration.sources.table import mapping, propose, words

FILES = DATA / "table"
EXAMPLE = yaml.safe_load((FILES / "monthly_extract.yml").read_text(encoding="utf-8"))


def changed(**fields):
    """The example with top-level fields replaced (None takes one out)."""
    return {name: value for name, value in {**EXAMPLE, **fields}.items() if value is not None}


def constants(**fields):
    said = {**EXAMPLE["constants"], **fields}
    return changed(constants={name: value for name, value in said.items() if value is not None})


def columns(**fields):
    said = {**EXAMPLE["columns"], **fields}
    return changed(columns={name: value for name, value in said.items() if value is not None})


def test_the_example_is_short_and_whole():
    assert len((FILES / "monthly_extract.yml").read_text(encoding="utf-8").splitlines()) < 20
    said = mapping.parse("m.yml", EXAMPLE)
    assert said.key == ("partner", "period", "hs_code")
    assert mapping.parse("m.yml", said.plain()) == said
    assert "value_scale" not in said.plain()  # only what was said is kept


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (changed(colour="red"), "m.yml: colour: Extra inputs are not permitted"),
        (columns(price="val2"), "m.yml: columns.price: Input should be"),
        (constants(flow="outwards"), "constants: flow 'outwards' is none of domestic_export, export"),
        (constants(flow="?"), "constants: flow is still to be said"),
        (constants(reporter="Atlantis"), "constants: reporter 'Atlantis' is no country that we know"),
        (constants(currency="dollars"), "constants: currency 'dollars' is not three capital letters"),
        (constants(hs_revision="HS2020"), "constants: hs_revision 'HS2020' is none of HS1992"),
        (constants(value_basis="ddp"), "constants: value_basis 'ddp' is none of cif"),
        (constants(evidence_type="rumour"), "constants: evidence_type 'rumour' is none of declared"),
        (
            constants(flow=None, currency=None),
            "mapping: nothing says flow, currency: name a column or a constant",
        ),
        (constants(unit=None), "mapping: quantity needs a unit: a column or a constant"),
        (constants(partner="world"), "mapping: partner is both a column and a constant"),
        (columns(year="y"), "mapping: name either period or year"),
        (columns(period=None), "mapping: name either period or year"),
        (changed(frequency=None), "mapping: frequency is monthly or annual"),
        (changed(frequency="weekly"), "frequency: Input should be 'monthly' or 'annual'"),
        (changed(ignore=["uv", "val"]), "mapping: column 'val' is named twice"),
        (changed(grain=["unit"]), "mapping: grain names unit, which is no column"),
        (changed(value_scale=12), "value_scale: value_scale is 1, 10, 100, 1000 and so on"),
        (changed(flows={"E": "out"}), "flows: 'out' is none of domestic_export"),
        (
            changed(number_format={"thousands": ",", "decimal": ","}),
            "number_format: thousands and decimal are the",
        ),
        (["columns"], "m.yml: mapping: Input should be"),
    ],
)
def test_what_is_refused_and_in_which_words(said, message):
    with pytest.raises(ManifestError, match=re.escape(message)):
        mapping.parse("m.yml", said)


def test_a_file_that_is_no_mapping(tmp_path):
    path = tmp_path / "m.yml"
    with pytest.raises(ManifestError, match=r"m\.yml: not readable as YAML"):
        mapping.read(path)
    path.write_text("columns: [", encoding="utf-8")
    with pytest.raises(ManifestError, match=r"m\.yml: not readable as YAML"):
        mapping.read(path)


def test_the_manifest_keeps_it_and_changes_with_it():
    plain = mapping.read(FILES / "monthly_extract.yml")
    known = Manifest(source="table", mapping=plain)
    assert Manifest.model_validate_json(known.model_dump_json()) == known
    assert Manifest(source="table", mapping={**plain, "value_scale": "1000"}).digest() != known.digest()
    assert Manifest(mapping=dict(reversed(plain.items()))).digest() == Manifest(mapping=plain).digest()
    assert Manifest(mapping={"vintage": date(2024, 1, 2)}).mapping == {"vintage": "2024-01-02"}


@pytest.mark.parametrize(
    ("text", "thousands", "decimal", "plain"),
    [
        ("1234.5", "", ".", "1234.5"),
        ("24e3", "", ".", "24e3"),
        ("-5", "", ".", "-5"),
        ("1,234,567.8", ",", ".", "1234567.8"),
        ("1\xa0234,5", " ", ",", "1234.5"),
        ("44.200", ".", ",", "44200"),
        ("44.200", "", ".", "44.200"),
        ("12,5", ",", ".", None),  # a decimal comma under a mapping that says thousands
        ("1,23,456", ",", ".", None),
        ("1.5", "", ",", None),
        ("inf", "", ".", None),
        ("12 pcs", "", ".", None),
        ("٣", "", ".", None),
    ],
)
def test_numbers_by_their_marks(text, thousands, decimal, plain):
    assert words.number(text, thousands, decimal) == plain


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("380110", "380110"), ("38", "38"), ("10121", "010121"), ("87119000.0", "87119000"),
        ("8471.30", "847130"), ("total", "TOTAL"), ("39XXXXXX", "39XXXXXX"), ("9", "09"),
        ("0001", None), ("12345678901", None), ("drones", None), ("", None), ("٣٨", None),
    ],
)  # fmt: skip
def test_hs_codes(text, code):
    assert words.hs_code(text) == code


@pytest.mark.parametrize(
    ("text", "form", "frequency", "first"),
    [
        ("2023-02-01", None, "monthly", "2023-02-01"),
        ("202302", None, "monthly", "2023-02-01"),
        ("2023-02", None, "annual", "2023-01-01"),
        ("2023", None, "annual", "2023-01-01"),
        ("02/2023", "%m/%Y", "monthly", "2023-02-01"),
        ("Feb 2023", "%b %Y", "monthly", "2023-02-01"),
        ("2023", None, "monthly", None),
        ("02/2023", None, "monthly", None),
        ("202313", None, "monthly", None),
        ("1899-12-31", None, "monthly", None),
        ("2101-01-01", None, "monthly", None),
    ],
)
def test_periods(text, form, frequency, first):
    found = words.period(text, form, frequency)
    assert (found and found[0].isoformat()) == first


@pytest.mark.parametrize(
    ("text", "iso2"),
    [
        ("China", "CN"), ("  viet  NAM ", "VN"), ("156", "CN"), ("4", "AF"), ("004", "AF"), ("842", "US"),
        ("840", "US"), ("rus", "RU"), ("NA", "NA"), ("Namibia", "NA"), ("Türkiye", "TR"), ("turkiye", "TR"),
        ("Other Asia, nes", "TW"), ("world", "W0"), ("492", None), ("Atlantis", None), ("", None),
    ],
)  # fmt: skip
def test_countries_by_name_or_code(text, iso2):
    assert words.country(text) == iso2


def test_a_draft_of_the_example_leaves_open_what_the_file_does_not_say():
    text = propose.draft(FILES / "monthly_extract.csv")
    said = yaml.safe_load(text)
    assert said["columns"] == EXAMPLE["columns"]
    assert said["constants"] == dict.fromkeys(EXAMPLE["constants"], "?")
    assert (said["frequency"], said["ignore"]) == ("monthly", [])
    assert "uv: 1 cells are infinite, so a ratio" in text
    with pytest.raises(ManifestError, match="constants: reporter is still to be said"):
        mapping.parse("draft", said)
    filled = {**said, "constants": EXAMPLE["constants"], "ignore": ["uv"], "note": EXAMPLE["note"]}
    assert mapping.parse("draft", filled) == mapping.parse("m.yml", EXAMPLE)


def test_a_draft_knows_other_languages_and_marks(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('年,月,贸易伙伴名称,商品编码,美元\n2023,1,RU,38011000,"1,234"\n', encoding="utf-8")
    said = yaml.safe_load(propose.draft(path))
    assert said["columns"] == {
        "partner": "贸易伙伴名称", "year": "年", "month": "月", "hs_code": "商品编码", "value": "美元",
    }  # fmt: skip
    assert said["frequency"] == "monthly"
    assert said["number_format"] == {"thousands": ",", "decimal": "."}


def test_a_draft_says_what_it_is_unsure_of(tmp_path):
    path = tmp_path / "x.csv"
    rows = [
        "when,country,cn code,trade value,note",
        "01/02/2023,Utopia,x1,44.200,a",
        "03/02/2023,Utopia,x2,1.100,b",
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    text = propose.draft(path)
    assert "partner: country  # unsure: only 0% of the cells look like it, 'Utopia' does not" in text
    assert "unsure whether '44.200' has decimals or thousands" in text
    assert 'period: "?"' in text
    assert "#   note: such as 'a'" in text


def test_nothing_is_proposed_for_what_is_no_table(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("only a line\n", encoding="utf-8")
    with pytest.raises(Refused, match="the first row is no header of a table"):
        propose.draft(path)
