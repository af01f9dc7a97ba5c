"""Write the synthetic sample: `python -m orchestration.sample.generate [FOLDER] [--seed N] [--plants FILE]`.

Belongs here: which lines go into which file, the sidecars, SHA256SUMS, the list of what was planted. Does not
belong here: numbers (`trade`, `mirror`, `members`), what is planted (`plants`, `planting`), layouts (`gacc`,
`comtrade`, `comext`), or the README beside the files, which is written by hand.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from orchestration.sample import (
    SUMS,
    comext,
    comtrade,
    gacc,
    members,
    mirror,
    planting,
    plants,
    tables,
    trade,
)
from orchestration.sample.draws import SEED
from orchestration.settings import SAMPLE

NOTE = "Synthetic sample made by a generator; no real trade."
_Layout = Callable[[tables.Tables, list[trade.Line]], bytes]


@dataclass(frozen=True)
class SampleFile:
    """One data file of the sample: its path below the folder, its bytes and the facts of its sidecar."""

    path: str
    payload: bytes
    published: date
    direction: str | None = None
    currency: str | None = None

    def sidecar(self) -> bytes:
        """The YAML beside the file, in the manifest's own words."""
        fields = {
            "source": self.path.partition("/")[0],
            "is_synthetic": True,
            "grade": "user",
            "note": NOTE,
            "published": self.published,
            "direction": self.direction,
            "currency": self.currency,
        }
        known = {name: value for name, value in fields.items() if value is not None}
        return yaml.safe_dump(known, sort_keys=False, width=120).encode()


# First month, last month, layout, currency, day of publication (invented, the 18th of the next month).
_EXPORTS: tuple[tuple[str, str, _Layout, str, date], ...] = (
    ("202101", "202106", gacc.english_2018, "USD", date(2021, 7, 18)),
    ("202107", "202112", gacc.english_2018, "USD", date(2022, 1, 18)),
    ("202201", "202206", gacc.english_2018, "USD", date(2022, 7, 18)),
    ("202207", "202211", gacc.english_2026, "USD", date(2022, 12, 18)),
    ("202212", "202212", gacc.chinese, "CNY", date(2023, 1, 18)),
    ("202301", "202306", gacc.english_2026, "USD", date(2023, 7, 18)),
)


def build(seed: int = SEED) -> list[SampleFile]:
    """All data files of the sample, in memory; the same bytes every time for the same seed.

    Raises:
        ValueError: the seed drew no line for one of the plants or look-alikes.
    """
    known = tables.load()
    exports = planting.planted(trade.exports(known, seed), plants.draw(seed))
    imports = trade.imports(known, seed)
    planting.check(plants.load()[1], exports, imports)
    germany = mirror.germany_exports(known, seed)
    china_years = mirror.china_exports(known, exports, mirror.YEARS)
    china_months = mirror.china_exports(known, exports, mirror.MONTHS)
    annual = comtrade.with_totals([*china_years, *mirror.annual_mirrors(known, china_years, germany)])
    monthly = mirror.monthly_onward(known, china_months)
    return [
        *(_export_file(known, exports, *plan) for plan in _EXPORTS),
        SampleFile(
            "gacc/gacc_import_202201_202306.csv",
            gacc.english_2018(known, imports),
            date(2023, 7, 18),
            "import",
            "USD",
        ),
        SampleFile("comtrade/comtrade_annual_2021_2022.csv", comtrade.csv(known, annual), date(2023, 9, 1)),
        SampleFile(
            "comtrade/comtrade_monthly_202301_202306.json", comtrade.answer(known, monthly), date(2023, 9, 1)
        ),
        *_member_files(members.records(known, germany, seed)),
    ]


def write(folder: Path, seed: int = SEED) -> list[Path]:
    """Write the data files, their sidecars and SHA256SUMS into `folder`; return the data files' paths.

    Raises:
        ValueError: see `build`.
    """
    written, sums = [], []
    for file in build(seed):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.payload)
        path.with_name(path.name + ".yml").write_bytes(file.sidecar())
        sums.append(f"{hashlib.sha256(file.payload).hexdigest()}  {file.path}\n")
        written.append(path)
    (folder / SUMS).write_bytes("".join(sums).encode())
    return written


def write_plants(path: Path, seed: int = SEED) -> None:
    """Write what was planted as JSON: for tests, which compare it with what the pipeline gives."""
    found = {
        "note": NOTE,
        "seed": seed,
        "plants": [each.record() for each in plants.draw(seed)],
    }
    path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Write the sample into the folder named on the command line, or into `data/sample`."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.sample.generate")
    parser.add_argument("folder", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--seed", type=int, default=SEED, help="other draws; needs a folder of its own")
    parser.add_argument("--plants", type=Path, help="also write what was planted, outside the folder")
    given = parser.parse_args()
    folder = given.folder.resolve()
    if given.seed != SEED and folder == SAMPLE.resolve():
        parser.error("data/sample holds the draws of the default seed: name another folder")
    if given.plants and any(given.plants.resolve().is_relative_to(x) for x in (folder, SAMPLE.resolve())):
        parser.error("what was planted must not stand beside the data files: name a file outside the folder")
    for path in write(folder, given.seed):
        sys.stdout.write(f"{path.stat().st_size:>9,} bytes  {path}\n")
    if given.plants:
        write_plants(given.plants, given.seed)


def _export_file(
    known: tables.Tables,
    lines: list[trade.Line],
    first: str,
    last: str,
    layout: _Layout,
    currency: str,
    published: date,
) -> SampleFile:
    span = first if first == last else f"{first}_{last}"
    chosen = [line for line in lines if first <= line.month <= last]
    return SampleFile(f"gacc/gacc_export_{span}.csv", layout(known, chosen), published, "export", currency)


def _member_files(records: list[members.Record]) -> list[SampleFile]:
    """One extract a year."""
    return [
        SampleFile(
            f"comext/comext_export_{year}.csv",
            comext.table([record for record in records if record.month.startswith(year)]),
            date(int(year) + 1, 3, 18),
        )
        for year in mirror.YEARS
    ]


if __name__ == "__main__":
    main()
