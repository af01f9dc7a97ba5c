"""A reader of the synthetic sample's files that knows nothing of the generator's classes.

Belongs here: the columns that planted totals need, by the words of their headers. Does not belong here: what
is planted, or any test.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PARTNERS = {"RU": "344", "UA": "347", "BY": "340"}
AREAS = {"RU": "RUS", "UA": "UKR"}
# One of each column's headers, in the three layouts.
HEADERS = {
    "month": {"Date of data", "数据年月"},
    "partner": {"Trading partner code", "贸易伙伴编码"},
    "code": {"Commodity code", "商品编码"},
    "quantity": {"Quantity", "第一数量"},
    "unit": {"Unit", "第一计量单位"},
    "second": {"Supplimentary Quantity", "Supplementary Quantity", "第二数量"},
    "usd": {"US dollar"},
    "cny": {"人民币"},
}


@dataclass(frozen=True)
class Made:
    """A sample in a folder and what was planted in it."""

    seed: int | None
    folder: Path
    plants: dict[str, dict[str, Any]]

    def lines(self, direction: str) -> list[dict[str, str]]:
        return [
            line
            for path in sorted((self.folder / "gacc").glob(f"gacc_{direction}_*.csv"))
            for line in gacc(path.read_bytes())
        ]


def gacc(payload: bytes) -> Iterator[dict[str, str]]:
    """The columns of a download that matter here; a file has dollars or yuan."""
    header, *records = csv.reader(io.StringIO(payload.decode("gb18030")))
    places = {name: header.index(w) for name, words in HEADERS.items() for w in words if w in header}
    for record in records:
        yield {name: record[place].replace(",", "") for name, place in places.items()}


def chosen(lines: list[dict[str, str]], by: dict[str, Any]) -> list[dict[str, str]]:
    """Lines by partner (ISO code), beginnings of codes, beginnings that do not count, and months."""
    return [
        line
        for line in lines
        if line["partner"] == PARTNERS[by["partner"]]
        and line["code"].startswith(tuple(by["codes"]))
        and not line["code"].startswith(tuple(by.get("without", ())))
        and by["months"][0] <= line["month"] <= by["months"][-1]
    ]


def comtrade(folder: Path) -> list[dict[str, Any]]:
    """Rows of the download of years and of the answer with months."""
    annual = (folder / "comtrade" / "comtrade_annual_2021_2022.csv").read_text(encoding="latin-1")
    header, *records = csv.reader(io.StringIO(annual))
    rows: list[dict[str, Any]] = [dict(zip(header, record, strict=False)) for record in records]
    monthly = folder / "comtrade" / "comtrade_monthly_202301_202306.json"
    return [*rows, *json.loads(monthly.read_text(encoding="utf-8"))["data"]]
