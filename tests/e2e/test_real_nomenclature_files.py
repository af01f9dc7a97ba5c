"""Real files of names and correlations beside a user's own list: all rows, one refresh, and the sample stays.

Belongs here: row counts and figures known from outside the project, the way of reference files through a
refresh. Does not belong here: made-up files (the adapters' tests), the seeds.
"""

from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from support import Ran, Root

from orchestration.settings import SAMPLE

pytestmark = pytest.mark.e2e

OWN = """\
list_id,title,kind,code,partial,nomenclature,hs_revision,tier,valid_from,valid_to,source
MINE,Made-up list,own,{code},,,HS2022,,2023-01-01,,made up
"""


@dataclass(frozen=True)
class Loaded:
    """One data root with all of them, published."""

    root: Root
    refreshed: Ran


@pytest.fixture(scope="module")
def loaded(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    folder = tmp_path_factory.mktemp("nomenclature")
    root = Root(folder / "data")
    real = real_data / "nomenclature"
    unnamed = root.run("add", real / "harmonized-system.csv")
    assert (unnamed.code, "give --hs-revision HS2022" in unnamed.text) == (2, True), unnamed.text
    root.add(real / "harmonized-system.csv", "--hs-revision", "HS2022")
    root.add(real / "HS2022-HS2017.xlsx", real / "HS2017-HS2012.xlsx")
    one_target = openpyxl.load_workbook(real / "HS2022-HS2017.xlsx")
    del one_target["Correlation Tables"]
    one_target.save(folder / "one_target.xlsx")
    root.add(folder / "one_target.xlsx")
    for day, code in [("2023-01-02", "8806.22"), ("2023-01-01", "8807")]:  # the newer one comes first
        own = folder / f"own-{day}.csv"
        own.write_text(OWN.format(code=code), encoding="utf-8")
        root.add(own, "--published", day)
    refreshed = root.run("refresh")
    assert refreshed.code == 0, refreshed.text
    return Loaded(root, refreshed)


def test_every_row_is_staged(loaded: Loaded) -> None:
    names = (
        "select hs_revision, count(*) from staging.stg_hs_nomenclature__codes where is_current group by all"
    )
    assert loaded.root.rows(names) == [("HS2022", 6_940)]
    pairs = (
        "select edition_from, edition_to, count(*) from staging.stg_hs_correlations__pairs"
        " where is_current group by all order by all"
    )
    assert loaded.root.rows(pairs) == [("HS2017", "HS2012", 6_141), ("HS2022", "HS2017", 15_657)]
    assert loaded.root.value("select sum(rows_quarantined) from ops_files where not is_synthetic") == 0


def test_names_and_levels(loaded: Loaded) -> None:
    by_level = (
        "select hs_level, count(*) from staging.stg_hs_nomenclature__codes group by all order by hs_level"
    )
    assert loaded.root.rows(by_level) == [(0, 1), (2, 97), (4, 1_229), (6, 5_613)]
    horses = "select parent_code from staging.stg_hs_nomenclature__codes where hs_code = '010121'"
    assert loaded.root.value(horses) == "0101"


def test_drones_share_goods_with_more_than_one_older_code(loaded: Loaded) -> None:
    """What the sheet of one target hides: no drone code of HS2022 has one older code."""
    sql = (
        "select list(distinct relationship), min(older) from"
        " (select *, count(*) over (partition by code_from) as older"
        " from staging.stg_hs_correlations__pairs where edition_to = 'HS2017')"
        " where code_from similar to '88062[1-4]'"
    )
    [(kinds, fewest)] = loaded.root.rows(sql)
    assert (kinds, fewest > 1) == (["n:n"], True)


def test_the_workbook_stands_for_the_pair_of_editions(loaded: Loaded) -> None:
    sql = (
        "select edition_from, edition_to, origin, count(*) from dim_hs_correlations group by all order by all"
    )
    assert loaded.root.rows(sql) == [
        ("HS2017", "HS2012", "file", 6_141), ("HS2022", "HS2017", "file", 15_657),
    ]  # fmt: skip


@pytest.mark.parametrize(("drone", "one_target"), [("880621", "852580"), ("880629", "880240")])
def test_one_target_is_never_used(loaded: Loaded, real_data: Path, drone: str, one_target: str) -> None:
    """The sheet of one target sends small drones to cameras and the rest to the largest aeroplanes."""
    book = openpyxl.load_workbook(real_data / "nomenclature" / "HS2022-HS2017.xlsx", read_only=True)
    sheet = book["HS2022-HS2017 Conversions"]
    assert [row[1] for row in sheet.iter_rows(values_only=True) if row[0] == drone] == [one_target]
    sql = f"select code_to from dim_hs_correlations where edition_to = 'HS2017' and code_from = '{drone}'"
    targets = {code for (code,) in loaded.root.rows(sql)}
    assert one_target in targets
    assert len(targets) > 1
    possible = (
        "select code, certainty from dim_product_set_codes where set_id = 'drones' and hs_revision = 'HS2017'"
    )
    codes = dict(loaded.root.rows(possible))
    assert targets <= codes.keys()
    assert set(codes.values()) == {"possible"}, "no older code is drones"


def test_correlations_and_names_know_the_same_codes(loaded: Loaded) -> None:
    sql = (
        "select count(*) from (select distinct code_from from staging.stg_hs_correlations__pairs"
        " where edition_from = 'HS2022') p full join (select hs_code from staging.stg_hs_nomenclature__codes"
        " where hs_level = 6) n on p.code_from = n.hs_code where p.code_from is null or n.hs_code is null"
    )
    assert loaded.root.value(sql) == 0


def test_a_table_of_one_target_is_refused_with_the_reason(loaded: Loaded) -> None:
    assert "Refused: one_target.xlsx" in loaded.refreshed.out
    assert "cannot move values between editions" in " ".join(loaded.refreshed.out.split())


def test_the_newer_own_list_counts(loaded: Loaded) -> None:
    sql = "select hs_code, is_current from staging.stg_control_lists__entries order by hs_code"
    assert loaded.root.rows(sql) == [("880622", True), ("8807", False)]


def test_the_sample_stays_until_there_is_trade(loaded: Loaded) -> None:
    assert loaded.root.value("select bool_and(is_synthetic) and count(*) > 1000 from fct_trade_flows")
    assert loaded.root.value("select bool_and(is_active) from ops_files where is_synthetic")
    assert "the bundled SYNTHETIC sample is loaded" in loaded.refreshed.out
    sources = loaded.root.value("select list(distinct source order by source) from ops_conservation")
    sampled = sorted(folder.name for folder in SAMPLE.iterdir() if folder.is_dir())
    assert sources == sampled, "reference facts are no trade"
