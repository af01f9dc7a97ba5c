"""The CSV files of the goods side, read as text for the tests on them.

Belongs here: reading, and look-ups that several of those tests need. Does not belong here: tests.
"""

import csv
from pathlib import Path

GOODS = Path(__file__).parents[2] / "dbt_project" / "seeds" / "goods"
EDITIONS = ("HS2012", "HS2017", "HS2022")
LENGTHS = {"HS": {2, 4, 6}, "CN": {8}, "PRC": {8, 10}}


def read(name: str) -> list[dict[str, str]]:
    """Rows of one file, every value a text, as written."""
    with (GOODS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


HS_CODES = {row["code"]: row for row in read("hs_codes")}
ENTRIES = read("control_list_entries")


def in_edition(code: str, edition: str) -> bool:
    """Whether the edition (HS2012, HS2017, HS2022) has the code of two, four or six digits."""
    return code in HS_CODES and HS_CODES[code][f"in_{edition.lower()}"] == "true"
