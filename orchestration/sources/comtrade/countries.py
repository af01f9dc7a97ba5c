"""Which code UN Comtrade uses today for a country.

Belongs here: choosing where the table of country codes has several. Does not belong here: the table itself
(countries.csv beside this module), the way back from code to country (staging).
"""

import csv
from functools import cache
from pathlib import Path

COUNTRY_CODES = Path(__file__).with_name("countries.csv")
WORLD = "world"

# Countries with several codes in the table, and the one the API answers to today. The UN's trade codes are
# not always the ISO number: asking for 840 or 250 would give nothing for the United States or France.
_IN_USE = {"CH": "757", "FR": "251", "IN": "699", "IT": "380", "NO": "579", "TW": "490", "US": "842"}


def comtrade_code(iso2: str, table: Path = COUNTRY_CODES) -> str:
    """The code UN Comtrade uses today for a country (`world` is 0).

    Raises:
        LookupError: the table has no code for it, or several and none to prefer.
    """
    rows = _country_rows(table).get("W0" if iso2 == WORLD else iso2, ())
    preferred = _IN_USE.get(iso2)
    if preferred in {code for code, _ in rows}:
        return str(preferred)
    plain = [code for code, note in rows if not note]
    candidates = plain if len(rows) > 1 else [code for code, _ in rows]
    if len(candidates) != 1:
        many = f"{len(rows)} codes there and none of them is preferred" if rows else "no code there"
        raise LookupError(f"{iso2!r} has no single UN Comtrade code in {table.name}: {many}")
    return candidates[0]


@cache
def _country_rows(table: Path) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    with table.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found.setdefault(row["iso2"], []).append((row["code"], row["note"] or ""))
    return found
