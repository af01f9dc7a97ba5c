"""Raw gates of the reference sources on landed files: green on good ones, each fault found by its own gate.

Belongs here: the SQL of these sources' own checks, run on a landing database. Does not belong here: the
engine that runs checks (test_gate_engine), checks that all sources share, exchange rates.
"""

from functools import partial

import openpyxl
import pytest
from decoding import DATA, red_gates

HEADER = "list_id,title,kind,code,partial,nomenclature,hs_revision,tier,valid_from,valid_to,source"


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


@pytest.fixture
def pairs(tmp_path):
    """A workbook of correlations; a row is both codes and the relationship."""

    def make(*rows):
        book = openpyxl.Workbook()
        for cells in [("HS2022", "HS2017", "Relationship"), *rows]:
            book.active.append(cells)
        book.active.title = "Correlation"
        path = tmp_path / "pairs.xlsx"
        book.save(path)
        return path

    return make


def whole_edition():
    """As many made-up codes as an edition has at least: chapters, headings, subheadings."""
    lines = ["section,hscode,description,parent,level", "TOTAL,TOTAL,Made up,TOTAL,5"]
    for chapter in range(1, 98):
        lines.append(f"I,{chapter:02},Made up,TOTAL,2")
        for heading in range(1, 11):
            lines.append(f"I,{chapter:02}{heading:02},Made up,{chapter:02},4")
            parent = f"{chapter:02}{heading:02}"
            lines += [f"I,{parent}{n}0,Made up,{parent},6" for n in range(1, 7)]
    return lines


def test_a_whole_edition_is_green(red, write):
    assert red("hs_nomenclature", write("HS2022.csv", *whole_edition())) == {}


def test_a_list_that_is_cut_is_found(red, write):
    assert red("hs_nomenclature", write("HS2022.csv", *whole_edition()[:5999])) == {"edition_is_whole": [0]}


def test_each_fault_of_a_list_of_codes_is_found_by_its_gate(red, write):
    path = write(
        "HS2022.csv",
        *whole_edition(),
        "I,0101101,Seven digits,010110,6",
        "I,101,Lost its zero,01,4",
        "I,S3-1,Another classification,01,4",
        "I,010110,Named twice,0101,6",
        "I,010180,,0101,6",
        "I,019910,Without its heading,0199,6",
        "I,9999AA,Of the UN,9999,6",
    )
    last = len(whole_edition())
    assert red("hs_nomenclature", path) == {
        "code_is_one_of_the_hs": [last + 1, last + 2, last + 3],
        "codes_are_unique_in_a_file": [0],
        "name_is_given": [last + 5],
        "parents_are_in_the_file": [last + 6],
    }


def test_correlations_that_agree_with_their_counts_are_green(red, pairs):
    path = pairs(
        ("010121", "010121", "1:1"),
        ("020110", "020110", "1:n"),
        ("020110", "020120", "1:n"),
        ("030111", "030110", "n:1"),
        ("030119", "030110", "n:1"),
        ("852589", "852580", "n:n"),
        ("852589", "852990", "n:n"),
        ("880622", "852580", "n:n"),
        ("880622", "852990", "n:n"),
    )
    assert red("hs_correlations", path) == {}


def test_each_fault_of_a_correlation_is_found_by_its_gate(red, pairs):
    path = pairs(
        ("010121", "010121", "1:1"),
        (20110, "020110", "1:1"),
        ("030110", "0301", "1:1"),
        ("040110", "040110", "1"),
        ("050110", "050110", "n:n"),
        ("060110", "060110", "1:n"),
        ("060110", "060110", "1:n"),
    )
    assert red("hs_correlations", path) == {
        "codes_are_six_digits": [3, 4],
        "relationship_is_known": [5],
        "relationship_agrees_with_the_counts": [5, 6, 7, 8],
        "pairs_are_unique_in_a_file": [0],
    }


def test_a_table_without_rows_would_replace_all_with_nothing(red, pairs, write):
    assert red("hs_correlations", pairs()) == {"has_rows": [0]}
    assert red("control_lists", write("list.csv", HEADER)) == {"has_rows": [0]}


def test_own_lists_are_green(red):
    files = [DATA / "control_lists" / name for name in ("own_lists.csv", "short.csv")]
    assert red("control_lists", *files) == {}


def test_each_fault_of_an_own_list_is_found_by_its_gate(red, write):
    path = write(
        "list.csv",
        HEADER,
        "A,,,8806,,,HS2022,,2024-01-01,2024-01-01,",
        ",,,8806,,,HS2022,,2024-01-01,,",
        "A,,,ex 8807,,,HS2022,,2024-01-01,,",
        "A,,,8,,,HS2022,,2024-01-01,,",
        "A,,,101,,,HS2022,,2024-01-01,,",
        "A,,,90131090,,,HS2022,,2024-01-01,,",
        "A,,,90131090,,cn,HS2022,,2024-01-02,,",
        "A,,,9301,,HTS,HS2022,,2024-01-01,,",
        "A,,,9302,,,2022,,2024-01-01,,",
        "A,,decree,9303,,,HS2022,,2024-01-01,,",
        "A,,,9304,ex,,HS2022,,2024-01-01,,",
        "A,,,9305,,,HS2022,,1 January 2024,,",
        "A,,,9306,,,HS2022,,2024-01-01,2023-12-31,",
        "A,,,9307,,,HS2022,,2024-01-01,for ever,",
        "A,,,88.06,,,HS2022,,2024-01-01,,",
        "A,,,12345678901,,TNVED,HS2022,,2024-01-01,,",
    )
    assert red("control_lists", path) == {
        "list_is_named": [3],
        "code_is_two_to_ten_digits": [4, 5, 17],
        "code_has_an_even_number_of_digits": [5, 6, 17],
        "hs_code_has_at_most_six_digits": [7],
        "nomenclature_is_known": [9],
        "hs_revision_is_known": [10],
        "kind_is_known": [11],
        "partial_is_yes_or_no": [12],
        "valid_from_is_a_date": [13],
        "valid_to_is_a_date_and_not_before_valid_from": [14, 15],
        "keys_are_unique_in_a_file": [0],
    }
