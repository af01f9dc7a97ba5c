"""China's lines as files in the layouts of the GACC query site.

Belongs here: headers, column order, quoting, units and encoding of the three layouts. Does not belong here:
the numbers (`trade`), or which months go into which file (`generate`).
"""

from collections.abc import Iterable

from orchestration.sample.tables import Tables
from orchestration.sample.trade import Line

ENCODING = "gb18030"  # also of the English files
CNY_PER_USD = 7  # invented and round: no rate of any day

EN_2018 = (
    "Date of data", "Trading partner code", "Trading partner", "Commodity code", "Commodity",
    "Customs Regime code", "Customs Regime", "Quantity", "Unit", "Supplimentary Quantity",
    "Supplimentary Unit", "US dollar",
)  # fmt: skip
EN_2026 = (
    "Date of data", "Commodity code", "Commodity", "Trading partner code", "Trading partner",
    "Customs Regime code", "Customs Regime", "Locations of importers and exporters code",
    "Locations of importers and exporters", "Quantity", "Unit", "Supplementary Quantity",
    "Supplementary Unit", "US dollar",
)  # fmt: skip
ZH = (
    "数据年月", "商品编码", "商品名称", "贸易伙伴编码", "贸易伙伴名称", "贸易方式编码", "贸易方式名称",
    "注册地编码", "注册地名称", "第一数量", "第一计量单位", "第二数量", "第二计量单位", "人民币",
)  # fmt: skip
_UNITS_EN = {"item": "Number of item", "cubic_metre": "Cubic Metre", "square_metre": "Square Metre"}


def english_2018(tables: Tables, lines: Iterable[Line]) -> bytes:
    """The English layout of 2018: partner first, no province, `-` for a missing unit, USD."""
    rows: list[tuple[str, ...]] = [
        (
            *(line.month, line.partner.code, line.partner.en, line.good.code, line.good.en),
            *(line.regime, tables.regimes[line.regime]["en"], *_amounts(line, "en", "-"), f"{line.usd:,}"),
        )
        for line in sorted(lines, key=lambda x: (x.month, x.partner.code, x.good.code, x.regime))
    ]
    return _encode(EN_2018, rows)


def english_2026(tables: Tables, lines: Iterable[Line]) -> bytes:
    """The English layout of 2026: commodity first, with the province, `?` for a missing unit, USD."""
    return _encode(
        EN_2026, [(*_by_commodity(tables, line, "en"), f"{line.usd:,}") for line in _sorted(lines)]
    )


def chinese(tables: Tables, lines: Iterable[Line]) -> bytes:
    """The Chinese layout with the month split and values in CNY."""
    return _encode(
        ZH, [(*_by_commodity(tables, line, "zh"), f"{line.usd * CNY_PER_USD:,}") for line in _sorted(lines)]
    )


def _sorted(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda x: (x.month, x.good.code, x.partner.code, x.regime, x.province))


def _by_commodity(tables: Tables, line: Line, language: str) -> tuple[str, ...]:
    good, partner = line.good, line.partner
    return (
        *(line.month, good.code, getattr(good, language), partner.code, getattr(partner, language)),
        *(line.regime, tables.regimes[line.regime][language]),
        *(line.province, tables.provinces[line.province][language]),
        *_amounts(line, language, "?"),
    )


def _amounts(line: Line, language: str, missing: str) -> tuple[str, str, str, str]:
    """Both quantities with their units, in the order in which the tariff names them."""
    weight = (str(line.kg), "Kilogram" if language == "en" else "千克")
    if line.count is None:
        return (*weight, "0", missing)
    unit = _UNITS_EN[line.good.count] if language == "en" else line.good.unit_zh
    counted = (str(line.count), unit)
    return (*counted, *weight) if line.good.first == "item" else (*weight, *counted)


def _encode(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> bytes:
    # Every field quoted and a comma after the last one, as the site writes them; no field holds a quote.
    text = "".join(",".join(f'"{field}"' for field in row) + ",\n" for row in [header, *rows])
    return text.encode(ENCODING)
