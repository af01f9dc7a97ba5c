"""Fixtures every test may use, and the rule for what a machine lacks.

Belongs here: fixtures shared by several folders of tests. Does not belong here: test data, helpers of one
test module.
"""

import os
from collections import Counter
from pathlib import Path
from typing import NoReturn

import pytest

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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once for each reason, with a count, what was left out."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"LEFT OUT {count} test(s): {reason}", yellow=True)
