"""HS codes and correlations of the project against the workbooks and lists of their publishers.

Belongs here: that the goods files say what the publishers' files say, no more and no less.
Does not belong here: rules inside the files (tests/unit/test_goods_seeds.py), anything that needs a refresh.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from openpyxl import load_workbook

pytestmark = pytest.mark.e2e

GOODS = Path(__file__).parents[2] / "dbt_project" / "seeds" / "goods"
BOOKS = ("HS2022-HS2017.xlsx", "HS2017-HS2012.xlsx")
Pairs = dict[tuple[str, str], str]


@cache
def read(name: str) -> list[dict[str, str]]:
    with (GOODS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Books:
    """The correlation sheets: the relationship of each pair of codes, newer code first."""

    newer: Pairs
    older: Pairs


def correlation_sheet(path: Path) -> Pairs:
    book = load_workbook(path, read_only=True)
    (sheet,) = [sheet for sheet in book.worksheets if "Correlation" in sheet.title]
    rows = list(sheet.iter_rows(values_only=True))[2:]  # an empty row and the header
    pairs = {(str(row[0]).strip(), str(row[1]).strip()): str(row[2]).strip() for row in rows}
    assert len(pairs) == len(rows)
    assert all(code.isdigit() and len(code) == 6 for pair in pairs for code in pair)
    return pairs


@pytest.fixture(scope="module")
def books(real_data: Path) -> Books:
    newer, older = (correlation_sheet(real_data / "nomenclature" / name) for name in BOOKS)
    return Books(newer, older)


def seeded(editions: tuple[str, str]) -> Pairs:
    return {
        (row["code_from"], row["code_to"]): row["relationship"]
        for row in read("hs_correlations")
        if (row["edition_from"], row["edition_to"]) == editions
    }


def six_digits(edition: str) -> set[str]:
    column = f"in_{edition.lower()}"
    return {row["code"] for row in read("hs_codes") if len(row["code"]) == 6 and row[column] == "true"}


def touched(edition: str) -> set[str]:
    """Six-digit codes of the edition that an entry or a set holds, in any nomenclature."""
    codes = {row["hs_code"][:6] for row in read("control_list_entries") if row["hs_revision"] == edition}
    codes |= {row["code"][:6] for row in read("product_set_codes") if row["hs_revision"] == edition}
    return {code for code in six_digits(edition) if code.startswith(tuple(codes))}


def test_pairs_are_those_of_the_workbooks(books: Books) -> None:
    newer, older = seeded(("HS2022", "HS2017")), seeded(("HS2017", "HS2012"))
    assert len(newer) + len(older) == len(read("hs_correlations"))
    assert newer.items() <= books.newer.items()
    assert older.items() <= books.older.items()


def test_pairs_are_closed_and_no_more_than_closed(books: Books) -> None:
    new, middle, old = touched("HS2022"), touched("HS2017"), touched("HS2012")
    middle |= {to for code, to in books.newer if code in new}
    middle |= {code for code, to in books.older if to in old}
    old |= {to for code, to in books.older if code in middle}
    assert seeded(("HS2022", "HS2017")).keys() == {
        pair for pair in books.newer if pair[0] in new or pair[1] in middle
    }
    assert seeded(("HS2017", "HS2012")).keys() == {
        pair for pair in books.older if pair[0] in middle or pair[1] in old
    }


def test_codes_are_those_of_the_workbooks(books: Books, real_data: Path) -> None:
    assert six_digits("HS2022") == {new for new, _ in books.newer}
    assert six_digits("HS2017") == {new for new, _ in books.older}
    assert six_digits("HS2012") == {old for _, old in books.older}
    # one code of 2017 is missing in the newer workbook: nothing of 2022 leads to it
    assert six_digits("HS2017") - {old for _, old in books.newer} == {"300219"}
    with (real_data / "nomenclature" / "harmonized-system.csv").open(encoding="utf-8", newline="") as file:
        published = {row["hscode"] for row in csv.DictReader(file)}
    assert {row["code"] for row in read("hs_codes") if row["in_hs2022"] == "true"} == published - {"TOTAL"}


def test_tiers_of_the_common_high_priority_list(real_data: Path) -> None:
    with (real_data / "nomenclature" / "chpl_2024-02_hs6.csv").open(encoding="utf-8", newline="") as file:
        published = {(row["tier"], row["hs6"]) for row in csv.DictReader(file)}
    ours = {
        (row["tier"].replace(".", ""), row["hs_code"])
        for row in read("control_list_entries")
        if (row["list_id"], row["valid_from"]) == ("CHPL", "2024-02-23")
    }
    assert len(published) == 50
    assert ours == published


@pytest.mark.parametrize(("edition", "year"), [("HS2017", 2021), ("HS2022", 2022), ("HS2022", 2023)])
def test_chinese_set_codes_are_in_the_tariff(real_data: Path, edition: str, year: int) -> None:
    raw = (real_data / "gacc" / "codes" / f"en-hs8-{year}.csv").read_bytes()
    tariff = {line[:8].decode("ascii", "replace") for line in raw.splitlines()}
    ours = {
        row["code"]
        for row in read("product_set_codes")
        if (row["nomenclature"], row["hs_revision"]) == ("PRC", edition)
    }
    assert ours
    assert ours <= tariff
