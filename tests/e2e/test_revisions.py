"""Revisions: what a newer file replaces, what it leaves, and that a rebuild comes to the same rows.

Belongs here: files of one key in several versions, through two refreshes, a rejection and a rebuild. Does not
belong here: the logic row by row (dbt unit tests).
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from shutil import copyfile

import pytest
from support import Root, comtrade, differences, gacc

from orchestration import archive

pytestmark = pytest.mark.e2e

CAMERA, DRONE, SIGHT = "85258110", "88062110", "90138020"
RU, UA, KZ, KG, AM = "344", "347", "145", "146", "338"
Flow = tuple[str, str, str]  # partner, HS6, first day of the period
Figures = dict[Flow, tuple[Decimal, str]]  # US dollars and the published currency


def month(partner: str, *rows: tuple[str, str, int]) -> list[tuple[object, ...]]:
    return [("202403", partner, *row) for row in rows]


def chips(partner: int, values: dict[str, int]) -> list[tuple[object, ...]]:
    return [(period, 156, partner, "X", "854231", value) for period, value in values.items()]


def figures(root: Root) -> Figures:
    found = root.rows("select partner_iso2, hs_code, period_start, value_usd, currency from fct_trade_flows")
    return {(partner, code, str(start)): (value, currency) for partner, code, start, value, currency in found}


def totals(root: Root) -> set[tuple[object, ...]]:
    return set(
        root.rows("select partner_iso2, hs_code, frequency, total_kind, value_usd from fct_trade_totals")
    )


@dataclass(frozen=True)
class History:
    """What was published after each step, and the file as it was built step by step."""

    root: Root
    first: Figures
    first_totals: set[tuple[object, ...]]
    revised: Figures
    revised_totals: set[tuple[object, ...]]
    rejected: Figures
    step_by_step: Path
    rebuilt: Figures


def add_first(root: Root, folder: Path) -> None:
    folder.mkdir()
    china = ("--direction", "export", "--published", "2024-05-01")
    root.add(
        gacc(
            folder / "ru.csv",
            *month(RU, (DRONE, "10", 100), (DRONE, "19", 50), (CAMERA, "10", 70), (SIGHT, "10", 30)),
        ),
        gacc(
            folder / "kz.csv",
            *month(KZ, (DRONE, "10", 10), (CAMERA, "10", 20)),
            ("202402", KZ, DRONE, "10", 33),
        ),
        gacc(folder / "ua.csv", *month(UA, (DRONE, "10", 5), (DRONE, "19", 7), (CAMERA, "19", 9))),
        gacc(
            folder / "am.csv", *month(AM, (DRONE, "10", 700), (CAMERA, "10", 1400)), currency="Renminbi Yuan"
        ),
        gacc(folder / "kg.csv", *month(KG, (DRONE, "10", 64))),
        *china,
    )
    root.add(
        comtrade(folder / "year_ru.json", *chips(643, {"2023": 100})),
        comtrade(folder / "months_kz.json", *chips(398, {"202301": 10, "202302": 10})),
        "--published", "2024-05-01",
    )  # fmt: skip


def add_revised(root: Root, folder: Path) -> None:
    """One value changed and rows dropped; the two spans of Comtrade the other way round."""
    folder.mkdir()
    china = ("--direction", "export", "--published", "2024-06-01")
    root.add(gacc(folder / "ru.csv", *month(RU, (DRONE, "10", 111), (SIGHT, "10", 30))), *china)
    root.add(gacc(folder / "kz.csv", *month(KZ, (DRONE, "10", 12))), *china, "--complete")
    root.add(gacc(folder / "ua.csv", *month(UA, (DRONE, "19", 8))), *china, "--only", "regime=19")
    root.add(gacc(folder / "am.csv", *month(AM, (DRONE, "10", 101))), *china)
    root.add(gacc(folder / "kg.csv", *month(KG, (DRONE, "10", 450)), currency="Renminbi Yuan"), *china)
    root.add(
        comtrade(folder / "months_ru.json", *chips(643, {"202301": 10, "202302": 10})),
        comtrade(folder / "year_kz.json", *chips(398, {"2023": 100})),
        "--published", "2024-06-01",
    )  # fmt: skip


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    folder = tmp_path_factory.mktemp("revisions")
    root = Root(folder / "data")
    add_first(root, folder / "first")
    assert root.refresh_here().outcome == "published"
    first, first_totals = figures(root), totals(root)
    add_revised(root, folder / "revised")
    assert root.refresh_here().outcome == "published"
    revised, revised_totals = figures(root), totals(root)
    newest = [entry for entry in root.ledger().files() if entry.file_name == "ru.csv"][-1]
    root.ledger().reject(newest.sha256, "withdrawn by its publisher")
    assert root.refresh_here().outcome == "published"
    step_by_step = folder / "step_by_step.duckdb"
    copyfile(root.marts, step_by_step)
    rejected = figures(root)
    assert root.refresh_here(rebuild=True).outcome == "published"
    return History(root, first, first_totals, revised, revised_totals, rejected, step_by_step, figures(root))


@pytest.fixture(scope="module")
def usd(history: History) -> Callable[[Figures, str, str], Decimal | None]:
    """March 2024 in US dollars: partner and the first six digits of a code, None where nothing flows."""

    def value(published: Figures, partner: str, code: str) -> Decimal | None:
        found = published.get((partner, code[:6], "2024-03-01"))
        return found[0] if found else None

    return value


Usd = Callable[[Figures, str, str], Decimal | None]


def test_newer_value_is_current(history: History, usd: Usd) -> None:
    assert usd(history.first, "RU", DRONE) == 150
    assert usd(history.revised, "RU", DRONE) == 111, (
        "regime 19 is gone: the newer file names the code without it"
    )


def test_code_that_a_selection_does_not_name_stays(history: History, usd: Usd) -> None:
    assert usd(history.revised, "RU", CAMERA) == 70
    assert usd(history.revised, "RU", SIGHT) == 30


def test_code_that_a_complete_file_does_not_name_is_gone(history: History, usd: Usd) -> None:
    assert usd(history.first, "KZ", CAMERA) == 20
    assert usd(history.revised, "KZ", CAMERA) is None
    assert usd(history.revised, "KZ", DRONE) == 12
    assert history.revised["KZ", DRONE[:6], "2024-02-01"] == (33, "USD"), "another month is another block"


def test_file_of_one_regime_replaces_that_regime_only(history: History, usd: Usd) -> None:
    assert usd(history.first, "UA", DRONE) == 5 + 7
    assert usd(history.revised, "UA", DRONE) == 5 + 8
    assert usd(history.revised, "UA", CAMERA) == 9


def test_dollars_count_before_yuan_whichever_came_first(history: History, usd: Usd) -> None:
    assert history.first["AM", DRONE[:6], "2024-03-01"][1] == "CNY"
    assert history.revised["AM", DRONE[:6], "2024-03-01"] == (101, "USD")
    assert history.revised["KG", DRONE[:6], "2024-03-01"] == (64, "USD")
    assert history.revised["AM", CAMERA[:6], "2024-03-01"] == history.first["AM", CAMERA[:6], "2024-03-01"]
    assert Decimal(150) < (usd(history.revised, "AM", CAMERA) or 0) < Decimal(250), (
        "1,400 yuan in dollars of 2024"
    )


def test_finer_span_flows_and_the_coarser_is_a_total_whichever_came_first(history: History) -> None:
    year = [("RU", "2023-01-01", 100)]
    months = [("KZ", "2023-01-01", 10), ("KZ", "2023-02-01", 10)]
    assert comtrade_flows(history.first) == sorted(months + year)
    assert history.first_totals == set()
    in_order = [(partner, start, 10) for partner in ("KZ", "RU") for start in ("2023-01-01", "2023-02-01")]
    assert comtrade_flows(history.revised) == in_order
    assert history.revised_totals == {(p, "854231", "annual", "coarser_period", 100) for p in ("KZ", "RU")}


def comtrade_flows(published: Figures) -> list[tuple[str, str, Decimal]]:
    return sorted(
        (partner, start, usd) for (partner, code, start), (usd, _) in published.items() if code == "854231"
    )


def test_older_value_returns_when_the_newer_file_is_rejected(history: History, usd: Usd) -> None:
    assert usd(history.rejected, "RU", DRONE) == 150
    changed = {flow for flow in history.first if history.rejected.get(flow) != history.revised.get(flow)}
    assert changed == {("RU", DRONE[:6], "2024-03-01")}
    sql = "select rows_in_flows, explanation from ops_files where file_name = 'ru.csv' and state = 'rejected'"
    assert history.root.rows(sql) == [(0, "withdrawn by its publisher")]


def test_every_version_stays_in_the_archive(history: History) -> None:
    files = history.root.ledger().files()
    assert len(files) == 14
    for entry in files:
        assert archive.digest(history.root.settings.archive / entry.archived_path) == entry.sha256


def test_rebuild_comes_to_the_same_rows(history: History) -> None:
    assert history.rebuilt == history.rejected
    assert differences(history.step_by_step, history.root.marts) == {}


@pytest.mark.parametrize(
    "table", ["fct_dual_use_trade", "mart_dual_use_monthly", "mart_dual_use_quantities", "mart_growth"]
)
def test_marts_of_the_goods_have_rows_to_compare(history: History, table: str) -> None:
    assert history.root.value(f"select count(*) from {table}") > 0
