"""Flows as UN Comtrade shows them: higher HS levels, the world, transport modes, CSV and API answer.

Belongs here: the 47 columns and how Comtrade repeats a flow. Does not belong here: the flows (`mirror`).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from orchestration.sample.mirror import CHINA, RUSSIA, Flow
from orchestration.sample.tables import Tables

ENCODING = "latin-1"
Row = dict[str, str | int | float | bool | None]

# One heading is more than its parts, as where a reporter keeps a code to itself: see the sample's README.
REMAINDER_REPORTER, REMAINDER_PARTNER, REMAINDER_PERIOD, REMAINDER_HEADING = CHINA, RUSSIA, "2022", "8482"
REMAINDER_CENTS = 250_000_00

WORLD = "0"
ALL_MODES = (0, "TOTAL MOT")
# Shares of the modes in a flow that is broken down; the last one takes what is left.
_MODES = ((1000, "Air", 20), (3100, "Railway", 30), (3200, "Road", 50))
_BROKEN_DOWN = frozenset({"845811", "848210", "850760", "854231", "880622", "950300"})


def with_totals(flows: Iterable[Flow]) -> list[Flow]:
    """The flows and China's totals: HS4, HS2 and TOTAL, then the world of every reporter's partners.

    Every total is the exact sum of its parts, but for the one stated remainder, which all levels above its
    heading contain.
    """
    by_partner: list[Flow] = []
    for flow in flows:
        by_partner.append(flow)
        if flow.reporter == CHINA:
            by_partner += [
                replace(flow, hs6=code, items=None) for code in (flow.hs6[:4], flow.hs6[:2], "TOTAL")
            ]
    by_partner += _remainder()
    world = [replace(flow, partner=WORLD) for flow in by_partner]
    return _summed([*by_partner, *world])


def _remainder() -> list[Flow]:
    head = REMAINDER_HEADING
    return [
        Flow(REMAINDER_REPORTER, "X", REMAINDER_PARTNER, REMAINDER_PERIOD, code, REMAINDER_CENTS, 0, None)
        for code in (head, head[:2], "TOTAL")
    ]


def _summed(flows: Iterable[Flow]) -> list[Flow]:
    groups: dict[tuple[str, ...], list[Flow]] = defaultdict(list)
    for flow in flows:
        level = "0" if flow.hs6 == "TOTAL" else str(len(flow.hs6))
        groups[flow.period, flow.reporter, flow.direction, level, flow.hs6, flow.partner].append(flow)
    return [
        replace(
            parts[0],
            cents=sum(x.cents for x in parts),
            kg=sum(x.kg for x in parts),
            items=None if any(x.items is None for x in parts) else sum(x.items or 0 for x in parts),
        )
        for _, parts in sorted(groups.items())
    ]


def rows(tables: Tables, flows: Iterable[Flow]) -> Iterator[Row]:
    """The rows of each flow: all modes and, for China's exports of some goods to Russia, each mode."""
    for flow in flows:
        yield _row(tables, flow, ALL_MODES)
        if flow.reporter == CHINA and flow.partner == RUSSIA and flow.hs6 in _BROKEN_DOWN:
            yield from (_row(tables, part, mode) for part, mode in _by_mode(flow))


def _by_mode(flow: Flow) -> Iterator[tuple[Flow, tuple[int, str]]]:
    left = flow
    for code, name, percent in _MODES[:-1]:
        part = replace(
            flow,
            cents=flow.cents * percent // 100,
            kg=flow.kg * percent // 100,
            items=None if flow.items is None else flow.items * percent // 100,
        )
        items = None if left.items is None else left.items - (part.items or 0)
        left = replace(left, cents=left.cents - part.cents, kg=left.kg - part.kg, items=items)
        yield part, (code, name)
    yield left, _MODES[-1][:2]


