"""Members' exports in the layout of Eurostat's Comext tables.

Belongs here: the 18 columns, their order and codes. Does not belong here: the numbers (`members`).
"""

from collections.abc import Iterable

from orchestration.sample.members import Record

HEADER = (
    "REPORTER", "PARTNER", "TRADE_TYPE", "PRODUCT_NC", "PRODUCT_SITC", "PRODUCT_CPA21", "PRODUCT_CPA22",
    "PRODUCT_BEC", "PRODUCT_BEC5", "PRODUCT_SECTION", "FLOW", "STAT_PROCEDURE", "SUPPL_UNIT", "PERIOD",
    "VALUE_EUR", "VALUE_NAC", "QUANTITY_KG", "QUANTITY_SUPPL_UNIT",
)  # fmt: skip
_EXTERNAL, _EXPORT = "E", "2"


def table(records: Iterable[Record]) -> bytes:
    """A Comext table: bare fields between commas, whole numbers, a line a record, UTF-8."""
    lines = [HEADER, *(_row(record) for record in sorted(records, key=_order))]
    return "".join(",".join(line) + "\n" for line in lines).encode()


def _order(record: Record) -> tuple[str, ...]:
    return (record.month, record.member, record.partner, record.heading.code, record.procedure)


def _row(record: Record) -> tuple[str, ...]:
    heading = record.heading
    return (
        *(record.member, record.partner, _EXTERNAL, heading.code),
        *(heading.sitc, heading.cpa, heading.cpa, heading.bec, heading.bec5, heading.section),
        *(_EXPORT, record.procedure, heading.unit, record.month),
        *(str(record.eur), str(record.eur), str(record.kg), str(record.items or 0)),  # all three use the euro
    )
