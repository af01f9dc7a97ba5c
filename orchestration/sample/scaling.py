"""Lines brought to a total: whole numbers that keep their proportions and add up exactly.

Belongs here: that arithmetic. Does not belong here: which lines and which totals (`plants`).
"""

from dataclasses import replace

from orchestration.sample.trade import Line


def to_totals(lines: list[Line], usd: int, pieces: int | None) -> list[Line]:
    """The lines with values that add up to `usd` and, where given, counts that add up to `pieces`.

    Without `pieces`, counts and weights follow the values, so that prices stay; with them, weights follow
    the counts.

    Raises:
        ValueError: there is no line, or too small a total for a dollar or a piece in each.
    """
    values = shares([line.usd for line in lines], usd)
    if pieces is None:
        return [_at_value(line, value) for line, value in zip(lines, values, strict=True)]
    counted = [line.count or 0 for line in lines]
    return [
        replace(line, usd=value, count=count, kg=max(1, line.kg * count // (line.count or 1)))
        for line, value, count in zip(lines, values, shares(counted, pieces), strict=True)
    ]


def shares(amounts: list[int], total: int) -> list[int]:
    """Whole parts of the total in the proportions of `amounts`; the largest takes what rounding leaves.

    Raises:
        ValueError: there is nothing to scale, or too small a total for 1 in each.
    """
    whole = sum(amounts)
    if whole > 0:
        found = [max(1, amount * total // whole) for amount in amounts]
        largest = amounts.index(max(amounts))
        found[largest] += total - sum(found)
        if found[largest] > 0:
            return found
    raise ValueError(f"{len(amounts)} amounts that come to {whole} cannot be brought to {total}")


def _at_value(line: Line, usd: int) -> Line:
    count = None if line.count is None else max(1, line.count * usd // line.usd)
    return replace(line, usd=usd, kg=max(1, line.kg * usd // line.usd), count=count)
