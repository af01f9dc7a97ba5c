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
# At the start of every stage, and once in the middle of dbt, whose own process outlives ours.
AT_START = [(stage, "") for stage in STAGES]
MOMENTS = [*AT_START, ("dbt", "50 models")]
MOMENTS.sort(key=lambda moment: AT_START.index((moment[0], "")))
LEFT_IN_BUILD = {"landing.duckdb", "target", "logs", "tmp"}


@dataclass(frozen=True)
class Killed:
    """A published root with new files; killed over and over in one copy, right after the swap in another."""

    prepared: Root
    before_swap: Root
    after_swap: Root


@pytest.fixture(scope="module")
def killed(published_small: Path, tmp_path_factory: pytest.TempPathFactory) -> Killed:
    folder = tmp_path_factory.mktemp("kill")
    prepared = Root(published_small).copy_to(folder / "prepared")
    prepared.add(
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
    return Killed(prepared, prepared.copy_to(folder / "before"), prepared.copy_to(folder / "after"))


@pytest.mark.parametrize(("stage", "words"), MOMENTS, ids=["-".join(filter(None, m)) for m in MOMENTS])
def test_killed_refresh_changes_nothing_that_users_read(killed: Killed, stage: str, words: str) -> None:
    """Each refresh starts from what the one killed before it left lying about, and gets further."""
    root = killed.before_swap
    before = root.digests()
    assert root.killed(stage, words) == -signal.SIGKILL
    assert root.digests() == before == killed.prepared.digests()
    assert differences(root.marts, killed.prepared.marts) == {}
    outcomes = [run["outcome"] for run in root.ledger().rows("select outcome from runs order by started_at")]
    assert outcomes.count("published") == 1, "the one of before the kills"


def test_refresh_killed_right_after_the_swap_has_published(killed: Killed) -> None:
    """The run has ended for the ledger and not for Dagster, whose pool must not keep the next one waiting."""
    root = killed.after_swap
    assert root.killed("publish", "marts.duckdb") == -signal.SIGKILL
    assert differences(root.marts, killed.prepared.marts).keys() >= {
        "fct_trade_flows",
        "fct_trade_quantities",
    }
    assert root.refresh_here().outcome == "unchanged"
    published = root.marts.with_suffix(".kept")
    published.write_bytes(root.marts.read_bytes())
    assert root.refresh_here(rebuild=True).outcome == "published"
    assert differences(published, root.marts) == {}


def test_next_refresh_makes_good_what_was_killed(killed: Killed) -> None:
    """The same tables as in the other root, where nothing was interrupted before they were published."""
    root = killed.before_swap
    outcome = root.refresh_here()
    assert (outcome.outcome, outcome.error) == ("published", "")
    assert differences(root.marts, killed.after_swap.marts) == {}
    assert {path.name for path in root.settings.build.iterdir()} <= LEFT_IN_BUILD
    outcomes = [run["outcome"] for run in root.ledger().rows("select outcome from runs order by started_at")]
    interrupted = len(MOMENTS) - len(("pull", "archive"))  # those two come before a run begins
    assert outcomes == ["published", *["interrupted"] * interrupted, "published"]


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
