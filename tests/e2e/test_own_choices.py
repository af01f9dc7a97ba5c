"""The user's own list and own choice of list versions, through refreshes of a small data root.

Belongs here: what a list of one's own and DUALUSE_CHOSEN_LISTS do to published rows, and the ways out. Does
not belong here: the form of either (unit tests), the lists that are shipped (test_findings).
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support import Ran, Root, differences

pytestmark = pytest.mark.e2e

OWN = """\
list_id,title,kind,code,partial,nomenclature,hs_revision,tier,valid_from,valid_to,source
MINE,Drones of mine,own,8806.21,,,HS2022,a,2024-03-15,,made up
MINE,Drones of mine,own,8525.81,yes,,HS2022,b,2024-03-15,,made up
"""
OLDER, NEWEST = date(2023, 9, 14), date(2024, 2, 23)
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Choices:
    """What was published with an own list and an older version, after a bad choice, and with neither."""

    list_row: Rows
    matches: Rows
    older: Rows
    before_red: tuple[str, str]
    red: Ran
    after_red: tuple[str, str]
    back: Root


def chosen(root: Root) -> Rows:
    """Versions by which flows are matched in all periods, with the tier and the flows that they meet."""
    sql = (
        "select definition_id, version_from, tier, count(*) from fct_dual_use_trade"
        " where version_basis = 'chosen' and definition_id in ('CHPL', 'EU833_XL') group by all order by all"
    )
    return root.rows(sql)


@pytest.fixture(scope="module")
def choices(published_small: Path, tmp_path_factory: pytest.TempPathFactory) -> Choices:
    folder = tmp_path_factory.mktemp("choices")
    root = Root(published_small).copy_to(folder / "data")
    own = folder / "own_lists.csv"
    own.write_text(OWN, encoding="utf-8")
    root.add(own)
    ran = root.run("refresh", DUALUSE_CHOSEN_LISTS="CHPL=2023-09-14")
    assert ran.code == 0, ran.text
    list_row = root.rows("select title, kind, is_own_list from dim_control_lists where list_id = 'MINE'")
    matches = root.rows(
        "select version_basis, hs_code, certainty, tier, sum(value_usd) from fct_dual_use_trade"
        " where definition_id = 'MINE' and partner_iso2 = 'RU' group by all order by all"
    )
    older, before = chosen(root), root.digests()
    assert root.run("reject", root.sha(own.name)[:12], "--why", "no longer mine").code == 0
    red = root.run("refresh", DUALUSE_CHOSEN_LISTS="CHPL=2023-09-15,CHLP=2023-09-14")
    after = root.digests()
    back = root.run("refresh")
    assert back.code == 0, back.text
    return Choices(list_row, matches, older, before, red, after, root)


def test_own_list_is_among_the_lists(choices: Choices) -> None:
    assert choices.list_row == [("Drones of mine", "own", True)]


def test_own_list_matches_flows_by_its_days_and_in_its_chosen_version(choices: Choices) -> None:
    """March 2024 is listed from the 15th on: a part of the month."""
    assert choices.matches == [
        ("chosen", "852581", "possible", "b", 70_000),
        ("chosen", "880621", "exact", "a", 150_000),
        ("valid", "852581", "possible", "b", 70_000),
        ("valid", "880621", "possible", "a", 150_000),
    ]


def test_chosen_version_is_applied_to_all_periods(choices: Choices) -> None:
    versions = {(name, start) for name, start, *_ in choices.older}
    assert versions == {("CHPL", OLDER), ("EU833_XL", date(2024, 6, 25))}, "that list only"


def test_a_day_on_which_no_version_begins_and_a_list_that_is_not_there_are_red(choices: Choices) -> None:
    assert choices.red.code == 1, choices.red.text
    assert "Not published" in choices.red.out
    assert "RED: marts/dim_control_list_versions one_version_is_chosen: 2" in choices.red.out
    assert choices.after_red == choices.before_red


def test_both_rows_behind_the_red_check_can_be_seen(choices: Choices) -> None:
    red = "check_name = 'one_version_is_chosen' and not is_passed"
    rows = choices.back.value(f"select offending_rows from ops_gate_results where {red}")
    assert "CHPL" in rows
    assert "CHLP" in rows


def test_without_a_choice_the_newest_version_counts_again(choices: Choices) -> None:
    now = chosen(choices.back)
    assert {start for name, start, *_ in now if name == "CHPL"} == {NEWEST}
    flows = {name: sum(row[-1] for row in now if row[0] == name) for name in ("CHPL", "EU833_XL")}
    assert flows["CHPL"] == flows["EU833_XL"] > 0, "the annex repeats the list"


def test_rejected_list_is_gone_everywhere(choices: Choices) -> None:
    for table, column in (
        ("dim_control_lists", "list_id"), ("dim_control_list_versions", "list_id"),
        ("dim_control_list_entries", "list_id"), ("fct_dual_use_trade", "definition_id"),
        ("mart_dual_use_monthly", "definition_id"), ("mart_growth", "definition_id"),
    ):  # fmt: skip
        assert choices.back.value(f"select count(*) from {table} where {column} = 'MINE'") == 0, table
        assert choices.back.value(f"select count(*) from {table}") > 0, table


def test_what_came_and_went_leaves_no_trace(choices: Choices, published_small: Path) -> None:
    """Two refreshes on top of a build from nothing come to its rows."""
    assert differences(Root(published_small).marts, choices.back.marts) == {}


@pytest.mark.parametrize("text", ["CHPL", "CHPL=soon"])
def test_words_of_another_form_are_refused_by_name_before_anything_runs(text: str, tmp_path: Path) -> None:
    root = Root(tmp_path / "data")
    ran = root.run("refresh", DUALUSE_CHOSEN_LISTS=text)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines() == [
        f"dualuse: DUALUSE_CHOSEN_LISTS: '{text}' is not LIST=YYYY-MM-DD, such as CHPL=2023-09-14"
    ]
    assert not root.data.exists()
