"""What is planted in samples of seeds drawn when the tests run, found again in the marts, and what hides it.

Belongs here: planted totals, relations and pieces after the pipeline has read the files; careless queries.
Does not belong here: the files' bytes (unit tests), the bundled sample (e2e), gates and publishing.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from orchestration import catalogue, collect, landing
from orchestration.ledger import Ledger
from orchestration.settings import DBT_PROJECT, PROJECT_ROOT, Settings

SEEDS = [random.SystemRandom().randrange(10**9) for _ in range(3)]
TABLE = yaml.safe_load((PROJECT_ROOT / "orchestration" / "sample" / "plants.yml").read_text(encoding="utf-8"))
MARTS = ("mart_dual_use_monthly", "mart_dual_use_quantities", "mart_growth", "mart_comparison")
DEFINED = {  # the product set, and the end of its band: helmets share a code with every other helmet
    "drones_to_russia": ("drones", "value_usd_low"),
    "drones_to_ukraine": ("drones", "value_usd_low"),
    "ceramics_to_russia": ("ceramics_wide", "value_usd_low"),
    "ceramics_to_russia_before": ("ceramics_wide", "value_usd_low"),
    "helmets_to_russia": ("helmets", "value_usd_high"),
}
PIECES = {"helmets_to_russia": "helmets", "vests_to_russia": "vests_garments"}
FLOWS = "intermediate.int_trade__national_flows"


@dataclass(frozen=True)
class Built:
    """One seed's sample in the marts, and what was planted in it."""

    seed: int
    db: duckdb.DuckDBPyConnection
    plants: dict[str, dict[str, Any]]

    def value(self, sql: str) -> Any:
        [[value]] = self.db.execute(sql).fetchall()
        return value


