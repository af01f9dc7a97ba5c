"""The goods side: HS codes, their names and correlations, product sets. What must hold in the CSV files.

Belongs here: references across files, and rules that a data test of dbt cannot say in a line.
Does not belong here: control lists (test_control_lists), keys and accepted values (dbt tests them),
comparison with publishers' workbooks (tests/e2e/test_real_nomenclature.py).
"""

import csv
from collections import Counter
from pathlib import Path

import pytest
from goods_seeds import EDITIONS, ENTRIES, GOODS, HS_CODES, LENGTHS, in_edition, read

SETS = {row["set_id"]: row for row in read("product_sets")}
SET_CODES = read("product_set_codes")
CORRELATIONS = read("hs_correlations")


@pytest.mark.parametrize("path", sorted(GOODS.glob("*.csv")), ids=lambda path: path.name)
def test_files_are_plain(path: Path) -> None:
    content = path.read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"\n")
    rows = list(csv.reader(content.decode("utf-8").splitlines()))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [field for row in rows for field in row if field != field.strip()] == []


def test_sets_say_what_they_are() -> None:
    empty = [
        (set_id, column)
        for set_id, row in SETS.items()
        for column in ("title", "idea", "kind", "definition", "must_not")
        if not row[column]
    ]
    assert empty == []
    assert {row["set_id"] for row in SET_CODES} == set(SETS)
    assert {row["kind"] for row in SETS.values()} == {"military_use", "placebo"}
    assert sum(row["kind"] == "placebo" for row in SETS.values()) >= 3


def test_set_codes_of_the_hs_are_of_2022() -> None:
    hs = [row for row in SET_CODES if row["nomenclature"] == "HS"]
    assert {row["hs_revision"] for row in hs} == {"HS2022"}
    assert [row for row in hs if not in_edition(row["code"], "HS2022")] == []


def test_national_set_codes_are_narrower_than_their_six_digits() -> None:
    national = [row for row in SET_CODES if row["nomenclature"] != "HS"]
    assert national
    assert [row for row in national if len(row["code"]) not in LENGTHS[row["nomenclature"]]] == []
    assert [row for row in national if not row["code"][6:].strip("0")] == []
    assert [row for row in national if not in_edition(row["code"][:6], row["hs_revision"])] == []


def test_national_set_codes_refine_an_hs_code_of_the_set() -> None:
    """Each stands under an HS code of the set, or under one that the correlation tables lead to from it."""
    older = {(row["code_from"], row["code_to"]) for row in CORRELATIONS if row["edition_from"] == "HS2022"}
    stray = []
    for row in SET_CODES:
        if row["nomenclature"] == "HS":
            continue
        prefixes = tuple(
            other["code"]
            for other in SET_CODES
            if (other["set_id"], other["nomenclature"]) == (row["set_id"], "HS")
        )
        six = row["code"][:6]
        newer = {six} if row["hs_revision"] == "HS2022" else {new for new, old in older if old == six}
        if not any(code.startswith(prefixes) for code in newer):
            stray.append((row["set_id"], row["code"]))
    assert stray == []


def test_no_drone_codes_before_2022() -> None:
    assert not any(
        in_edition(code, edition) for code in HS_CODES if code.startswith("8806") for edition in EDITIONS[:2]
    )
    drones = [row for row in SET_CODES if SETS[row["set_id"]]["idea"] == "drones"]
    assert {row["hs_revision"] for row in drones} == {"HS2022"}
    assert "880610" not in {row["code"] for row in drones}


def test_placebos_touch_no_list_and_no_other_set() -> None:
    def touches(one: str, other: str) -> bool:
        return one[:6].startswith(other[:6]) or other[:6].startswith(one[:6])

    placebo = {row["code"] for row in SET_CODES if SETS[row["set_id"]]["kind"] == "placebo"}
    others = {row["hs_code"] for row in ENTRIES} | {
        row["code"] for row in SET_CODES if SETS[row["set_id"]]["kind"] == "military_use"
    }
    assert [(one, other) for one in sorted(placebo) for other in sorted(others) if touches(one, other)] == []


def test_every_used_code_has_a_name() -> None:
    """Codes of lists and sets to six digits, those below a shorter code, and their headings and chapters."""
    used = {row["hs_code"][:6] for row in ENTRIES} | {row["code"][:6] for row in SET_CODES}
    used |= {
        code
        for code in HS_CODES
        if code.startswith(tuple(c for c in used if len(c) < 6)) and in_edition(code, "HS2022")
    }
    used |= {code[:length] for code in used for length in (2, 4)}
    names = read("goods_names")
    assert used - {row["code"] for row in names} == set()
    assert [row for row in names if not 0 < len(row["short_name"]) <= 60] == []
    assert [row for row in names if row["code"] not in HS_CODES] == []
    assert [
        row for row in names if row["hs_revision"] and not in_edition(row["code"], row["hs_revision"])
    ] == []
    general = {row["code"] for row in names if not row["hs_revision"]}
    assert [row for row in names if row["hs_revision"] and row["code"] in general] == []


def test_codes_have_their_heading_and_chapter() -> None:
    orphans = [
        (code, edition)
        for code in HS_CODES
        for edition in EDITIONS
        if in_edition(code, edition)
        and not (in_edition(code[:2], edition) and in_edition(code[:4], edition))
        and len(code) > 2
    ]
    assert orphans == []
    # one of each stands for goods not specified (99, 9999, 999999), as in the tables of the United Nations
    counts = {
        edition: Counter(len(code) for code in HS_CODES if in_edition(code, edition)) for edition in EDITIONS
    }
    assert {edition: (found[2], found[4], found[6]) for edition, found in counts.items()} == {
        "HS2012": (97, 1225, 5206),
        "HS2017": (97, 1223, 5388),
        "HS2022": (97, 1229, 5613),
    }


def test_correlated_codes_exist_in_their_editions() -> None:
    bad = [
        row
        for row in CORRELATIONS
        if not (
            in_edition(row["code_from"], row["edition_from"])
            and in_edition(row["code_to"], row["edition_to"])
        )
    ]
    assert bad == []
