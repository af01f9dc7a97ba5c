"""Correlation workbooks: the correlation sheet lands, wherever it stands; a table of one target does not.

Belongs here: recognising and landing made-up workbooks. Does not belong here: real ones
(test_real_nomenclature_files), the gates (test_reference_gates).
"""

import openpyxl
import pytest
from decoding import DATA, decode

from orchestration.manifest import Manifest
from orchestration.sources import adapter, recognise
from orchestration.sources.contract import Refused

CONVERSION = [("From HS 2017", "To HS 2012"), ("010121", "010129")]
PAIRS = [
    ("HS2022", " HS2017", "Relationship"),
    ("010121", "010121", "1:n"),
    ("010121", "010129", "1:n"),
    ("020110", "020110", "1:1"),
]


@pytest.fixture
def book(tmp_path):
    """A workbook of the sheets given, each from its second row on, as the real ones are."""

    def make(name="table.xlsx", **sheets):
        made = openpyxl.Workbook()
        made.remove(made.active)
        for title, rows in sheets.items():
            sheet = made.create_sheet(title.replace("_", " "))
            for number, cells in enumerate(rows, start=2):
                for column, cell in enumerate(cells, start=1):
                    sheet.cell(number, column, cell)
        path = tmp_path / name
        made.save(path)
        return path

    return make


def test_the_correlation_sheet_lands_with_both_editions(book):
    path = book(HS22_HS17_Conversions=CONVERSION, Correlation_Tables=PAIRS)
    assert recognise(path, path.name) == "hs_correlations"
    done = decode("hs_correlations", path)
    assert [
        (r["edition_from"], r["edition_to"], r["code_from"], r["code_to"], r["relationship"])
        for r in done.rows
    ] == [("HS2022", "HS2017", *cells) for cells in PAIRS[1:]]
    assert done.column("_row_number") == [3, 4, 5]
    assert (done.facts.rows_in, done.facts.layout) == (3, "HS2022 to HS2017, workbook")
    assert done.bad == []
    assert adapter("hs_correlations").complete(path, path.name, Manifest()).complete


def test_names_of_editions_may_have_a_space(book):
    path = book(Correlation_Tables=[("HS 2017", "HS 2012", "Relationship"), PAIRS[3]])
    (row,) = decode("hs_correlations", path).rows
    assert (row["edition_from"], row["edition_to"]) == ("HS2017", "HS2012")


def test_a_table_of_one_target_is_recognised_and_refused(book):
    path = book(Conversion_HS17_HS12=CONVERSION)
    assert recognise(path, path.name) == "hs_correlations"
    with pytest.raises(Refused, match=r"«Conversion HS17 HS12».* cannot move values between editions"):
        decode("hs_correlations", path)


@pytest.mark.parametrize(
    ("sheets", "reason"),
    [
        ({"Correlation_1": PAIRS, "Correlation_2": PAIRS}, "several sheets hold correlations"),
        ({"Correlation": [("HS2022", "HS2022", "Relationship"), PAIRS[1]]}, "no sheet has two editions"),
        ({"Correlation": [("HS2022", "SITC4", "Relationship"), PAIRS[1]]}, "no sheet has two editions"),
        ({"Correlation": [("HS2022", "HS2017"), ("010121", "010121")]}, "no sheet has two editions"),
        ({"Correlation": []}, "no sheet has two editions"),
    ],
    ids=["two sheets", "one edition", "other classification", "no relationship", "empty"],
)
def test_what_is_no_correlation_of_two_editions_is_refused(book, sheets, reason):
    with pytest.raises(Refused, match=reason):
        decode("hs_correlations", book(**sheets))


def test_other_workbooks_and_text_are_not_recognised(book):
    others = [book("a.xlsx", Data=PAIRS[1:]), book("b.xlsx", Conversions=[("a", "b")])]
    for other in (*others, DATA / "gacc" / "minimal.csv"):
        assert not adapter("hs_correlations").recognise(other, other.name)