def tool(settings: Settings, *words: str | Path) -> None:
    """Run a Python module or one of our tools, which must go well."""
    environment = {**os.environ, **settings.tool_environment()}
    done = subprocess.run(
        [*map(str, words)], env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


@pytest.fixture(scope="module", params=SEEDS, ids=["drawn-1", "drawn-2", "drawn-3"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """Files of a seed, landed, and the marts that findings need; no tests of dbt."""
    seed: int = request.param
    folder = tmp_path_factory.mktemp("planted")
    settings = Settings(data=folder / "data")
    settings.prepare()
    listed = folder / "PLANTS.json"
    generate = (sys.executable, "-m", "orchestration.sample.generate", folder / "sample")
    tool(settings, *generate, "--seed", str(seed), "--plants", listed)
    for source in (folder / "sample").iterdir():
        if source.is_dir():
            shutil.copytree(source, settings.inbox / source.name)
    ledger = Ledger(settings.ledger_path)
    assert len(collect.collect(settings, ledger)) == 11, seed
    for entry in landing.pending(ledger):
        landing.land(settings, ledger, entry)
    catalogue.build(settings, ledger)
    dbt = (Path(sys.executable).parent / "dbt", "build", "--project-dir", DBT_PROJECT)
    only = ("--select", *(f"+{mart}" for mart in MARTS))
    without = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    tool(settings, *dbt, *only, *without, "--target-path", folder / "target")
    plants = json.loads(listed.read_text(encoding="utf-8"))["plants"]
    with duckdb.connect(str(settings.build_database), read_only=True) as db:
        yield Built(seed, db, {plant["id"]: plant for plant in plants})


def first_days(months: list[str]) -> str:
    """Condition on the period; every plant's months are whole."""
    days = ", ".join(f"date '{month[:4]}-{month[4:]}-01'" for month in months)
    return f"period_start in ({days}) and frequency = 'monthly'"


def goods(codes: list[str], without: list[str]) -> str:
    """Condition on the national code by its beginnings."""
    among = " or ".join(f"national_code like '{code}%'" for code in codes)
    return " and ".join([f"({among})", *(f"national_code not like '{code}%'" for code in without)])


def conditions(plant: dict[str, Any]) -> dict[str, str]:
    """What a careful query says of a plant, by what it is about."""
    return {
        "reporter": "source = 'gacc' and reporter_iso2 = 'CN'",
        "direction": "flow = 'export'",
        "partner": f"partner_iso2 = '{plant['partner']}'",
        "months": first_days(plant["months"]),
        "goods": goods(plant["codes"], plant["without"]),
    }


def month_span(first: str, last: str) -> list[str]:
    return [str(month) for month in range(int(first), int(last) + 1) if 1 <= month % 100 <= 12]


def careless(plant: dict[str, Any], alike: dict[str, Any]) -> dict[str, str]:
    """The same query without the thought that the look-alike tests: it lets the look-alike in."""
    said = conditions(plant)
    kind = alike["kind"]
    if kind == "goods":
        wider = goods(alike["codes"], [])
        said["goods"] = f"({said['goods']} or {wider})"
    elif kind == "direction":
        said["direction"] = "flow in ('export', 'import')"
    elif kind == "partner":
        said["partner"] = f"partner_iso2 in ('{plant['partner']}', '{alike['partner']}')"
    elif kind == "reporter":
        del said["reporter"]
    elif alike["where"] == "comtrade":  # the year of another source beside the months
        del said["reporter"]
        said["months"] = f"(({said['months']}) or year(period_start) = {alike['months'][0]})"
    else:  # months, and the month in another currency
        wider = first_days(month_span(*alike["months"]))
        said["months"] = f"(({said['months']}) or ({wider}))"
        said["goods"] = f"({said['goods']} or {goods(alike['codes'], [])})"
    return said


def total(built: Built, said: dict[str, str], column: str = "value_usd") -> Decimal:
    found: Decimal = built.value(f"select sum({column}) from {FLOWS} where {' and '.join(said.values())}")
    return found


def test_totals_are_found_by_code(built: Built) -> None:
    assert len(built.plants) == 7
    for name, plant in built.plants.items():
        assert total(built, conditions(plant)) == plant["total_usd"], (built.seed, name)


def test_totals_are_found_by_product_set(built: Built) -> None:
    for name, (definition, end) in DEFINED.items():
        plant = built.plants[name]
        said = conditions(plant) | {"goods": f"definition_id = '{definition}'"}
        found = built.value(
            f"select sum({end}) from mart_dual_use_monthly where {' and '.join(said.values())}"
        )
        assert found == plant["total_usd"], (built.seed, name)


def test_night_optics_are_cameras_and_a_part_of_the_sights(built: Built) -> None:
    plant = built.plants["night_optics_to_russia"]
    said = " and ".join((conditions(plant) | {"goods": "true"}).values())
    cameras = built.value(
        f"select sum(value_usd_low) from mart_dual_use_monthly where {said}"
        " and definition_id = 'night_vision_cameras'"
    )
    sights = built.value(
        f"select sum(value_usd) from fct_dual_use_trade where {said} and definition_id = 'optics_sights'"
        " and hs_code = '901310' and certainty = 'possible'"
    )
    assert cameras + sights == plant["total_usd"], built.seed


def test_ratio(built: Built) -> None:
    plant = built.plants["drones_to_russia"]
    [found] = built.db.execute(
        "select ratio_min, ratio_max, months_compared, value_usd_low, compared_usd_low, comparable"
        " from mart_comparison where definition_id = 'drones' and source = 'gacc' and flow = 'export'"
        " and origin_iso2 = 'CN' and destination_iso2 = 'RU' and compared_with_iso2 = 'UA' and year = 2023"
    ).fetchall()
    ratio = plant["relation"]["value"]
    sums = (plant["total_usd"], built.plants["drones_to_ukraine"]["total_usd"])
    assert found == (ratio, ratio, "01,02,03,04,05,06", *sums, True), built.seed


def test_growth(built: Built) -> None:
    plant = built.plants["ceramics_to_russia"]
    [(least, most, *found)] = built.db.execute(
        "select growth_pct_min, growth_pct_max, months_compared, base_usd_low, value_usd_low, growth_kind"
        " from mart_growth where definition_id = 'ceramics_wide' and source = 'gacc' and flow = 'export'"
        " and reporter_iso2 = 'CN' and partner_iso2 = 'RU' and year = 2023"
    ).fetchall()
    growth = Decimal(plant["relation"]["value"]).quantize(Decimal("0.0001"))
    assert least == most == growth, built.seed
    sums = [built.plants["ceramics_to_russia_before"]["total_usd"], plant["total_usd"]]
    assert found == ["01,02,03,04,05,06", *sums, "plain"], built.seed


def test_pieces_are_no_kilograms(built: Built) -> None:
    for name, definition in PIECES.items():
        plant = built.plants[name]
        said = conditions(plant) | {"goods": f"definition_id = '{definition}'"}
        table = f"from mart_dual_use_quantities where {' and '.join(said.values())}"
        pieces = built.value(f"select sum(quantity_high) {table} and quantity_unit = 'u'")
        assert pieces == plant["total_pieces"], (built.seed, name)
        kilograms = total(built, conditions(plant), "net_weight_kg")
        assert pieces + kilograms != plant["total_pieces"], (built.seed, name)
        assert kilograms > 0, (built.seed, name)


def test_careless_queries_give_other_figures(built: Built) -> None:
    asked = [(plant, alike) for alike in TABLE["look_alikes"] for plant in alike["of"]]
    inside = {"repeated", "unit"}  # lines of the plant itself, which the tests above count
    for name, alike in asked:
        plant = built.plants[name]
        if alike["kind"] not in inside:
            said = careless(plant, alike)
            assert total(built, said) > plant["total_usd"], (built.seed, name, alike["id"])


def test_one_line_a_code_loses_the_rest(built: Built) -> None:
    """Keeping one landed line of each month and code, as a careless reader of the file would."""
    plant = built.plants["drones_to_russia"]
    said = " and ".join(conditions(plant).values())
    kept = built.value(f"select sum(value_usd) from {FLOWS} where {said} and source_row_count = 1")
    assert (kept or 0) < plant["total_usd"], built.seed


def test_growth_over_unlike_months_is_another_growth(built: Built) -> None:
    """Half a year against a whole one."""
    plant = built.plants["ceramics_to_russia"]
    before = built.plants["ceramics_to_russia_before"]
    whole_year = conditions(before) | {"months": "year(period_start) = 2022"}
    careless_growth = 100 * (total(built, conditions(plant)) / total(built, whole_year) - 1)
    assert careless_growth < plant["relation"]["value"] - 1, built.seed
