"""The Comext part of the committed synthetic sample: its layout, and that it agrees with the other parts.

Belongs here: the tables of members' exports. Does not belong here: the rest of the sample (`test_sample`).
"""

import csv
import io
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

from sample_reader import comtrade, gacc

from orchestration.settings import SAMPLE

MEMBERS = [SAMPLE / "comext" / f"comext_export_{year}.csv" for year in ("2021", "2022")]


def members() -> list[dict[str, str]]:
    return [row for path in MEMBERS for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))]


def test_comext_table_is_in_the_publishers_layout(real_data: Path) -> None:
    real = (real_data / "comext" / "comext_at_ad_202402_sample.csv").read_text(encoding="utf-8")
    for path in MEMBERS:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
        assert lines[0] == real.splitlines()[0]
        assert {line.count(",") for line in lines} == {17}
        assert '"' not in "".join(lines)


def test_comext_has_parts_masks_and_units() -> None:
    rows = members()
    assert {(row["REPORTER"], row["PARTNER"]) for row in rows} == {
        (member, partner) for member in ("DE", "IT", "LT") for partner in ("RU", "KZ", "KG")
    }
    assert {row["FLOW"] for row in rows} == {"2"}
    assert {row["PERIOD"] for row in rows} == {
        f"{year}{month:02}" for year in (2021, 2022) for month in range(1, 13)
    }
    keys = Counter((row["REPORTER"], row["PARTNER"], row["PRODUCT_NC"], row["PERIOD"]) for row in rows)
    assert {row["STAT_PROCEDURE"] for row in rows} == {"1", "3"}
    assert max(keys.values()) == 2, "two procedures of one key are to be summed"
    assert {row["PRODUCT_NC"] for row in rows if "X" in row["PRODUCT_NC"]} == {"85XXXXXX"}
    assert {row["SUPPL_UNIT"] for row in rows} == {"NO_SU", "p/st"}
    assert all((row["QUANTITY_SUPPL_UNIT"] != "0") == (row["SUPPL_UNIT"] == "p/st") for row in rows)
    years = {(row["PERIOD"][:4], row["PRODUCT_NC"]) for row in rows}
    assert ("2021", "85258030") in years
    assert {year for year, code in years if code.startswith("8806")} == {"2022"}


def test_germanys_months_add_up_to_its_comtrade_years() -> None:
    """At the invented 1.10 dollars a euro, to the euro a code that rounding may cost."""
    partners = {"RUS": "RU", "KAZ": "KZ", "KGZ": "KG"}
    euros: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in members():
        if row["REPORTER"] == "DE" and row["PRODUCT_NC"].isdigit():
            euros[row["PERIOD"][:4], row["PARTNER"], row["PRODUCT_NC"][:6]] += int(row["VALUE_EUR"])
    dollars = {
        (row["period"], partners[row["partnerISO"]], row["cmdCode"]): Decimal(row["primaryValue"])
        for row in comtrade(SAMPLE)
        if row["reporterISO"] == "DEU" and row["flowCode"] == "X" and row["partnerISO"] in partners
    }
    assert euros.keys() == dollars.keys()
    assert all(abs(euros[key] - dollars[key] / Decimal("1.1")) <= 1 for key in euros)


def test_kyrgyzstan_can_be_set_side_by_side() -> None:
    """China's exports by both sources, its mirror, and members' exports: all for 2021 and 2022."""
    lines = [line for path in (SAMPLE / "gacc").glob("gacc_export_*.csv") for line in gacc(path.read_bytes())]
    assert {line["month"][:4] for line in lines if line["partner"] == "146"} > {"2021", "2022"}
    ends = Counter(
        (row["reporterISO"], row["partnerISO"], row["flowCode"], row["period"]) for row in comtrade(SAMPLE)
    )
    for year in ("2021", "2022"):
        assert ends["CHN", "KGZ", "X", year]
        assert ends["KGZ", "CHN", "M", year]
    assert {row["PERIOD"][:4] for row in members() if row["PARTNER"] == "KG"} == {"2021", "2022"}
