"""Fixtures every test may use, and the rule for what a machine lacks.

Belongs here: fixtures shared by several folders of tests. Does not belong here: test data, helpers of one
test module.
"""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from filelock import FileLock

CHROMIUM = Path("/usr/bin/chromium")


def leave_out(reason: str) -> NoReturn:
    """Skip the test for something this machine lacks; with `DUALUSE_REQUIRE_ALL=1` or `CI=true`, fail it."""
    if os.environ.get("DUALUSE_REQUIRE_ALL") == "1" or os.environ.get("CI") == "true":
        pytest.fail(f"this run must leave nothing out, but it {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real publishers' files, which are no part of the project: named by `DUALUSE_REAL_DATA`."""
    named = os.environ.get("DUALUSE_REAL_DATA")
    if not named:
        leave_out("needs real files (set DUALUSE_REAL_DATA to their folder)")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"DUALUSE_REAL_DATA names {folder}, which is not a folder", pytrace=False)
    return folder


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's browser; the tests never download one."""
    if not CHROMIUM.exists():
        leave_out(f"needs a browser (install Debian's chromium; looked for {CHROMIUM})")
    return CHROMIUM


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first worker to ask for it fills, while the others wait."""
    own = factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, done = shared / name, shared / f"{name}.done"
    with FileLock(shared / f"{name}.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def published_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with the sample published by one green refresh: read it, or copy it and write the copy."""

    def make(root: Path) -> None:
        environment = {**os.environ, "DUALUSE_DATA": str(root), "DUALUSE_PULL": "off"}
        command = [str(Path(sys.executable).with_name("dualuse")), "refresh"]
        ran = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert ran.returncode == 0, f"the sample was not published:\n{ran.stdout}\n{ran.stderr}"
        (root / "first-refresh.txt").write_text(ran.stdout, encoding="utf-8")

    return made_once(tmp_path_factory, "published-sample", make)


@pytest.fixture(scope="session")
def published_small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with a few made-up GACC and Comtrade rows published, for tests in `tests/e2e`.

    Read it, or copy it and write the copy. In it: two regimes of one code, a world total, a remainder of 100
    dollars and one of minus half a dollar.
    """
    from support import Root, comtrade, gacc  # beside the tests that ask for this

    def make(folder: Path) -> None:
        root = Root(folder / "data")
        drones = ("202403", "344", "88062110")
        download = gacc(
            folder / "gacc_export_202403.csv", (*drones, "10", 100_000), (*drones, "19", 50_000),
            ("202403", "344", "85258110", "10", 70_000),
        )  # fmt: skip
        russia = [("8542", 1000), ("854231", 600), ("854232", 300)]
        kazakhstan = [("8542", 1000), ("854231", 600), ("854232", 400.5)]
        answer = comtrade(
            folder / "comtrade_2023.json",
            *(("2023", 156, 643, "X", *cell) for cell in russia),
            *(("2023", 156, 398, "X", *cell) for cell in kazakhstan),
            ("2023", 156, 0, "X", "8542", 5000),
        )
        root.add(download, answer, "--published", "2024-05-01")
        ran = root.run("refresh")
        assert ran.code == 0, ran.text

    return made_once(tmp_path_factory, "published-small", make) / "data"


@pytest.fixture(scope="session")
def published_real_trade(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with the real files of GACC and Comtrade published: read it, or copy it."""
    from real_roots import add_gacc_and_comtrade, publish  # beside the tests that ask for this
    from support import Root

    def make(folder: Path) -> None:
        root = Root(folder / "data")
        add_gacc_and_comtrade(root, real_data)
        publish(root)

    return made_once(tmp_path_factory, "published-real-trade", make) / "data"


@pytest.fixture(scope="session")
def published_real_publishers(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with the real files of the other publishers published: read it, or copy it."""
    from real_roots import add_other_publishers, publish  # beside the tests that ask for this
    from support import Root

    def make(folder: Path) -> None:
        root = Root(folder / "data")
        add_other_publishers(root, real_data)
        publish(root)

    return made_once(tmp_path_factory, "published-real-publishers", make) / "data"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once for each reason, with a count, what was left out."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"LEFT OUT {count} test(s): {reason}", yellow=True)
