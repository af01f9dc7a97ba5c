"""Raw gates of baci and comexstat on landed files: green on good ones, each fault found by its own gate.

Belongs here: the SQL of these two sources' own checks, run on a landing database. Does not belong here: the
engine that runs checks (test_gate_engine), checks that all sources share.
"""

from functools import partial

import pytest
from decoding import DATA, red_gates

BACI = "BACI_HS17_Y2020_V202201.csv"
BRAZIL = "CO_ANO;CO_MES;CO_NCM;CO_UNID;CO_PAIS;SG_UF_NCM;CO_VIA;CO_URF;QT_ESTAT;KG_LIQUIDO;VL_FOB"


@pytest.fixture
def red(tmp_path):
    """The source's own checks that find rows once the files given are landed, each with their numbers."""
    return partial(red_gates, tmp_path / "data")


@pytest.fixture
def write(tmp_path):
    def run(name, *lines):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return run


def test_good_files_are_green(red, write):
    """The same flow in another release or edition is no fault, and letters may stand in a code."""
    record = ["t,i,j,k,v,q", "2020,4,842,71120,0.727,0.308"]
    later = write("BACI_HS17_Y2020_V202301.csv", *record)
    other = write("BACI_HS12_Y2020_V202201.csv", *record, "2020,4,842,9999AA,1,1")
    corrected = DATA / "baci" / "BACI_HS22_Y2022_V202401b.csv"
    assert red("baci", DATA / "baci" / BACI, corrected, later, other) == {}


def test_good_year_files_are_green(red):
    assert red("comexstat", DATA / "comexstat" / "EXP_2024.csv", DATA / "comexstat" / "IMP_2024.csv") == {}


def test_each_fault_of_a_release_is_found_by_its_gate(red, write):
    path = write(
        BACI,
        "t,i,j,k,v,q",
        "2020,4,842,71120,1,1",
        "2020,4,842,7112,1,1",
        "2020,4,842,,1,1",
        "2020,4,842,71121,,1",
        "2020,4,842,71122,-1,1",
        "2020,4,842,71123,n/a,1",
        "2021,4,842,71124,1,1",
        "20,4,842,71125,1,1",
    )
    assert red("baci", path) == {
        "commodity_code_is_hs6": [3, 4],
        "value_is_a_positive_number": [5, 6, 7],
        "year_is_the_one_of_the_file": [8, 9],
    }


def test_a_year_and_an_extract_of_it_are_not_added_up(red, write):
    extract = write("BACI_HS17_Y2020_V202201_AFG.csv", "t,i,j,k,v,q", "2020,4,842,71120,0.727,0.308")
    assert red("baci", DATA / "baci" / BACI, extract) == {"keys_are_unique_in_a_release": [0]}


@pytest.mark.parametrize("source", ["baci", "comexstat"])
def test_a_file_without_rows_would_replace_all_with_nothing(red, write, source):
    path = write(BACI, "t,i,j,k,v,q") if source == "baci" else write("EXP_2024.csv", BRAZIL)
    assert red(source, path) == {"has_rows": [0]}


def test_each_fault_of_a_year_file_is_found_by_its_gate(red, write):
    path = write(
        "EXP_2024.csv",
        BRAZIL,
        "2024;01;88062100;11;676;SP;04;0817600;3;2;41",
        "2024;01;880621;11;676;SP;04;0817600;3;2;41",
        "2024;13;88062100;11;676;SP;04;0817600;3;2;41",
        "2023;01;88062100;11;676;SP;04;0817600;3;2;41",
        "2024;01;88062100;11;676;SP;04;0817600;3;2;",
        "2024;01;88062100;11;676;SP;04;0817600;3;2;-1",
        "2024;01;88062100;99;676;SP;04;0817600;3;2;41",
    )
    assert red("comexstat", path) == {
        "ncm_is_eight_digits": [3],
        "period_is_a_month": [4],
        "year_is_the_one_of_the_file": [5],
        "value_is_present": [6, 7],
        "unit_is_known": [8],
    }
