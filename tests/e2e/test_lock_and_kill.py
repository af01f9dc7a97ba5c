"""Two refreshes at once, and refreshes killed with SIGKILL: nobody waits for ever, nothing half-done is seen.

Belongs here: processes that hold the lock or die. Does not belong here: the lock as a class (unit).
"""

import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import Root, comtrade, differences, gacc

from orchestration.progress import STAGES

pytestmark = pytest.mark.e2e

HOLDER = """
import time
from orchestration import lock
from orchestration.settings import Settings
with lock.hold(Settings.from_env(), "a long errand"):
    print("held", flush=True)
    time.sleep(600)
"""
# At the start of every stage, in the middle of dbt (whose process outlives ours) and right after the swap,
# when the run has ended for the ledger and not for Dagster.
DURING_DBT, AFTER_SWAP = ("dbt", "50 models"), ("publish", "marts.duckdb")
LEFT_IN_BUILD = {"landing.duckdb", "target", "logs", "tmp"}
MOMENTS = [*((stage, "") for stage in STAGES), DURING_DBT, AFTER_SWAP]


@dataclass(frozen=True)
class Prepared:
    """A published root with new files in its inbox, and the root that an undisturbed refresh made of it."""

    root: Root
    undisturbed: Root


@pytest.fixture(scope="module")
def prepared(published_small: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("kill")
    root = Root(published_small).copy_to(folder / "prepared")
    root.add(
        gacc(
            folder / "gacc_export_newer.csv",
            ("202403", "344", "88062110", "10", 111),
            ("202404", "347", "85258110", "10", 8),
        ),
        comtrade(
            folder / "newer.json",
            ("2023", 156, 643, "X", "854231", 650),
            ("202301", 156, 398, "X", "854232", 4),
        ),
        "--published",
        "2024-06-01",
    )
    undisturbed = root.copy_to(folder / "undisturbed")
    assert undisturbed.refresh_here().outcome == "published"
    assert differences(root.marts, undisturbed.marts).keys() >= {"fct_trade_flows", "fct_trade_quantities"}
    return Prepared(root, undisturbed)


@pytest.mark.parametrize(
    ("stage", "words"), MOMENTS, ids=["-".join(filter(None, moment)) for moment in MOMENTS]
)
def test_killed_refresh_is_made_good_by_the_next(prepared: Prepared, stage: str, words: str) -> None:
    # One place for all of them: dbt parses everything anew where a root has moved.
    root = prepared.root.copy_to(prepared.root.data.parent / "work")
    before = root.digests()
    assert root.killed(stage, words) == -signal.SIGKILL

    if (stage, words) == AFTER_SWAP:
        assert differences(root.marts, prepared.undisturbed.marts) == {}
    else:
        assert root.digests() == before
        assert differences(root.marts, prepared.root.marts) == {}

    outcome = root.refresh_here()
    if (stage, words) == AFTER_SWAP:
        assert outcome.outcome == "unchanged"
        outcome = root.refresh_here(rebuild=True)
    assert (outcome.outcome, outcome.error) == ("published", "")
    assert differences(root.marts, prepared.undisturbed.marts) == {}
    assert {path.name for path in root.settings.build.iterdir()} <= LEFT_IN_BUILD


def test_second_refresh_says_who_holds_the_lock(tmp_path: Path) -> None:
    root = Root(tmp_path / "data")
    holder = root.start(sys.executable, "-c", HOLDER)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        ran = root.run("refresh")
    finally:
        holder.kill()
        holder.communicate()
    assert ran.code == 3, ran.text
    assert f"process {holder.pid} (a long errand)" in ran.err
    assert str(root.data) in ran.err
    assert "Traceback" not in ran.text
    assert root.run("status").code == 0
