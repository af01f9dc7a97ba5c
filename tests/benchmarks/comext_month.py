"""How fast and in how much memory a Comext month lands; a benchmark to run by hand, not a test.

    python tests/benchmarks/comext_month.py [--rows 5000000] [--folder /somewhere/roomy]

Makes a synthetic month in Eurostat's layout, packs it, and lands it as `dualuse refresh` does, in a process
of its own; before that DuckDB copies the same table, all text, to Parquet. Prints rows a second, the largest
memory of each process, and the ratio of the two times. Every value is invented.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import py7zr

HEADER = (
    "REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,PRODUCT_CPA21,PRODUCT_CPA22,PRODUCT_BEC,PRODUCT_BEC5,"
    "PRODUCT_SECTION,FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,VALUE_EUR,VALUE_NAC,QUANTITY_KG,QUANTITY_SUPPL_UNIT\n"
)
MEMBERS = [
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HR",
    "HU",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
]
PARTNERS = [
    *MEMBERS,
    "AD",
    "AE",
    "AM",
    "AZ",
    "BY",
    "CH",
    "CN",
    "GB",
    "GE",
    "HK",
    "IN",
    "JP",
    "KG",
    "KR",
    "KZ",
    "MD",
    "NO",
    "RS",
    "RU",
    "TR",
    "TW",
    "UA",
    "US",
    "UZ",
    "QZ",
    "XK",
]


def write_month(path: Path, rows: int) -> None:
    """A month sorted by reporter as Eurostat's are; one code in two hundred is masked."""
    chance = random.Random(20240201)  # noqa: S311
    codes = [f"{chance.randrange(1, 98):02}{chance.randrange(10**6):06}" for _ in range(9000)]
    codes += [f"{code[:2]}XXXXXX" for code in codes[:45]]
    with path.open("w", encoding="ascii", newline="") as out:
        out.write(HEADER)
        for number in range(rows):
            reporter = MEMBERS[number * len(MEMBERS) // rows]
            code, value = chance.choice(codes), int(chance.paretovariate(0.8) * 50)
            unit, amount = ("p/st", value // 9) if code[0] == "8" else ("NO_SU", 0)
            out.write(
                f"{reporter},{chance.choice(PARTNERS)},E,{code},{code[:5]},{code[:4]},{code[1:5]},{code[2:5]},"
                f"{code[:6]},{number % 21:02},{1 + number % 2},1,{unit},202402,{value},{value},{value // 7},"
                f"{amount}\n"
            )


def land(path: Path, folder: Path) -> dict[str, float]:
    """Archive, enter and land one file; seconds and rows of the landing alone."""
    from orchestration import collect, landing
    from orchestration.ledger import Ledger
    from orchestration.manifest import Manifest
    from orchestration.settings import Settings

    settings = Settings(data=folder)
    settings.prepare()
    ledger = Ledger(settings.ledger_path)
    collect.place(settings, ledger, path, Manifest(source="comext"))
    collect.collect(settings, ledger)
    started = time.perf_counter()
    (made,) = landing.land_pending(settings, ledger, "comext")
    return {"seconds": time.perf_counter() - started, "rows": made.rows_landed}


def copy(path: Path, folder: Path) -> dict[str, float]:
    """DuckDB's own copy of the table to Parquet, all text."""
    started = time.perf_counter()
    source = f"read_csv('{path}', all_varchar = true, header = true)"
    duckdb.sql(
        f"copy (select * from {source}) to '{folder / 'copy.parquet'}' (format parquet, compression zstd)"
    )
    return {"seconds": time.perf_counter() - started, "rows": 0}


def in_a_process(step: str, path: Path, folder: Path) -> dict[str, float]:
    """Run one step in a process of its own, so that its memory is its own."""
    folder.mkdir()
    command = [sys.executable, __file__, "--step", step, "--path", str(path), "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Make the month and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--step", choices=("land", "copy"))
    parser.add_argument("--path", type=Path)
    asked = parser.parse_args()
    if asked.step:
        told = {"land": land, "copy": copy}[asked.step](asked.path, asked.folder)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({**told, "peak_mib": peak}))
        return
    with tempfile.TemporaryDirectory(dir=asked.folder) as made:
        folder = Path(made)
        table, packed = folder / "full_202402.dat", folder / "full_v2_202402.7z"
        write_month(table, asked.rows)
        with py7zr.SevenZipFile(packed, "w", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 1}]) as archive:
            archive.write(table, table.name)
        print(
            f"{asked.rows:,} rows, {table.stat().st_size >> 20} MiB, packed {packed.stat().st_size >> 20} MiB"
        )
        bare = in_a_process("copy", table, folder / "bare")
        print(f"bare copy: {bare['seconds']:.1f} s, {bare['peak_mib']:.0f} MiB")
        for name, path in (("table", table), ("archive", packed)):
            told = in_a_process("land", path, folder / name)
            speed = f"{told['rows'] / told['seconds']:,.0f} rows/s"
            ratio = f"{told['seconds'] / bare['seconds']:.1f} times the bare copy"
            print(f"{name}: {told['seconds']:.1f} s, {speed}, peak {told['peak_mib']:.0f} MiB, {ratio}")


if __name__ == "__main__":
    main()
