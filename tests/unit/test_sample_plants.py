"""What is planted in the synthetic sample, read back from the bytes of its files.

Belongs here: planted totals, their relations and the look-alikes, for the default seed and for seeds drawn
when the tests run. Does not belong here: layouts and sums of the committed files (`test_sample`), the reader.
"""

import csv
import json
import random
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
import yaml
from sample_reader import AREAS, PARTNERS, Made, chosen, comtrade

from orchestration.sample import draws, generate, plants
from orchestration.settings import PROJECT_ROOT, SAMPLE

SEEDS = (None, *(random.SystemRandom().randrange(10**9) for _ in range(3)))
TABLE = yaml.safe_load((PROJECT_ROOT / "orchestration" / "sample" / "plants.yml").read_text(encoding="utf-8"))
PUBLISHED_FLOORS = {"drones_to_russia": 100_000_000, "ceramics_to_russia": 225_000_000}


@pytest.fixture(scope="module", params=SEEDS, ids=["default", "drawn-1", "drawn-2", "drawn-3"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The committed sample, and samples of other seeds."""
    listed = tmp_path_factory.mktemp("plants") / "PLANTS.json"
    if request.param is None:
        folder = SAMPLE
        generate.write_plants(listed)
    else:
        folder = tmp_path_factory.mktemp("sample")
        generate.write(folder, request.param)
        generate.write_plants(listed, request.param)
    planted = json.loads(listed.read_text(encoding="utf-8"))["plants"]
    return Made(request.param, folder, {plant["id"]: plant for plant in planted})


def test_planted_totals_are_in_the_files(made: Made) -> None:
    exports = made.lines("export")
    assert list(made.plants) == [plant["id"] for plant in TABLE["plants"]]
    for name, plant in made.plants.items():
        lines = chosen(exports, plant)
        assert lines, (made.seed, name)
        assert sum(int(line["usd"]) for line in lines) == plant["total_usd"], (made.seed, name)
        assert {line["month"] for line in lines} <= set(plant["months"]), (made.seed, name)


def test_planted_pieces_are_in_the_files_and_are_no_kilograms(made: Made) -> None:
    counted = {name: plant for name, plant in made.plants.items() if plant["total_pieces"]}
    assert set(counted) == {"helmets_to_russia", "vests_to_russia"}
    for name, plant in counted.items():
        lines = chosen(made.lines("export"), plant)
        assert {line["unit"] for line in lines} == {"Number of item"}
        assert sum(int(line["quantity"]) for line in lines) == plant["total_pieces"], (made.seed, name)
        assert sum(int(line["second"]) for line in lines) != plant["total_pieces"], (made.seed, name)
        assert 200_000 <= plant["total_pieces"] < 1_000_000


def test_totals_are_within_the_ends_of_the_table(made: Made) -> None:
    for row in TABLE["plants"]:
        plant = made.plants[row["id"]]
        for measure in {"total_usd", "total_pieces"} & row.keys():
            low, high = row[measure]
            assert low <= plant[measure] <= high, (made.seed, row["id"], measure)
    for name, floor in PUBLISHED_FLOORS.items():
        assert made.plants[name]["total_usd"] > floor, (made.seed, name)


def test_relations_are_exact(made: Made) -> None:
    drones, ceramics = made.plants["drones_to_russia"], made.plants["ceramics_to_russia"]
    ukraine = made.plants[drones["relation"]["to"]]
    before = made.plants[ceramics["relation"]["to"]]
    ratio, growth = drones["relation"]["value"], ceramics["relation"]["value"]
    assert (ukraine["partner"], ukraine["months"]) == ("UA", drones["months"])
    assert [str(int(month) + 100) for month in before["months"]] == ceramics["months"]
    assert drones["total_usd"] == ratio * ukraine["total_usd"], made.seed
    assert 100 * ceramics["total_usd"] == (100 + growth) * before["total_usd"], made.seed
    if made.seed is None:
        assert (ratio, growth) == (30, 69)


def test_another_seed_has_other_totals(made: Made) -> None:
    default = {x.plant.id: x.usd for x in plants.draw(draws.SEED)}
    totals = {name: plant["total_usd"] for name, plant in made.plants.items()}
    same = {name for name in totals if totals[name] == default[name]}
    assert same == (set(default) if made.seed is None else set()), made.seed


def test_look_alikes_are_in_the_files(made: Made) -> None:
    lines = {direction: made.lines(direction) for direction in ("export", "import")}
    rows = comtrade(made.folder)
    for row in TABLE["look_alikes"]:
        where = (made.seed, row["id"])
        if row["where"] == "comtrade":
            found = [
                x
                for x in rows
                if x["reporterISO"] in row["reporters"]
                and (x["flowCode"], x["partnerISO"]) == ("X", AREAS[row["partner"]])
                and x["cmdCode"].startswith(tuple(row["codes"]))
                and row["months"][0] <= x["period"] <= row["months"][-1]
            ]
            assert sum(Decimal(x["primaryValue"]) for x in found) > 0, where
            assert {x["reporterISO"] for x in found} == set(row["reporters"]), where
        else:
            found = chosen(lines[row["where"].removeprefix("gacc_")], row)
            assert sum(int(x.get("usd") or x["cny"]) for x in found) > 0, where
            found_alike(row, found, where)


def found_alike(row: dict[str, Any], found: list[dict[str, str]], where: tuple[int | None, str]) -> None:
    """What the kind of a look-alike promises of its lines."""
    keys = Counter((x["month"], x["code"]) for x in found)
    if row["kind"] == "currency":  # one month, in which a code may be absent
        assert all("cny" in x for x in found), where
    else:
        assert all(any(x["code"].startswith(code) for x in found) for code in row["codes"]), where
    if row["kind"] == "repeated":
        assert max(keys.values()) > 1, where


def test_look_alikes_stand_outside_the_plants_they_look_like(made: Made) -> None:
    exports = made.lines("export")
    for row in TABLE["look_alikes"]:
        assert row["why"]
        if row["where"] == "gacc_export":
            alike = chosen(exports, row)
            inside = row["kind"] in {"repeated", "unit"}
            for name in row["of"]:
                shared = [line for line in chosen(exports, made.plants[name]) if line in alike]
                assert bool(shared) == inside, (made.seed, row["id"], name)


def test_every_plant_has_look_alikes_of_goods_and_direction() -> None:
    kinds = {(name, row["kind"]) for row in TABLE["look_alikes"] for name in row["of"]}
    for name in ("drones_to_russia", "ceramics_to_russia", "night_optics_to_russia", "helmets_to_russia"):
        assert {(name, "goods"), (name, "direction")} <= kinds, name


def test_partners_are_those_of_the_source() -> None:
    with (PROJECT_ROOT / "orchestration/sources/gacc/countries.csv").open(encoding="utf-8") as stream:
        listed = {row["iso2"]: row["code"] for row in csv.DictReader(stream)}
    assert TABLE["partners"] == PARTNERS == {iso2: listed[iso2] for iso2 in PARTNERS}


def test_comtrade_repeats_the_planted_year(made: Made) -> None:
    """Chapter 69 to Russia in 2022, half of it planted; December is in yuan, at an invented 7 a dollar."""
    year = {"partner": "RU", "codes": ["69"], "months": ["202201", "202212"]}
    gacc_usd = sum(
        Decimal(x["usd"]) if "usd" in x else Decimal(x["cny"]) / 7 for x in chosen(made.lines("export"), year)
    )
    [whole] = [
        Decimal(x["primaryValue"])
        for x in comtrade(made.folder)
        if (x["period"], x["reporterISO"], x["partnerISO"], x["cmdCode"]) == ("2022", "CHN", "RUS", "69")
    ]
    assert whole == gacc_usd, made.seed
