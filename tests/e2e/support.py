"""Driving the pipeline as a user does: the installed command on a data root, files in real layouts.

Belongs here: data roots, running and killing refreshes, writing made-up downloads, comparing published files.
Does not belong here: tests, expectations.
"""

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.ledger import Ledger
from orchestration.pulls import pullable
from orchestration.refresh import Outcome, refresh
from orchestration.settings import Settings

PROGRAM = Path(sys.executable).parent / "dualuse"

# Kills its own process, children not included, when a stage starts (no words) or says the given words.
KILLED_REFRESH = """
import os, signal, sys
from orchestration import progress
from orchestration.cli import main
stage, words = sys.argv[1:]
hit = lambda name, said: name == stage and (words in said if words else not said)
progress.listen(lambda name, said: os.kill(os.getpid(), signal.SIGKILL) if hit(name, said) else None)
sys.argv = ["dualuse", "refresh"]
main()
"""

GACC_2018 = (
    "Date of data", "Trading partner code", "Trading partner", "Commodity code", "Commodity",
    "Customs Regime code", "Customs Regime", "Quantity", "Unit", "Supplimentary Quantity",
    "Supplimentary Unit",
)  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """One command: its exit code and both its streams."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass(frozen=True)
class Root:
    """One data root and the command on it."""

    data: Path

    @property
    def marts(self) -> Path:
        return self.data / "published" / "marts.duckdb"

    @property
    def manifest(self) -> Path:
        return self.data / "published" / "manifest.json"

    @property
    def settings(self) -> Settings:
        return Settings(data=self.data.resolve(), pull_enabled=False)

    def ledger(self) -> Ledger:
        self.settings.prepare()
        return Ledger(self.settings.ledger_path)

    def environment(self, **extra: str) -> dict[str, str]:
        """Nobody is asked, and no key is there to ask with, unless a test says so."""
        asked = ("_BASE_URL", "_API_KEY")
        inherited = {name: value for name, value in os.environ.items() if not name.endswith(asked)}
        return inherited | {"DUALUSE_DATA": str(self.data), "DUALUSE_PULL": "off", "COLUMNS": "200"} | extra

    def start(self, *command: str, **extra: str) -> "subprocess.Popen[str]":
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=self.environment(**extra), text=True, stdout=pipe, stderr=pipe)

    def run(self, *arguments: str | Path, **extra: str) -> Ran:
        with self.start(str(PROGRAM), *map(str, arguments), **extra) as process:
            out, err = process.communicate(timeout=600)
        return Ran(process.returncode, out, err)

    def add(self, *arguments: str | Path) -> Ran:
        ran = self.run("add", *arguments)
        assert ran.code == 0, ran.text
        return ran

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Rows by way of `dualuse query`; decimals and dates come as text."""
        ran = self.run("query", sql, "--format", "json")
        assert ran.code == 0, ran.text
        rows: list[dict[str, Any]] = json.loads(ran.out)
        return rows

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the published file, opened as any reader may open it."""
        with duckdb.connect(str(self.marts), read_only=True) as db:
            return db.execute(sql).fetchall()

    def records(self, sql: str) -> list[dict[str, Any]]:
        """Rows as `rows` gives them, by column name."""
        with duckdb.connect(str(self.marts), read_only=True) as db:
            found = db.execute(sql)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def value(self, sql: str) -> Any:
        [[value]] = self.rows(sql)
        return value

    def refresh_here(self, rebuild: bool = False) -> Outcome:
        """A refresh in this process, for speed, where its exit code is not the point."""
        with environment(self.environment()):
            return refresh(self.settings, self.ledger(), rebuild)

    def killed(self, stage: str, words: str = "", **extra: str) -> int:
        """The exit code of a refresh that kills itself at a stage."""
        with self.start(sys.executable, "-c", KILLED_REFRESH, stage, words, **extra) as process:
            process.communicate(timeout=600)
        return process.returncode

    def digests(self) -> tuple[str, str]:
        """SHA-256 of the published file and of its manifest."""
        return tuple(hashlib.sha256(p.read_bytes()).hexdigest() for p in (self.marts, self.manifest))  # type: ignore[return-value]

    def sha(self, file_name: str) -> str:
        [sha] = {e.sha256 for e in self.ledger().files() if e.file_name == file_name}
        return sha

    def copy_to(self, data: Path) -> "Root":
        """This root's folder once more; what stands there already is replaced."""
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self.data, data, ignore=shutil.ignore_patterns("*-wal", "*-shm"))  # come and go
        return Root(data)


