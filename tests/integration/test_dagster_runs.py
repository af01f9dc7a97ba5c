"""Runs of the Dagster job: what a green one leaves behind, and that a red raw gate stops what comes after it.

Belongs here: materialised assets, evaluated checks and metadata in the instance. Does not belong here: the
definitions without a run (test_dagster_graph), exit codes and texts of the command line (tests/e2e).
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import dagster as dg
import duckdb
import pytest

from orchestration import collect, sources
from orchestration.definitions import defs
from orchestration.gates import entries
from orchestration.ledger import Ledger
from orchestration.manifest import Manifest
from orchestration.refresh import Outcome, refresh
from orchestration.settings import Settings

# One column more than any known layout; every other cell is good, and dbt reads none but the known columns.
DOWNLOAD = """\
"Date of data","Trading partner code","Trading partner","Commodity code","Commodity","Customs Regime code",\
"Customs Regime","Quantity","Unit","Supplimentary Quantity","Supplimentary Unit","US dollar","Transport mode",
"202301","344","Russian Federation","88062110","Drones","10","Ordinary Trade","5","Number of item","9",\
"Kilogram","4,500","Air",
"202301","110","Hong Kong","90063000","Cameras","10","Ordinary Trade","7","Number of item","3","Kilogram",\
"1,200","Sea",
"""


def events(home: Path, run_id: str, kind: dg.DagsterEventType) -> list[Any]:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        logged = instance.all_logs(run_id, of_type=kind)
    return [entry.dagster_event for entry in logged]


def materialised(home: Path, run_id: str) -> dict[str, dict[str, Any]]:
    """Metadata of each asset that the run materialised, by its key."""
    return {
        event.asset_key.to_user_string(): {
            name: value.value for name, value in event.materialization.metadata.items()
        }
        for event in events(home, run_id, dg.DagsterEventType.ASSET_MATERIALIZATION)
    }


def evaluated(home: Path, run_id: str) -> dict[dg.AssetCheckKey, bool]:
    found = events(home, run_id, dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    evaluations = [event.asset_check_evaluation_data for event in found]
    return {evaluation.asset_check_key: evaluation.passed for evaluation in evaluations}


@pytest.fixture(scope="module")
def graph() -> Any:
    return defs().get_repository_def().asset_graph


@pytest.fixture(scope="module")
def manifest(published_sample: Path) -> dict[str, Any]:
    text = (published_sample / "published" / "manifest.json").read_text(encoding="utf-8")
    manifest: dict[str, Any] = json.loads(text)
    return manifest


@pytest.fixture(scope="module")
def counts(published_sample: Path, manifest: dict[str, Any]) -> dict[str, int]:
    """Rows of each published mart, counted by us."""
    with duckdb.connect(str(published_sample / "published" / "marts.duckdb"), read_only=True) as db:
        return {name: db.table(f"main.{name}").shape[0] for name in manifest["marts"]}


class TestGreenRun:
    def test_run_of_the_command_line_is_in_the_instance(
        self, published_sample: Path, manifest: dict[str, Any]
    ) -> None:
        with dg.DagsterInstance.from_config(str(published_sample / "dagster")) as instance:
            [run] = instance.get_runs()
            assert instance.get_concurrency_config().pool_config.default_pool_limit == 1
        assert run.run_id == manifest["run_id"]
        assert run.status is dg.DagsterRunStatus.SUCCESS
        assert run.job_name == "refresh"
        assert run.tags["dualuse/trigger"] == "cli"

    def test_nothing_is_skipped(self, published_sample: Path, manifest: dict[str, Any], graph: Any) -> None:
        expected = {key.to_user_string() for key in graph.get_all_asset_keys()}
        assert set(materialised(published_sample / "dagster", manifest["run_id"])) == expected

    def test_every_check_ran_and_passed(
        self, published_sample: Path, manifest: dict[str, Any], graph: Any
    ) -> None:
        results = evaluated(published_sample / "dagster", manifest["run_id"])
        assert set(results) == set(graph.asset_check_keys)
        assert [key for key, passed in results.items() if not passed] == []

    def test_row_counts_are_those_of_the_published_tables(
        self, published_sample: Path, manifest: dict[str, Any], counts: dict[str, int]
    ) -> None:
        seen = materialised(published_sample / "dagster", manifest["run_id"])
        assert seen["published/marts"]["row_counts"] == counts
        marts = {
            key.removeprefix("marts/"): seen[key]["dagster/row_count"] for key in seen if "marts/" in key
        }
        assert counts["fct_trade_flows"] > 0
        # Publishing adds the results of the dbt tests and the mart gate, which dbt itself cannot know.
        assert marts.pop("ops_gate_results") < counts["ops_gate_results"]
        assert marts == {name: rows for name, rows in counts.items() if name != "ops_gate_results"}


class TestRawGate:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> Iterator[Settings]:
        """A data root with one file that dbt accepts and the raw gate does not."""
        environment = {"DUALUSE_DATA": str(tmp_path / "data"), "DUALUSE_PULL": "off"}
        with mock.patch.dict(os.environ, environment):  # gives back whatever a refresh sets, too
            settings = Settings.from_env()
            settings.prepare()
            download = tmp_path / "gacc_export_202301.csv"
            download.write_text(DOWNLOAD, encoding="utf-8")
            collect.place(settings, Ledger(settings.ledger_path), download, Manifest())
            yield settings

    def refresh(self, settings: Settings) -> tuple[Outcome, set[str]]:
        """How a refresh ended and what it materialised."""
        outcome = refresh(settings, Ledger(settings.ledger_path))
        return outcome, set(materialised(settings.dagster_home, outcome.run_id))

    def test_red_gate_stops_dbt_and_only_the_gate_does(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch, graph: Any
    ) -> None:
        outcome, done = self.refresh(settings)
        assert outcome.outcome == "red"
        assert [gate["name"] for gate in outcome.red] == ["columns_are_known"]
        assert done == {f"archive/{source}" for source in sources.source_codes()} | {
            spec.asset for spec in sources.all_sources()
        }
        assert not settings.marts_database.exists()
        assert not settings.build_database.exists(), "dbt must not have begun"

        shared = entries._shared

        def without_gate(name: str, source: str) -> list[dict[str, Any]]:
            found = shared(name, source)
            return [{**e, "severity": "warn"} if e["name"] == "columns_are_known" else e for e in found]

        monkeypatch.setattr(entries, "_shared", without_gate)
        entries.raw_checks.cache_clear()
        try:
            outcome, done = self.refresh(settings)
        finally:
            entries.raw_checks.cache_clear()
        failed = [gate["name"] for gate in outcome.gates if not gate["passed"]]
        assert (outcome.outcome, failed) == ("published", ["columns_are_known"])
        assert done == {key.to_user_string() for key in graph.get_all_asset_keys()}
        with duckdb.connect(str(settings.marts_database), read_only=True) as db:
            assert db.table("main.fct_trade_flows").shape[0] == 2
