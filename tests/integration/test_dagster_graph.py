"""The Dagster definitions: which assets, edges, checks, pools, schedule and sensor there are.

Belongs here: what can be told without a run; what is expected comes from the folders, not from Dagster.
Does not belong here: runs (test_dagster_runs), the checks' own rules (test_gate_engine).
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from orchestration.definitions import defs
from orchestration.gates.entries import mart_checks, raw_checks
from orchestration.gates.model import Check
from orchestration.settings import DBT_PROJECT, PROJECT_ROOT

SOURCES = {
    path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in (PROJECT_ROOT / "orchestration" / "sources").glob("*/source.yml")
}
RAW = {source: f"raw/{source}/{spec['table']}" for source, spec in SOURCES.items()}
PUBLISHED = "published/marts"


@pytest.fixture(scope="module")
def repository() -> dg.RepositoryDefinition:
    return defs().get_repository_def()


@pytest.fixture(scope="module")
def nodes(repository: dg.RepositoryDefinition) -> dict[str, Any]:
    """Every asset of the graph by its key as text."""
    return {node.key.to_user_string(): node for node in repository.asset_graph.asset_nodes}


@pytest.fixture(scope="module")
def dbt_tests() -> list[dict[str, Any]]:
    manifest = json.loads((DBT_PROJECT / "target" / "manifest.json").read_text(encoding="utf-8"))
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]


def parents(nodes: dict[str, Any], key: str) -> set[str]:
    return {parent.to_user_string() for parent in nodes[key].parent_keys}


def ancestors(nodes: dict[str, Any], key: str) -> set[str]:
    above = parents(nodes, key)
    return above.union(*(ancestors(nodes, parent) for parent in above))


def models(layer: str) -> set[str]:
    folder = DBT_PROJECT / "models" / layer
    return {f"{layer}/{path.stem}" for path in folder.rglob("*") if path.suffix in {".sql", ".py"}}


def landing_tables() -> set[str]:
    """The tables that dbt reads beside the landed rows."""
    text = (DBT_PROJECT / "models" / "staging" / "_landing__sources.yml").read_text(encoding="utf-8")
    tables = {table["name"] for source in yaml.safe_load(text)["sources"] for table in source["tables"]}
    return {f"landing/{name}" for name in tables if name.split("__")[0] not in SOURCES}


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("archive", {f"archive/{source}" for source in SOURCES}),
        ("raw", set(RAW.values())),
        ("landing", landing_tables()),
        ("reference", {f"reference/{path.stem}" for path in (DBT_PROJECT / "seeds").glob("*.csv")}),
        *((layer, models(layer)) for layer in ("staging", "intermediate", "marts")),
        ("published", {PUBLISHED}),
    ],
)
def test_every_file_is_an_asset(nodes: dict[str, Any], layer: str, expected: set[str]) -> None:
    assert expected, f"nothing is expected of the layer {layer}: the test looks in the wrong place"
    found = {key for key, node in nodes.items() if key.split("/")[0] == layer and node.is_executable}
    assert found == expected


def test_there_is_no_other_layer(nodes: dict[str, Any]) -> None:
    assert {key.split("/")[0] for key in nodes} == {
        "archive", "raw", "landing", "reference", "staging", "intermediate", "marts", "published",
    }  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_way_of_a_source(nodes: dict[str, Any], source: str) -> None:
    assert parents(nodes, RAW[source]) == {f"archive/{source}"}
    staged = parents(nodes, f"staging/stg_{source}__{SOURCES[source]['table']}")
    assert RAW[source] in staged
    assert staged <= {RAW[source]} | landing_tables(), "staging reads its own rows and reference facts only"
    assert f"archive/{source}" in ancestors(nodes, PUBLISHED)


def test_landing_tables_wait_for_every_raw_gate(nodes: dict[str, Any]) -> None:
    for key in landing_tables():
        assert parents(nodes, key) == set(RAW.values()), key


def test_publish_waits_for_every_mart(nodes: dict[str, Any]) -> None:
    assert parents(nodes, PUBLISHED) == models("marts")


# Reference facts that no mart reads yet; a model that is read leaves this list.
UNREAD = {
    "staging/stg_control_lists__entries",
    "staging/stg_hs_correlations__pairs",
    "staging/stg_hs_nomenclature__codes",
}


def test_nothing_is_built_in_vain(nodes: dict[str, Any]) -> None:
    assert set(nodes) - ancestors(nodes, PUBLISHED) - {PUBLISHED} == UNREAD


def test_every_asset_tells_what_it_is(nodes: dict[str, Any]) -> None:
    for key, node in nodes.items():
        description = node.description or ""
        assert len(description) > 25, key
        assert not description.startswith("dbt "), f"{key} has only the description that dagster-dbt makes up"
        assert node.group_name not in {None, "default"}, key
        assert node.owners, key
        assert node.kinds, key


def test_every_dbt_test_is_a_check(nodes: dict[str, Any], dbt_tests: list[dict[str, Any]]) -> None:
    on_sources = [
        test["name"]
        for test in dbt_tests
        if any(node.startswith("source.") for node in test["depends_on"]["nodes"])
    ]
    assert on_sources == [], "a test on a source would let dbt run past a red raw gate"
    expected = {f"{t['attached_node'].split('.')[-1]}: {t['name']}" for t in dbt_tests}
    assert len(expected) == len(dbt_tests), "two dbt tests of one name: Dagster drops one without a word"
    dbt = {key for node in nodes.values() if "dbt" in node.kinds for key in node.check_keys}
    entries = {dg.AssetCheckKey(dg.AssetKey(check.asset.split("/")), check.name) for check in all_entries()}
    assert {f"{key.asset_key.path[-1]}: {key.name}" for key in dbt - entries} == expected


def test_dbt_checks_say_what_they_assert(
    repository: dg.RepositoryDefinition, dbt_tests: list[dict[str, Any]]
) -> None:
    graph = repository.asset_graph
    by_name = {key.name: graph.get(key) for key in graph.asset_check_keys}
    for test in dbt_tests:
        check = by_name[test["name"]]
        assert check.blocking == (test["config"]["severity"].lower() == "error"), test["name"]
        column = test["test_metadata"]["kwargs"].get("column_name", "")
        assert (check.description or "").endswith("."), test["name"]
        assert column in check.description, test["name"]


def all_entries() -> list[Check]:
    return [*mart_checks(), *(check for source in SOURCES for check in raw_checks(source))]


def test_every_gate_entry_is_a_check(repository: dg.RepositoryDefinition) -> None:
    graph = repository.asset_graph
    assert {check.gate for check in all_entries()} == {"raw", "mart"}
    for entry in all_entries():
        check = graph.get(dg.AssetCheckKey(dg.AssetKey(entry.asset.split("/")), entry.name))
        assert check.blocking == (entry.severity == "block"), entry.name
        assert entry.reason in (check.description or ""), entry.name


def test_every_check_is_known(repository: dg.RepositoryDefinition, dbt_tests: list[dict[str, Any]]) -> None:
    assert len(repository.asset_graph.asset_check_keys) == len(dbt_tests) + len(all_entries())


def test_every_op_of_the_job_writes_alone(repository: dg.RepositoryDefinition) -> None:
    ops = [node.definition for node in repository.get_job("refresh").nodes]
    assert {"dbt_build", "mart_gate", "published__marts"} <= {op.name for op in ops}
    for op in ops:
        assert op.pools == {"duckdb_writer"}, op.name
        assert "writer" in op.required_resource_keys, op.name


def test_job_holds_every_asset_and_check(repository: dg.RepositoryDefinition) -> None:
    layer = repository.get_job("refresh").asset_layer
    assert layer.executable_asset_keys == set(repository.asset_graph.get_all_asset_keys())
    assert set(layer.asset_graph.asset_check_keys) == set(repository.asset_graph.asset_check_keys)


def test_schedule_follows_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUALUSE_SCHEDULE_CRON", "17 4 * * 1")
    monkeypatch.setenv("DUALUSE_SCHEDULE_TIMEZONE", "Europe/Kyiv")
    schedule = defs().get_repository_def().get_schedule_def("daily_refresh")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("17 4 * * 1", "Europe/Kyiv")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert schedule.job_name == "refresh"


def test_sensor_asks_once_for_each_state_of_the_inbox(
    repository: dg.RepositoryDefinition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUALUSE_DATA", str(tmp_path))
    sensor = repository.get_sensor_def("inbox_sensor")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert sensor.job_name == "refresh"

    def ask() -> Any:
        return sensor(dg.build_sensor_context())

    assert isinstance(ask(), dg.SkipReason), "there is no inbox yet"
    inbox = tmp_path / "inbox" / "gacc"
    inbox.mkdir(parents=True)
    (inbox / ".export.csv.partial").write_text("half a file", encoding="utf-8")
    (inbox / "export.csv.yml").write_text("direction: export\n", encoding="utf-8")
    assert isinstance(ask(), dg.SkipReason), "nothing but what is not a whole data file"
    (inbox / "export.csv").write_text("one", encoding="utf-8")
    first = ask()
    assert isinstance(first, dg.RunRequest)
    assert ask().run_key == first.run_key, "a file that waits for an option must not start a run a minute"
    (inbox / "import.csv").write_text("two", encoding="utf-8")
    assert ask().run_key != first.run_key


def test_raw_assets_are_fresh_for_the_cadence_of_their_source(nodes: dict[str, Any]) -> None:
    for source, spec in SOURCES.items():
        window = nodes[RAW[source]].freshness_policy.fail_window.to_timedelta()
        assert window == timedelta(days=spec["cadence_days"]), source
