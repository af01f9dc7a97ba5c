"""Reading what is published: `dualuse query`, a plain connection, and the way from a figure to its raw cells.

Belongs here: formats, refusals, and cells compared with the archived bytes. Does not belong here: what the
figures are (test_real_files).
"""

import csv
import hashlib
import io
import json
import re
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from support import Ran, Root, records

pytestmark = pytest.mark.e2e

SQL = "select partner_iso2, sum(value_usd) as usd from fct_trade_flows where source = 'gacc' group by all"
HEADINGS = {
    "commodity_code": "Commodity code", "regime_code": "Customs Regime code", "value_usd": "US dollar",
    "partner_code": "Trading partner code", "partner_name": "Trading partner", "period": "Date of data",
}  # fmt: skip


@pytest.fixture(scope="module")
def root(published_small: Path) -> Root:
    return Root(published_small)


def refused(ran: Ran) -> str:
    """The one sentence of a command that was refused."""
    assert (ran.code, ran.out) == (2, ""), ran.text
    assert "Traceback" not in ran.err
    [sentence] = ran.err.strip().splitlines()[:1]
    return sentence


class TestQuery:
    def test_table(self, root: Root) -> None:
        ran = root.run("query", SQL)
        assert ran.code == 0
        assert re.search(r"RU\s*│\s*220000\.000000", ran.out)

    def test_csv(self, root: Root) -> None:
        rows = list(csv.DictReader(io.StringIO(root.run("query", SQL, "--format", "csv").out)))
        assert rows == [{"partner_iso2": "RU", "usd": "220000.000000"}]

    def test_json_from_a_file(self, root: Root, tmp_path: Path) -> None:
        asked = tmp_path / "question.sql"
        asked.write_text(f"-- China's exports\n{SQL}\n", encoding="utf-8")
        answer = json.loads(root.run("query", "-f", asked, "--format", "json").out)
        assert answer == [{"partner_iso2": "RU", "usd": "220000.000000"}]

    def test_parquet(self, root: Root, tmp_path: Path) -> None:
        ran = root.run("query", SQL, "--format", "parquet", "-o", tmp_path / "answer.parquet")
        assert ran.code == 0, ran.text
        assert pq.read_table(tmp_path / "answer.parquet").to_pylist() == [
            {"partner_iso2": "RU", "usd": 220_000}
        ]

    @pytest.mark.parametrize(
        "sql",
        ["create table mine as select 1", "delete from fct_trade_flows", "drop table fct_trade_flows"],
    )
    def test_writing_is_refused(self, root: Root, sql: str) -> None:
        before = root.digests()
        assert "read-only" in refused(root.run("query", sql))
        assert root.digests() == before

    def test_syntax_error_is_refused(self, root: Root) -> None:
        assert "syntax error" in refused(root.run("query", "selec 1")).lower()

    def test_nothing_published_yet(self, tmp_path: Path) -> None:
        assert "nothing is published" in refused(Root(tmp_path / "empty").run("query", SQL))

    def test_plain_connection_needs_no_schema(self, root: Root) -> None:
        with duckdb.connect(str(root.marts), read_only=True) as db:
            assert db.execute(SQL).fetchall() == [("RU", 220_000)]
            with pytest.raises(duckdb.Error, match="read-only"):
                db.execute("create table mine as select 1")


