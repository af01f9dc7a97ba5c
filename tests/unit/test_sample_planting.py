"""Bringing lines to totals: exact whole numbers, and a refusal where that cannot be.

Belongs here: the arithmetic on made-up lines. Does not belong here: the files (`test_sample_plants`).
"""

from dataclasses import replace

import pytest

from orchestration.sample import planting, plants, scaling, tables, trade

KNOWN = tables.load()
RUSSIA = KNOWN.partners["344"]
HELMET = next(good for good in KNOWN.exports if good.code == "65061000")
LINE = trade.Line("202301", RUSSIA, HELMET, "10", "33", usd=900, kg=60, count=50)
CHOSEN = plants.Selection("RU", "344", ("650610",), (), "202301", "202306")
PLANT = plants.Plant("helmets", CHOSEN, (), (1000, 1000), None, None)
OTHER = replace(LINE, month="202306", usd=300, kg=20, count=15)
OUTSIDE = [
    replace(LINE, month="202212"),
    replace(LINE, month="202307"),
    replace(LINE, partner=KNOWN.partners["340"]),
    replace(LINE, good=next(good for good in KNOWN.exports if good.code == "65069100")),
]


def planted(lines, plant=PLANT, usd=1001, pieces=None):
    return planting.planted(lines, [plants.Planting(plant, usd, pieces, None)])


def test_total_is_exact_and_the_largest_line_takes_the_rest():
    assert [line.usd for line in planted([OTHER, LINE])] == [250, 751]  # 250.25 and 750.75


def test_prices_stay_where_only_the_value_is_planted():
    assert planted([replace(LINE)], usd=1800) == [replace(LINE, usd=1800, kg=120, count=100)]


def test_pieces_are_exact_and_weights_follow_them():
    first, second = planted([LINE, OTHER], usd=2400, pieces=131)
    assert [first.usd, second.usd, first.count, second.count] == [1800, 600, 101, 30]
    assert [first.kg, second.kg] == [121, 40]


def test_lines_outside_the_selection_are_left_alone():
    assert planted([LINE, *OUTSIDE], usd=5000) == [replace(LINE, usd=5000, kg=333, count=277), *OUTSIDE]


def test_kept_codes_count_and_are_left_alone():
    wide = replace(PLANT, selection=replace(CHOSEN, codes=("6506",)), kept=("650691",))
    hat = OUTSIDE[-1]
    found = planted([LINE, hat], wide, usd=5000)
    assert found[1] == hat
    assert found[0].usd + hat.usd == 5000


def test_codes_without_are_left_alone():
    wide = replace(PLANT, selection=replace(CHOSEN, codes=("6506",), without=("650691",)))
    found = planted([LINE, OUTSIDE[-1]], wide, usd=5000)
    assert [line.usd for line in found] == [5000, 900]


@pytest.mark.parametrize(("lines", "usd"), [([], 1000), ([LINE, OTHER], 1), (OUTSIDE, 1000)])
def test_plant_that_cannot_be_is_refused(lines, usd):
    with pytest.raises(ValueError, match=r"helmets: .* cannot be brought to"):
        planted(lines, usd=usd)


def test_line_of_two_plants_is_refused():
    both = [
        plants.Planting(PLANT, 1000, None, None),
        plants.Planting(replace(PLANT, id="more"), 500, None, None),
    ]
    with pytest.raises(ValueError, match="more: its lines belong to another plant"):
        planting.planted([LINE], both)


@pytest.mark.parametrize(("amounts", "total"), [([1, 2], 1), ([0, 0], 5), ([], 5), ([3, 3, *[0.8] * 20], 22)])
def test_parts_of_at_least_one_or_none(amounts, total):
    with pytest.raises(ValueError, match="cannot be brought to"):
        scaling.shares([round(x * 10) for x in amounts], total)


@pytest.mark.parametrize(
    ("kind", "exports", "imports", "missing"),
    [
        ("goods", [], [LINE], True),
        ("goods", [LINE], [], False),
        ("repeated", [LINE, OTHER], [], True),
        ("repeated", [LINE, replace(LINE, regime="19")], [], False),
    ],
)
def test_look_alike_that_was_not_drawn_is_refused(kind, exports, imports, missing):
    alike = plants.LookAlike("like", ("helmets",), kind, "gacc_export", CHOSEN)
    if missing:
        with pytest.raises(ValueError, match="like: no line of this look-alike"):
            planting.check([alike], exports, imports)
    else:
        planting.check([alike], exports, imports)
