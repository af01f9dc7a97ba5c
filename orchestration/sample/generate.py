"""Write the synthetic sample: `python -m orchestration.sample.generate [FOLDER]`.

Belongs here: which lines go into which file, the sidecars and SHA256SUMS. Does not belong here: numbers
(`trade`, `mirror`), layouts (`gacc`, `comtrade`), or the README beside the files, which is written by hand.
"""

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from orchestration.sample import SUMS, comtrade, gacc, mirror, tables, trade
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


def build() -> list[SampleFile]:
    """All data files of the sample, in memory; the same bytes every time."""
    known = tables.load()
    exports = trade.exports(known)
    china_years = mirror.china_exports(known, exports, mirror.YEARS)
    china_months = mirror.china_exports(known, exports, mirror.MONTHS)
    annual = comtrade.with_totals([*china_years, *mirror.annual_mirrors(known, china_years)])
    monthly = mirror.monthly_onward(known, china_months)
    return [
        *(_export_file(known, exports, *plan) for plan in _EXPORTS),
        SampleFile(
            "gacc/gacc_import_202201_202306.csv",
            gacc.english_2018(known, trade.imports(known)),
            date(2023, 7, 18),
            "import",
            "USD",
        ),
        SampleFile("comtrade/comtrade_annual_2021_2022.csv", comtrade.csv(known, annual), date(2023, 9, 1)),
        SampleFile(
            "comtrade/comtrade_monthly_202301_202306.json", comtrade.answer(known, monthly), date(2023, 9, 1)
        ),
    ]


def write(folder: Path) -> list[Path]:
    """Write the data files, their sidecars and SHA256SUMS into `folder`; return the data files' paths."""
    written, sums = [], []
    for file in build():
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.payload)
        path.with_name(path.name + ".yml").write_bytes(file.sidecar())
        sums.append(f"{hashlib.sha256(file.payload).hexdigest()}  {file.path}\n")
        written.append(path)
    (folder / SUMS).write_bytes("".join(sums).encode())
    return written


def main() -> None:
    """Write the sample into the folder named on the command line, or into `data/sample`."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE
    for path in write(folder):
        sys.stdout.write(f"{path.stat().st_size:>9,} bytes  {path}\n")


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


if __name__ == "__main__":
    main()