class TestTrace:
    def trace(self, root: Root, table: str, where: str) -> list[dict[str, str]]:
        """The raw rows shown, each with its role, file, row, sha256, archived path and line of cells."""
        ran = root.run("trace", table, "--where", where)
        assert ran.code == 0, ran.text
        shown = r"  ([\w, ]+): (\S+) row (\d+)(?: SYNTHETIC)?\n    sha256 (\w+)\n    archived (\S+)\n    (.+)"
        names = ("role", "file", "row", "sha256", "archived", "cells")
        return [dict(zip(names, found, strict=True)) for found in re.findall(shown, ran.out)]

    def test_cells_are_those_of_the_archived_record(self, root: Root) -> None:
        shown = self.trace(root, "fct_trade_flows", "source = 'gacc' and hs_code = '880621'")
        assert [row["role"] for row in shown] == ["part", "part"]
        for row in shown:
            archived = Path(row["archived"])
            assert row["file"] == "gacc_export_202403.csv"
            assert hashlib.sha256(archived.read_bytes()).hexdigest() == row["sha256"]
            header, record = (records(archived, "gb18030")[n] for n in (0, int(row["row"]) - 1))
            cells = dict(zip(header, record, strict=True))
            for column, heading in HEADINGS.items():
                assert f"{column}={cells[heading]!r}" in row["cells"]
        values = {re.search("value_usd='([^']*)'", row["cells"])[1] for row in shown}  # type: ignore[index]
        assert values == {"100,000", "50,000"}

    def test_remainder_shows_the_heading_and_what_was_taken_off(self, root: Root) -> None:
        where = "row_kind = 'remainder' and partner_iso2 = 'RU'"
        assert root.rows(f"select hs_code, value_usd from fct_trade_flows where {where}") == [("8542", 100)]
        shown = self.trace(root, "fct_trade_flows", where)
        data = json.loads(Path(shown[0]["archived"]).read_text(encoding="utf-8"))["data"]
        behind = {(row["role"], data[int(row["row"]) - 1]["cmdCode"]) for row in shown}
        assert behind == {("heading", "8542"), ("subtracted", "854231"), ("subtracted", "854232")}
        assert all(f"cmdCode='{data[int(row['row']) - 1]['cmdCode']}'" in row["cells"] for row in shown)

    def test_totals_are_traced_as_well(self, root: Root) -> None:
        [row] = self.trace(root, "fct_trade_totals", "total_kind = 'world_partner'")
        world = json.loads(Path(row["archived"]).read_text(encoding="utf-8"))["data"][int(row["row"]) - 1]
        assert (world["partnerCode"], world["primaryValue"]) == (0, 5000)
        assert "primaryValue='5000'" in row["cells"]

    @pytest.mark.parametrize(
        ("mart", "where", "figures"),
        [
            (
                "mart_dual_use_monthly",
                "source = 'gacc' and definition_id = 'drones' and flow = 'export'"
                " and period_end = '2023-03-31'",
                {"part": "value_usd_high"},
            ),
            (
                "mart_growth",
                "definition_id = 'ceramics_wide' and flow = 'export' and source = 'gacc' and year = 2023",
                {"part": "value_usd_high", "base, part": "base_usd_high"},
            ),
            (
                "mart_comparison",
                "definition_id = 'drones' and flow = 'export' and year = 2023 and compared_with_iso2 = 'UA'",
                {"part": "value_usd_high", "compared, part": "compared_usd_high"},
            ),
        ],
    )
    def test_a_band_opens_to_the_rows_that_it_adds_up(
        self, published_sample: Path, mart: str, where: str, figures: dict[str, str]
    ) -> None:
        root = Root(published_sample)
        to_russia = "destination_iso2 = 'RU'" if mart == "mart_comparison" else "partner_iso2 = 'RU'"
        shown = self.trace(root, mart, f"{where} and {to_russia}")
        for role, column in figures.items():
            cells = [re.search("value_usd='([^']*)'", row["cells"]) for row in shown if row["role"] == role]
            total = sum(int(found[1].replace(",", "")) for found in cells if found)
            assert total > 0
            assert [(total,)] == root.rows(f"select {column} from {mart} where {where} and {to_russia}")
        assert {row["role"] for row in shown} == set(figures)

    def test_no_such_row_and_no_such_table(self, root: Root) -> None:
        ran = root.run("trace", "fct_trade_flows", "--where", "partner_iso2 = 'ZZ'")
        assert (ran.code, ran.out) == (0, "No row of fct_trade_flows meets the condition.\n")
        assert "fct_trade_totals" in refused(root.run("trace", "dim_countries", "--where", "true"))
        refused(root.run("trace", "fct_trade_flows", "--where", "no_such_column = 1"))
