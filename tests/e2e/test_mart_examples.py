"""The example queries in the marts' descriptions: each runs, and on the sample gives what was planted.

Belongs here: queries taken out of the models' YAML. Does not belong here: queries of the tests' own
(test_findings), other seeds (tests/integration/test_planted_findings).
"""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import Root

from orchestration.sample import generate
from orchestration.settings import DBT_PROJECT

pytestmark = pytest.mark.e2e

TIERS_IN_SAMPLE = {"1", "2", "3.A", "3.B", "4.B"}  # no good of 4.A is in it
Plants = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def root(published_sample: Path) -> Root:
    return Root(published_sample)


@pytest.fixture(scope="module")
def plants(tmp_path_factory: pytest.TempPathFactory) -> Plants:
    """What was planted in the bundled sample."""
    listed = tmp_path_factory.mktemp("plants") / "PLANTS.json"
    generate.write_plants(listed)
    return {plant["id"]: plant for plant in json.loads(listed.read_text(encoding="utf-8"))["plants"]}


def one(root: Root, sql: str) -> dict[str, Any]:
    [row] = root.records(sql)
    return row


def examples() -> list[tuple[str, str]]:
    """Model and query: what stands between backticks; a lone condition is one on the model itself."""
    found = []
    for path in sorted((DBT_PROJECT / "models" / "marts").glob("*/_*__models.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            for text in re.findall(r"`([^`]+)`", model["description"]):
                if text.startswith(("select ", "where ")):
                    sql = text if text.startswith("select ") else f"select * from {model['name']} {text}"
                    found.append((model["name"], sql))
    return found


EXAMPLES = dict(examples())


def test_the_marts_of_findings_have_one() -> None:
    assert EXAMPLES.keys() >= {
        "fct_dual_use_trade", "mart_dual_use_monthly", "mart_dual_use_quantities", "mart_growth",
        "mart_comparison", "dim_control_list_entries",
    }  # fmt: skip


@pytest.mark.parametrize(("model", "sql"), examples())
def test_every_example_runs(root: Root, model: str, sql: str) -> None:
    assert root.records(sql) or model == "dim_goods", "the sample has no code outside its edition"


def test_tiers(root: Root) -> None:
    rows = root.records(EXAMPLES["fct_dual_use_trade"])
    assert {row["tier"] for row in rows} == TIERS_IN_SAMPLE


def test_drones_by_month(root: Root, plants: Plants) -> None:
    plant = plants["drones_to_russia"]
    months = [date(int(month[:4]), int(month[4:]), 1) for month in plant["months"]]
    rows = [r for r in root.records(EXAMPLES["mart_dual_use_monthly"]) if r["period_start"] in months]
    for end in ("value_usd_low", "value_usd_high"):
        assert sum(row[end] for row in rows) == plant["total_usd"] > 100_000_000


def test_thirty_times_as_many_drones(root: Root, plants: Plants) -> None:
    found = one(root, EXAMPLES["mart_comparison"])
    assert found["months_compared"] == "01,02,03,04,05,06"
    assert found["value_usd_low"] == plants["drones_to_russia"]["total_usd"]
    assert found["compared_usd_low"] == plants["drones_to_ukraine"]["total_usd"]
    assert (found["ratio_min"], found["ratio_max"]) == (30, 30)


def test_ceramics_grow_by_69_percent(root: Root, plants: Plants) -> None:
    found = one(root, EXAMPLES["mart_growth"])
    assert found["base_usd_low"] == plants["ceramics_to_russia_before"]["total_usd"]
    assert found["value_usd_low"] == plants["ceramics_to_russia"]["total_usd"] > 225_000_000
    assert (found["growth_pct_min"], found["growth_pct_max"]) == (69, 69)
    assert found["comparable"] is True


def test_helmets_are_counted_in_pieces(root: Root, plants: Plants) -> None:
    [pieces] = one(root, EXAMPLES["mart_dual_use_quantities"]).values()
    assert pieces == plants["helmets_to_russia"]["total_pieces"]
