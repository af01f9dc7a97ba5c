"""China's lines made to hold what is planted.

Belongs here: bringing each plant's lines to its totals, and seeing that the look-alikes are there. Does not
belong here: what is planted (`plants`), or the arithmetic of a total (`scaling`).
"""

from collections.abc import Iterable

from orchestration.sample.plants import LookAlike, Planting
from orchestration.sample.scaling import to_totals
from orchestration.sample.trade import Line


def planted(lines: list[Line], plantings: Iterable[Planting]) -> list[Line]:
    """The lines with each plant's at the size that makes its totals exact; all others as they are.

    Raises:
        ValueError: a plant has no line to scale, or a line is in two plants.
    """
    changed: dict[int, Line] = {}
    for planting in plantings:
        chosen, kept_codes = planting.plant.selection.of(lines), planting.plant.kept
        kept = sum(line.usd for line in chosen if line.good.code.startswith(kept_codes))
        scaled = [line for line in chosen if not line.good.code.startswith(kept_codes)]
        if changed.keys() & {id(line) for line in chosen}:
            raise ValueError(f"{planting.plant.id}: its lines belong to another plant as well")
        try:
            sized = to_totals(scaled, planting.usd - kept, planting.pieces)
        except ValueError as error:
            raise ValueError(f"{planting.plant.id}: {error}") from error
        changed |= {id(line): line for line in chosen}
        changed |= {id(line): new for line, new in zip(scaled, sized, strict=True)}
    return [changed.get(id(line), line) for line in lines]


def check(look_alikes: Iterable[LookAlike], exports: list[Line], imports: list[Line]) -> None:
    """See that every look-alike among China's own lines was drawn.

    Raises:
        ValueError: one was not; another seed will have it.
    """
    drawn = {"gacc_export": exports, "gacc_import": imports}
    for each in look_alikes:
        if each.where not in drawn:
            continue
        found = each.selection.of(drawn[each.where])
        keys = {(line.month, line.good.code) for line in found}
        if not found or (each.kind == "repeated" and len(keys) == len(found)):
            raise ValueError(f"{each.id}: no line of this look-alike was drawn; take another seed")
