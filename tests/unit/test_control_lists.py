"""The control lists, their versions and entries: what must hold in the CSV files.

Belongs here: counts known from the acts, and rules a data test of dbt cannot say in a line.
Does not belong here: keys and accepted values (dbt tests them), product sets (test_goods_seeds).
"""

from collections import Counter
from datetime import date, timedelta

import pytest
from goods_seeds import ENTRIES, LENGTHS, in_edition, read

LISTS = {row["list_id"]: row for row in read("control_lists")}
VERSIONS = read("control_list_versions")


def entries(list_id: str, valid_from: str) -> list[dict[str, str]]:
    return [row for row in ENTRIES if (row["list_id"], row["valid_from"]) == (list_id, valid_from)]


@pytest.mark.parametrize(
    ("list_id", "counts"),
    [
        ("CHPL", {"2023-05-19": 9, "2023-06-01": 0, "2023-09-14": 45, "2024-02-23": 50}),
        ("EU833_XL", {"2023-12-19": 45, "2024-06-25": 50}),
        ("EU833_XLVIII", {"2025-02-25": 2}),
        ("EU833_XXXVII", {"2023-12-19": 14}),
        (
            "EU833_VII_B",
            {
                "2023-02-26": 29,
                "2023-06-24": 53,
                "2023-12-19": 73,
                "2024-02-24": 74,
                "2024-06-25": 82,
                "2025-02-25": 88,
                "2025-05-21": 99,
                "2025-07-20": 101,
                "2025-10-24": 112,
            },
        ),
        ("EU833_XI", {"2023-04-27": 17}),
        ("EU833_X", {"2023-04-27": 13}),
        ("CN_31_2015", {"2015-08-15": 3}),
        ("CN_27_2023", {"2023-09-01": 28}),
        ("CN_28_2023", {"2023-09-01": 16}),
        ("CN_31_2024", {"2024-09-01": 28}),
    ],
)
def test_versions_and_their_counts(list_id: str, counts: dict[str, int]) -> None:
    found = {row["valid_from"] for row in VERSIONS if row["list_id"] == list_id}
    assert {first: len(entries(list_id, first)) for first in sorted(found)} == counts


def test_every_list_is_counted() -> None:
    """A list added later needs a row above."""
    counted = test_versions_and_their_counts.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {list_id for list_id, _ in counted} == set(LISTS)


def test_tiers_of_the_common_high_priority_list() -> None:
    tiers = Counter(row["tier"] for row in entries("CHPL", "2024-02-23"))
    assert tiers == {"1": 4, "2": 5, "3.A": 16, "3.B": 9, "4.A": 11, "4.B": 5}


def test_the_law_took_over_the_guidance() -> None:
    """Annex XL holds the same codes as the CHPL, 45 and then 50 of them, months later."""

    def codes(list_id: str, valid_from: str) -> set[str]:
        return {row["hs_code"] for row in entries(list_id, valid_from)}

    assert codes("EU833_XL", "2023-12-19") == codes("CHPL", "2023-09-14")
    assert codes("EU833_XL", "2024-06-25") == codes("CHPL", "2024-02-23")


@pytest.mark.parametrize(
    ("annex_from", "outside"),
    [("2023-02-26", 31), ("2023-06-24", 11), ("2023-12-19", 4), ("2024-02-24", 4), ("2024-06-25", 0)],
)
def test_chpl_codes_outside_annex_vii_b(annex_from: str, outside: int) -> None:
    """Why lists are not folded into one flag: how many of the 50 the annex did not touch."""
    annex = [row["hs_code"] for row in entries("EU833_VII_B", annex_from)]
    chpl = [row["hs_code"] for row in entries("CHPL", "2024-02-23")]
    assert sum(not any(code[:6] == listed[:6] for listed in annex) for code in chpl) == outside


def test_six_chpl_codes_are_new_in_2022() -> None:
    chpl = {row["hs_code"] for row in entries("CHPL", "2024-02-23")}
    new = {code for code in chpl if not in_edition(code, "HS2017")}
    assert new == {"852589", "854800", "854149", "854151", "854159", "880730"}


