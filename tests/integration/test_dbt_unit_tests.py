"""The logic of the models: dbt's own unit tests, run by dbt on a build of the sample.

Belongs here: that they all run and pass. Does not belong here: the tests themselves, which stand in the
models' YAML, or the data tests, which every refresh runs.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from orchestration import catalogue, collect, landing
from orchestration.ledger import Ledger
from orchestration.settings import DBT_PROJECT, Settings


def test_every_unit_test_of_the_models_passes(tmp_path, monkeypatch):
    monkeypatch.setenv("DUALUSE_DATA", str(tmp_path / "data"))
    settings = Settings.from_env()
    settings.prepare()
    ledger = Ledger(settings.ledger_path)
    collect.place_sample(settings, ledger)
    collect.collect(settings, ledger)
    for entry in landing.pending(ledger):
        landing.land(settings, ledger, entry)
    catalogue.build(settings, ledger)

    target = tmp_path / "target"
    command = [str(Path(sys.executable).parent / "dbt"), "build", "--project-dir", str(DBT_PROJECT)]
    done = subprocess.run(
        [*command, "--target-path", str(target)],
        env={**os.environ, **settings.tool_environment()},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:]
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    unit = {r["unique_id"]: r["status"] for r in results if r["unique_id"].startswith("unit_test.")}
    declared = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["unit_tests"]
    assert unit.keys() == declared.keys()
    assert set(unit.values()) == {"pass"}
    tested = {node["model"] for node in declared.values()}
    assert tested >= {
        "stg_gacc__trade_rows",
        "stg_comtrade__trade_rows",
        "stg_census__trade_rows",
        "stg_ecb__daily_rates",
        "stg_hs_nomenclature__codes",
        "stg_hs_correlations__pairs",
        "stg_control_lists__entries",
        "int_rates__average_months",
        "int_trade__row_fates",
        "int_trade__mapped",
        "int_trade__resolve_levels",
        "int_trade__resolve_periods",
        "fct_trade_flows",
    }