def _row(tables: Tables, flow: Flow, mode: tuple[int, str]) -> Row:
    """The 47 columns, in the order of the API and of the download."""
    is_hs6 = flow.hs6.isdigit() and len(flow.hs6) == 6
    is_reported = is_hs6 and flow.partner != WORLD
    return {
        **_period(flow),
        **_areas(tables, flow),
        **_goods(tables, flow, mode),
        **_amounts(flow, is_hs6),
        "legacyEstimationFlag": 0,
        "isReported": is_reported,
        "isAggregate": not is_reported,
    }


def _period(flow: Flow) -> Row:
    year, month = flow.period[:4], flow.period[4:]
    return {
        "typeCode": "C",
        "freqCode": "M" if month else "A",
        "refPeriodId": int(f"{year}{month or '01'}01"),
        "refYear": int(year),
        "refMonth": int(month or 52),
        "period": flow.period,
    }


def _areas(tables: Tables, flow: Flow) -> Row:
    reporter, partner, world = (tables.areas[code] for code in (flow.reporter, flow.partner, WORLD))
    return {
        "reporterCode": int(reporter.code),
        "reporterISO": reporter.iso,
        "reporterDesc": reporter.name,
        "flowCode": flow.direction,
        "flowDesc": "Export" if flow.direction == "X" else "Import",
        "partnerCode": int(partner.code),
        "partnerISO": partner.iso,
        "partnerDesc": partner.name,
        "partner2Code": int(world.code),
        "partner2ISO": world.iso,
        "partner2Desc": world.name,
    }


def _goods(tables: Tables, flow: Flow, mode: tuple[int, str]) -> Row:
    level = len(flow.hs6) if flow.hs6.isdigit() else 0
    return {
        "classificationCode": "H6" if flow.period >= "2022" else "H5",
        "classificationSearchCode": "HS",
        "isOriginalClassification": True,
        "cmdCode": flow.hs6,
        "cmdDesc": tables.names[flow.hs6],
        "aggrLevel": level,
        "isLeaf": level == 6,
        "customsCode": "C00",
        "customsDesc": "TOTAL CPC",
        "mosCode": "0 " if flow.period == "2021" else "0",  # the blank is in real files, in some years only
        "motCode": mode[0],
        "motDesc": mode[1],
    }


def _amounts(flow: Flow, is_hs6: bool) -> Row:
    unit, abbreviation, quantity = _quantity(flow, is_hs6)
    value = flow.cents / 100
    return {
        "qtyUnitCode": unit,
        "qtyUnitAbbr": abbreviation,
        "qty": quantity,
        "isQtyEstimated": False,
        "altQtyUnitCode": -1,
        "altQtyUnitAbbr": "N/A",
        "altQty": None,
        "isAltQtyEstimated": False,
        "netWgt": float(flow.kg),
        "isNetWgtEstimated": False,
        "grossWgt": None,
        "isGrossWgtEstimated": False,
        "cifvalue": value if flow.direction == "M" else None,
        "fobvalue": value if flow.direction == "X" else None,
        "primaryValue": value,
    }


def _quantity(flow: Flow, is_hs6: bool) -> tuple[int, str, float | None]:
    if not is_hs6:
        return -1, "N/A", None
    return (8, "kg", float(flow.kg)) if flow.items is None else (5, "u", float(flow.items))


def csv(tables: Tables, flows: Iterable[Flow]) -> bytes:
    """A Comtrade Plus download: bare header, quoted rows that end in a comma, empty where null, Latin-1."""
    found = list(rows(tables, flows))
    lines = [",".join(found[0])]
    lines += [",".join(_cell(value) for value in row.values()) + "," for row in found]
    return "".join(line + "\n" for line in lines).encode(ENCODING)


def answer(tables: Tables, flows: Iterable[Flow]) -> bytes:
    """An answer of the API: one JSON envelope, a row a line so that a change can be read."""
    data = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows(tables, flows)]
    body = ",\n".join(data)
    return f'{{"elapsedTime":"0.21 secs","count":{len(data)},"data":[\n{body}\n],"error":""}}\n'.encode()


def _cell(value: str | int | float | bool | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'"{str(value).lower()}"'
    return f'"{value:.2f}"'.replace('.00"', '"') if isinstance(value, float) else f'"{value}"'