def test_drones_are_in_annex_xi_only() -> None:
    """Chapter 88 as a whole is in Annex XI; neither Annex VII-B nor XL nor the CHPL names a drone."""
    eu = {
        row["list_id"]
        for row in ENTRIES
        if not row["list_id"].startswith("CN_")
        and (row["hs_code"].startswith("8806") or "8806".startswith(row["hs_code"]))
    }
    assert eu == {"EU833_XI"}


def test_entries_belong_to_a_known_version() -> None:
    known = {(row["list_id"], row["valid_from"]): row["is_known"] for row in VERSIONS}
    assert {known.get((row["list_id"], row["valid_from"])) for row in ENTRIES} == {"true"}
    filled = {(row["list_id"], row["valid_from"]) for row in ENTRIES}
    assert {key for key, is_known in known.items() if is_known == "true"} == filled


@pytest.mark.parametrize("list_id", sorted(LISTS))
def test_versions_cover_the_verified_days(list_id: str) -> None:
    """From verified_from each day has one version, known or stated as not known, until the list ended."""
    spans = sorted(
        (date.fromisoformat(row["valid_from"]), date.fromisoformat(row["valid_to"] or "9999-12-31"))
        for row in VERSIONS
        if row["list_id"] == list_id
    )
    first, through = (date.fromisoformat(LISTS[list_id][f"verified_{end}"]) for end in ("from", "through"))
    assert spans[0][0] == first <= through <= spans[-1][1]
    assert all(start <= end for start, end in spans)
    assert [start for start, _ in spans[1:]] == [end + timedelta(days=1) for _, end in spans[:-1]]


def test_only_the_missing_chpl_version_is_unknown() -> None:
    unknown = [
        (row["list_id"], row["valid_from"], row["valid_to"]) for row in VERSIONS if row["is_known"] == "false"
    ]
    assert unknown == [("CHPL", "2023-06-01", "2023-09-13")]


def test_partial_codes() -> None:
    """Annex X and the Chinese lists are partial throughout, Annex XI in four lines, the others nowhere."""
    partial = {(row["list_id"], row["is_partial"]) for row in ENTRIES}
    always = {"EU833_X", "CN_31_2015", "CN_27_2023", "CN_28_2023", "CN_31_2024"}
    mixed = {"EU833_XI"}
    assert {list_id for list_id, flag in partial if flag == "true"} == always | mixed
    assert {list_id for list_id, flag in partial if flag == "false"} == set(LISTS) - always
    in_xi = [
        row["hs_code"] for row in ENTRIES if row["list_id"] == "EU833_XI" and row["is_partial"] == "true"
    ]
    assert in_xi == ["27101983", "27101999", "68132000", "85177900"]


def test_entry_codes() -> None:
    """Digits as published, but for zeros at the end, of a fit length, under a code of the edition."""
    bad = []
    for row in ENTRIES:
        code, published = row["hs_code"], "".join(filter(str.isdigit, row["code_as_published"]))
        fits = code.isdigit() and len(code) in LENGTHS[row["nomenclature"]]
        same = published.startswith(code) and not published.removeprefix(code).strip("0")
        if not (fits and same and in_edition(code[:6], row["hs_revision"])):
            bad.append(row)
    assert bad == []


def test_trimmed_codes() -> None:
    trimmed = {
        (row["list_id"], row["code_as_published"], row["hs_code"])
        for row in ENTRIES
        if "".join(filter(str.isdigit, row["code_as_published"])) != row["hs_code"]
    }
    assert trimmed == {("EU833_XI", "9024 10 00", "902410"), ("EU833_XI", "9026 00 00", "9026")}


def test_a_version_is_as_sure_as_its_weakest_entry() -> None:
    weakest = {
        (row["list_id"], row["valid_from"]): max(
            (entry["verification"] for entry in entries(row["list_id"], row["valid_from"])),
            key=["seen", "computed", "secondary"].index,
            default="secondary",
        )
        for row in VERSIONS
    }
    stated = {(row["list_id"], row["valid_from"]): row["verification"] for row in VERSIONS}
    assert stated == weakest
