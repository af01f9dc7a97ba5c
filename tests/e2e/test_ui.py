"""Dagster's web interface on a data root with one green and one red refresh, seen through a browser.

Belongs here: what a newcomer looks for on its pages, and what the server does to the machine. Does not belong
here: starting and ending it (interface), the content of the marts.
"""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from interface import Interface, start
from playwright.sync_api import BrowserContext, Locator, Page, expect, sync_playwright
from support import Root, gacc

from orchestration.gates.entries import raw_checks
from orchestration.sources import all_sources, source_codes

pytestmark = pytest.mark.e2e

PATIENCE = 90_000  # milliseconds: the first page waits for the definitions
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def root(published_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Root:
    """One green refresh of the sample, then a red one of a download with an unknown column."""
    folder = tmp_path_factory.mktemp("ui")
    root = Root(folder / "data")
    shutil.copytree(published_sample, root.data)
    row = ("202301", "344", "88062110", "10", 4500, "Air")
    root.add(gacc(folder / "gacc_export_202301.csv", row, extra="Transport mode"))
    ran = root.run("refresh")
    assert ran.code == 1, ran.text
    return root


@pytest.fixture(scope="module")
def interface(root: Root, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interface]:
    interface = start(root, tmp_path_factory.mktemp("interface"))
    try:
        interface.wait_until_it_answers()
        yield interface
    finally:
        interface.kill()


@pytest.fixture(scope="module")
def browser(
    chromium: Path, interface: Interface, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """Debian's Chromium with an empty profile, past Dagster's invitation to its community."""
    folder = tmp_path_factory.mktemp("browser")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder / "profile",
            executable_path=chromium,
            headless=True,
            args=FLAGS,
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
            viewport={"width": 1800, "height": 1300},
        )
        context.set_default_timeout(PATIENCE)
        first = context.pages[0]
        first.goto(interface.url)
        first.get_by_role("button", name="Skip").click()
        expect(first.get_by_text("Join the Dagster community")).to_be_hidden()
        yield context
        context.close()


@pytest.fixture
def page(browser: BrowserContext, interface: Interface, tmp_path: Path) -> Iterator[Page]:
    """An empty page; a picture of how it ended is kept where the test fails."""
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield page
    page.screenshot(path=tmp_path / "page.png")
    page.close()
    others = [url for url in asked if not url.startswith((interface.url, "data:", "blob:"))]
    assert asked
    assert not others, "a page asks somebody else on the network"


def line(page: Page, name: str) -> Locator:
    """The row of a table of names and values."""
    return page.get_by_role("row").filter(has=page.get_by_role("cell", name=name, exact=True))


def test_lineage_shows_the_layers(page: Page, interface: Interface) -> None:
    page.goto(f"{interface.url}/asset-groups")
    for group in ("archive", "landing", "staging", "intermediate", "marts_trade", "marts_ops", "publish"):
        expect(page.get_by_text(group, exact=True).first).to_be_visible()


def test_lineage_leads_from_the_sources_to_the_published_file(page: Page, interface: Interface) -> None:
    page.goto(f"{interface.url}/assets/published/marts?view=lineage&lineageScope=upstream&lineageDepth=99")
    graph = page.locator("foreignObject")
    for code in source_codes():
        expect(graph.get_by_text(code, exact=True).first).to_be_visible()
    staged = re.compile(r"^stg_[a-z_]*….*rows$|^stg_gacc__trade_rows$")  # long names are shortened
    expect(graph.get_by_text(staged).first).to_be_visible()
    tables = Counter(spec.table for spec in all_sources())
    for table, count in tables.items():
        expect(graph.get_by_text(table, exact=True)).to_have_count(count)
    for mart in ("fct_trade_flows", "fct_trade_totals", "dim_countries", "ops_conservation"):
        expect(graph.get_by_text(mart, exact=True)).to_be_visible()
    expect(graph.get_by_text("marts", exact=True)).to_be_visible()


def test_red_check_says_why(page: Page, interface: Interface) -> None:
    checks = raw_checks("gacc")
    [check] = [check for check in checks if check.name == "columns_are_known"]
    page.goto(f"{interface.url}/assets/raw/gacc/trade_rows?view=checks")
    page.get_by_text("columns_are_known", exact=True).first.click()
    expect(page.locator("strong", has_text="blocking")).to_be_visible()
    expect(line(page, "reason")).to_contain_text(check.reason)
    expect(line(page, "value")).to_contain_text("1 row")
    failed, succeeded = page.get_by_text("Failed", exact=True), page.get_by_text("Succeeded", exact=True)
    expect(failed).to_have_count(2)  # in the list and above its details
    expect(succeeded).to_have_count(len(checks) - 1)


def test_dbt_check_says_what_it_asserts(page: Page, interface: Interface) -> None:
    check = "fct_trade_flows_flow_id_is_unique"
    page.goto(f"{interface.url}/assets/marts/fct_trade_flows?view=checks&checkDetail={check}")
    expect(page.get_by_text("No two rows have the same flow_id.")).to_be_visible()


def test_schedule_and_sensor_are_on(page: Page, interface: Interface) -> None:
    page.goto(f"{interface.url}/automation")
    for name in ("daily_refresh", "inbox_sensor"):
        expect(page.get_by_role("link", name=name)).to_be_visible()
    page.get_by_role("link", name="daily_refresh").click()
    expect(line(page, "Running").get_by_role("checkbox")).to_be_checked()
    expect(line(page, "Next tick")).to_contain_text("12:00:00 AM UTC")


def test_runs_of_the_command_line_are_listed(page: Page, interface: Interface, root: Root) -> None:
    published = json.loads(root.manifest.read_text(encoding="utf-8"))["run_id"]
    [red] = [run for run in root.ledger().rows("select run_id from runs") if run["run_id"] != published]
    page.goto(f"{interface.url}/runs")
    for run_id, status in ((published, "Success"), (red["run_id"], "Failure")):
        link = page.get_by_role("link", name=f"run {run_id[:8]}")
        button = page.get_by_role("link", name="View", exact=True)
        row = page.locator("div, tr").filter(has=link).filter(has=button).last  # the innermost that has both
        expect(row).to_contain_text(status)
        expect(row).to_contain_text("dualuse/trigger: cli")


def test_server_is_for_this_machine_only(interface: Interface) -> None:
    assert interface.listens_on() == {("127.0.0.1", interface.port)}


def test_taken_port_is_refused(interface: Interface, root: Root) -> None:
    ran = root.run("ui", "--port", str(interface.port))
    assert ran.code == 2
    assert str(interface.port) in ran.err
    assert "--port" in ran.err


def test_ending_it_leaves_nothing_behind(interface: Interface, root: Root) -> None:
    """Last in the file: the server is gone after it."""
    assert interface.end() == 0
    assert interface.listens_on() == set()
    assert list(interface.home.iterdir()) == []
    log = interface.log.read_text(encoding="utf-8")
    assert "the inbox is empty" in log, "the sensor has not looked"
    assert [line for line in log.splitlines() if "ERROR" in line or "WARNING" in line] == []
    with dg.DagsterInstance.from_config(str(root.data / "dagster")) as instance:
        assert len(instance.get_runs()) == 2, "the server has started a run of its own"
    interface.kill()
    assert interface.members() == []
