"""Comex Stat: cells land as published; header and name say the direction, or somebody is asked.

Belongs here: header, direction, encodings, code lists. Does not belong here: typing and restored zeros (the
staging model's unit tests), fetching (test_comexstat_pull).
"""

import csv
import re
from datetime import date

import pytest
from decoding import DATA, decode

from orchestration.manifest import Manifest, ManifestError, MissingOption
from orchestration.sources import adapter, load_source, source_codes
from orchestration.sources.contract import Refused

FILES = DATA / "comexstat"
FOLDER = DATA.parents[1] / "orchestration" / "sources" / "comexstat"
COLUMNS = load_source("comexstat").columns


def complete(file, name=None, **given):
    return adapter("comexstat").complete(FILES / file, name or file, Manifest(**given))


def table(name):
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_exports_land_as_published():
    made = decode("comexstat", FILES / "EXP_2024.csv")
    record = ["2024", "01", "02023000", "10", "160", "MT", "01", "0817800", "22356", "22356", "89125"]
    assert [made.rows[0][name] for name in COLUMNS] == [*record, None, None]
    assert made.column("SG_UF_NCM") == ["MT", "SP", "SP"]
    assert (made.facts.rows_in, made.bad) == (3, [])


def test_imports_have_freight_and_insurance():
    made = decode("comexstat", FILES / "IMP_2024.csv")
    assert made.column("VL_FRETE") == ["1200", "0"]
    assert made.column("VL_SEGURO") == ["33", "0"]
    assert made.column("CO_PAIS") == ["160", "000"]


def test_latin_1_is_read(tmp_path):
    path = tmp_path / "EXP_2024.csv"
    text = (FILES / "EXP_2024.csv").read_text(encoding="ascii").replace('"MT"', '"São Paulo"')
    path.write_bytes(text.encode("latin-1"))
    made = decode("comexstat", path)
    assert made.rows[0]["SG_UF_NCM"] == "São Paulo"
    assert made.facts.layout == "header, latin-1"


def test_an_unknown_column_lands_beside_the_others(tmp_path):
    path = tmp_path / "EXP_2024.csv"
    lines = (FILES / "EXP_2024.csv").read_text(encoding="ascii").splitlines()
    path.write_text("\n".join([lines[0] + ';"CO_NOVO"', lines[1] + ";7"]), encoding="ascii")
    (row,) = decode("comexstat", path).rows
    assert row["_unknown_columns"] == '{"CO_NOVO": "7"}'


@pytest.mark.parametrize(
    ("file", "name", "given", "direction", "is_complete"),
    [
        ("EXP_2024.csv", "EXP_2024.csv", {}, "export", True),
        ("EXP_2024.csv", "IMP_1997.csv", {}, "import", True),  # older imports have no freight
        ("IMP_2024.csv", "IMP_2024.csv", {}, "import", True),
        ("IMP_2024.csv", "brazil.csv", {}, "import", False),
        ("resaved.csv", "exp_2023-0a1b2c3d.csv", {}, "export", True),
        ("resaved.csv", "resaved.csv", {"direction": "import"}, "import", False),
        ("resaved.csv", "resaved.csv", {"direction": "export", "complete": True}, "export", True),
    ],
)
def test_who_says_the_direction(file, name, given, direction, is_complete):
    known = complete(file, name, **given)
    assert (known.direction, known.complete) == (direction, is_complete)


@pytest.mark.parametrize("name", ["resaved.csv", "EXP_COMPLETA.csv", "EXP_20245.csv", "MY_EXP_2024.csv"])
def test_where_nobody_says_it_somebody_is_asked(name):
    with pytest.raises(MissingOption, match=rf"^{re.escape(name)}: give --direction export\|import: neither"):
        complete("resaved.csv", name)


@pytest.mark.parametrize(
    ("file", "name", "given", "reason"),
    [
        ("IMP_2024.csv", "EXP_2024.csv", {}, "the file's name says export but the header .* says import"),
        (
            "EXP_2024.csv",
            "EXP_2024.csv",
            {"direction": "import"},
            "the option says import but",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(file, name, given, reason):
    with pytest.raises(ManifestError, match=reason):
        complete(file, name, **given)


def test_only_comexstat_recognises_its_files():
    for name in ("EXP_2024.csv", "IMP_2024.csv", "resaved.csv"):
        found = [code for code in source_codes() if adapter(code).recognise(FILES / name, name)]
        assert found == ["comexstat"]


@pytest.mark.parametrize(
    "header",
    [
        "CO_ANO;CO_MES;SH4;CO_PAIS;SG_UF_MUN;CO_MUN;KG_LIQUIDO;VL_FOB",  # by municipality
        "CO_ANO;CO_MES;CO_NBM;CO_UNID;CO_PAIS;SG_UF;CO_VIA;CO_URF;QT_ESTAT;KG_LIQUIDO;VL_FOB",  # before NCM
    ],
)
def test_files_by_other_codes_are_neither_recognised_nor_landed(tmp_path, header):
    path = tmp_path / "EXP_2024_MUN.csv"
    path.write_text(header + "\n", encoding="ascii")
    assert not adapter("comexstat").recognise(path, path.name)
    with pytest.raises(Refused, match="names no column for CO_NCM"):
        decode("comexstat", path)


def test_countries_have_three_digits_and_the_ones_that_matter_their_own():
    codes = {row["code"]: row["iso2"] for row in table("countries.csv")}
    assert len(codes) == len(table("countries.csv")) > 270
    assert all(re.fullmatch(r"[0-9]{3}", code) for code in codes)
    known = {"105": "BR", "160": "CN", "161": "TW", "249": "US", "676": "RU", "831": "UA", "833": "UG"}
    known |= {"153": "KZ", "625": "KG", "064": "AM", "827": "TR", "244": "AE", "237": "AE", "351": "HK"}
    assert known.items() <= codes.items()


def test_units_convert():
    units = {row["published_unit"]: (row["unit"], row["factor"]) for row in table("units.csv")}
    assert sorted(units) == [str(code) for code in range(10, 25)]
    assert units["10"] == ("kg", "1")
    assert units["21"] == ("kg", "1000")
    assert units["12"] == ("u", "1000")
    assert units["24"][0] != "kg"  # gross weight is no net weight


def test_brazils_editions_start_when_its_nomenclature_does():
    starts = {rule.edition: rule.start for rule in load_source("comexstat").flows.hs_editions}
    assert starts["HS2022"] == date(2022, 4, 1).isoformat()
    assert starts["HS2017"] == date(2017, 1, 1).isoformat()