def everybody_at(address: str) -> dict[str, str]:
    """Pulling is on, and every publisher there is stands at one address."""
    return {"DUALUSE_PULL": "on"} | {f"{code.upper()}_BASE_URL": address for code in pullable()}


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """These variables and no others, until the end of the block."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def gacc(path: Path, *rows: Sequence[object], currency: str = "US dollar", extra: str = "") -> Path:
    """A download in the layout of 2018; a row is month, partner, HS8, regime, value (and the extra cell).

    Quoted, GB18030, CRLF, a comma too many at the end of each line and commas in the values, as published.
    """
    lines = [[*GACC_2018, currency, *([extra] if extra else [])]]
    for month, partner, code, regime, value, *more in rows:
        lines.append(
            [month, partner, "Hong Kong，China", code, "Goods, nes", regime, "Ordinary Trade", "4",
             "Number of item", "2", "Kilogram", f"{value:,}", *more]
        )  # fmt: skip
    text = "".join("".join(f'"{cell}",' for cell in line) + "\r\n" for line in lines)
    path.write_bytes(text.encode("gb18030"))
    return path


def comtrade(path: Path, *rows: Sequence[object]) -> Path:
    """An answer of the API: period, reporter, partner, flow, code, value; totals of all other dimensions."""
    data = []
    for period, reporter, partner, flow, code, value in rows:
        level = 0 if code == "TOTAL" else len(str(code))
        data.append({
            "typeCode": "C", "freqCode": "A" if len(str(period)) == 4 else "M", "period": str(period),
            "reporterCode": reporter, "flowCode": flow, "partnerCode": partner, "partner2Code": 0,
            "classificationCode": "H6", "classificationSearchCode": "HS", "isOriginalClassification": True,
            "cmdCode": code, "aggrLevel": level, "isLeaf": level == 6, "customsCode": "C00", "mosCode": "0",
            "motCode": 0, "qtyUnitCode": 8, "qty": 3.0, "isQtyEstimated": False, "altQtyUnitCode": -1,
            "altQty": 0.0, "netWgt": 3.0, "isNetWgtEstimated": False, "cifvalue": None, "fobvalue": value,
            "primaryValue": value, "legacyEstimationFlag": 0, "isReported": False, "isAggregate": True,
        })  # fmt: skip
    answer = {"elapsedTime": "0.21 secs", "count": len(data), "data": data, "error": ""}
    path.write_text(json.dumps(answer), encoding="utf-8")
    return path


def records(path: Path, encoding: str) -> list[list[str]]:
    """Every record of a text file, header included, by the standard library's reader."""
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.reader(stream))


def differences(left: Path, right: Path) -> dict[str, tuple[int, int]]:
    """Tables of facts, dimensions and analysis whose rows differ: how many stand only left, only right."""
    with duckdb.connect() as db:
        db.execute(f"attach '{left}' as a (read_only)")
        db.execute(f"attach '{right}' as b (read_only)")
        tables = {
            side: {
                name
                for (name,) in db.execute(
                    "select table_name from duckdb_tables() where database_name = ? and schema_name = 'main'",
                    [side],
                ).fetchall()
                if name.startswith(("fct_", "dim_", "mart_", "ops_coverage", "ops_conservation"))
            }
            for side in ("a", "b")
        }
        assert tables["a"] == tables["b"]
        assert {"fct_trade_flows", "fct_trade_totals", "fct_trade_quantities", "dim_countries"} <= tables["a"]
        assert {"fct_dual_use_trade", "mart_growth", "mart_comparison", "dim_goods"} <= tables["a"]
        found = {}
        for name in sorted(tables["a"]):
            one, other = f"from a.main.{name}", f"from b.main.{name}"
            only = [
                len(db.execute(f"{x} except all {y}").fetchall()) for x, y in ((one, other), (other, one))
            ]
            if any(only):
                found[name] = (only[0], only[1])
        return found
