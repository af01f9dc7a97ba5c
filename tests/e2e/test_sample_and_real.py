"""The synthetic sample and real files: never mixed unasked, never unsaid, nobody asked for its sake.

Belongs here: the first start, the first real file, both together. Does not belong here: the sample's content.
"""

import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from support import Ran, Root, everybody_at, gacc

pytestmark = pytest.mark.e2e

COUNT = "select count(*) as rows from fct_trade_flows"
REAL_USD = 12_345


@pytest.fixture(scope="module")
def publisher() -> Iterator[HTTPServer]:
    """A loopback publisher that nobody should ask."""
    with HTTPServer() as server:
        yield server


def synthetic_rows(root: Root, is_synthetic: bool) -> dict[str, int]:
    """Rows that say they are synthetic (or are not), for every published table that says."""
    columns = "select table_name from information_schema.columns where table_schema = 'main'"
    tables = root.rows(f"{columns} and column_name = 'is_synthetic'")
    assert {"fct_trade_flows", "fct_trade_totals", "fct_trade_quantities", "ops_files"} <= {
        name for (name,) in tables
    }
    word = "" if is_synthetic else "not"
    return {n: root.value(f"select count(*) from {n} where {word} is_synthetic") for (n,) in tables}


@dataclass(frozen=True)
class Start:
    """The sample published by the first refresh of a data root, and a second refresh."""

    root: Root
    first: str
    published: tuple[str, str]
    again: Ran
    seconds: float
    usd: Decimal


def online(publisher: HTTPServer) -> dict[str, str]:
    return everybody_at(publisher.url_for("").rstrip("/"))


@pytest.fixture(scope="module")
def start(published_sample: Path, publisher: HTTPServer, tmp_path_factory: pytest.TempPathFactory) -> Start:
    root = Root(published_sample).copy_to(tmp_path_factory.mktemp("sample-and-real") / "data")
    first = (published_sample / "first-refresh.txt").read_text(encoding="utf-8")
    published = root.digests()
    began = time.monotonic()
    again = root.run("refresh", **online(publisher))
    seconds = time.monotonic() - began
    usd = root.value("select sum(value_usd) from fct_trade_flows")
    return Start(root, first, published, again, seconds, usd)


def says_synthetic(root: Root) -> set[bool]:
    """Whether `query` and `status` speak of synthetic rows in what is published."""
    published = next(line for line in root.run("status").out.splitlines() if line.startswith("Published "))
    return {"SYNTHETIC" in root.run("query", COUNT).err, "SYNTHETIC" in published}


class TestSampleAlone:
    def test_every_row_says_that_it_is_synthetic(self, start: Start) -> None:
        assert set(synthetic_rows(start.root, False).values()) == {0}
        assert synthetic_rows(start.root, True)["fct_trade_flows"] > 1000

    def test_every_output_says_so(self, start: Start) -> None:
        assert "the bundled SYNTHETIC sample is loaded" in start.first
        assert "holds SYNTHETIC rows" in start.first
        assert says_synthetic(start.root) == {True}

    def test_nobody_is_asked_by_the_first_refresh(self, publisher: HTTPServer, tmp_path: Path) -> None:
        root = Root(tmp_path / "data")
        assert root.killed("archive", **online(publisher)) == -signal.SIGKILL, "it had got past the pull"
        assert list((root.data / "inbox").rglob("*.csv")), "the sample was on its way"
        assert publisher.log == []

    def test_nobody_is_asked_by_the_next_one(self, start: Start, publisher: HTTPServer) -> None:
        assert "no publisher is asked" in start.again.err
        assert publisher.log == []
        assert start.root.ledger().rows("select name from sqlite_master where name = 'pull_rounds'") == []

    def test_second_refresh_has_nothing_to_do(self, start: Start) -> None:
        assert start.again.code == 0
        assert "Nothing new" in start.again.out
        assert start.root.digests() == start.published
        assert start.seconds < 10


@pytest.fixture(scope="module")
def with_real(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The first real file, while every publisher is out of reach."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
    download = tmp_path_factory.mktemp("real") / "gacc_export_real.csv"
    start.root.add(gacc(download, ("202401", "344", "88062110", "10", REAL_USD)))
    ran = start.root.run("refresh", **everybody_at(address))
    assert ran.code == 0, ran.text
    return ran


class TestFirstRealFile:
    def test_publisher_out_of_reach_is_a_warning(self, with_real: Ran) -> None:
        warnings = [line for line in with_real.out.splitlines() if line.startswith("warning: ")]
        named = {line.removeprefix("warning: ").split(" could not be reached")[0] for line in warnings}
        assert named == {
            "Eurostat", "UN Comtrade", "European Central Bank", "United Nations Statistics Division",
        }, "those of the daily queries"  # fmt: skip
        assert "Published " in with_real.out

    def test_sample_is_set_aside(self, start: Start, with_real: Ran) -> None:
        assert set(synthetic_rows(start.root, True)) == set(synthetic_rows(start.root, False))
        kept = {name for name, rows in synthetic_rows(start.root, True).items() if rows}
        assert kept == {"ops_files"}, "the list of files still knows the sample, and nothing else does"
        assert start.root.value("select sum(value_usd) from fct_trade_flows") == REAL_USD
        assert start.root.value("select bool_or(is_active) from ops_files where is_synthetic") is False

    def test_every_output_says_so(self, start: Start, with_real: Ran) -> None:
        assert says_synthetic(start.root) == {False}
        assert "Set aside: " in with_real.out
        assert "is set aside because real files are loaded" in start.root.run("status").out
        lines = [
            line
            for line in start.root.run("status", "--files").out.splitlines()
            if "landed SYNTHETIC" in line
        ]
        assert len(lines) == start.root.value("select count(*) from ops_files where is_synthetic")
        assert all("set aside because real files are loaded" in line for line in lines)


@pytest.fixture(scope="module")
def both(start: Start, with_real: Ran) -> Ran:
    assert start.root.run("sample", "--with-real").code == 0
    ran = start.root.run("refresh")
    assert ran.code == 0, ran.text
    return ran


class TestBothOnRequest:
    def test_is_synthetic_tells_them_apart(self, start: Start, both: Ran) -> None:
        sums = dict(start.root.rows("select is_synthetic, sum(value_usd) from fct_trade_flows group by all"))
        assert sums == {True: start.usd, False: REAL_USD}

    def test_every_output_says_so(self, start: Start, both: Ran) -> None:
        assert "holds SYNTHETIC rows" in both.out
        assert says_synthetic(start.root) == {True}
        trace = start.root.run("trace", "fct_trade_flows", "--where", "is_synthetic", "--limit", "1")
        assert " SYNTHETIC\n" in trace.out
