"""Three vintages of one Comext month: what was known when, and which cells each of them changed.

Belongs here: `trade_as_of`, `ops_revisions`, two publishers side by side, on made-up rows in real layouts.
Does not belong here: what a revision unit is, source by source (staging unit tests).
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from support import Root, comtrade

pytestmark = pytest.mark.e2e

HEADER = (
    "REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,PRODUCT_CPA21,PRODUCT_CPA22,PRODUCT_BEC,PRODUCT_BEC5,"
    "PRODUCT_SECTION,FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,VALUE_EUR,VALUE_NAC,QUANTITY_KG,QUANTITY_SUPPL_UNIT"
)
Month = dict[tuple[str, str], int]  # reporter and CN8, to euros
FIRST: Month = {("DE", "88062110"): 100, ("DE", "85423190"): 50, ("FR", "85423190"): 70}
CORRECTED: Month = {**FIRST, ("DE", "88062110"): 120}
COMPLETED: Month = {("DE", "88062110"): 120, ("FR", "85423190"): 70, ("PL", "85423190"): 30}
DAYS = {"2024-04-15": FIRST, "2024-05-15": CORRECTED, "2024-06-15": COMPLETED}


def month(path: Path, rows: Month) -> Path:
    """A whole month as the publisher names it, 2024-02, exports to Kazakhstan."""
    lines = [
        f"{reporter},KZ,E,{code},77600,2611,2611,530,311210,16,2,1,NO_SU,202402,{value},{value},1,0"
        for (reporter, code), value in rows.items()
    ]
    path.parent.mkdir()
    path.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Revised:
    """The month in three versions, each refreshed, and the other publisher's figure of the same trade."""

    root: Root
    again: str


@pytest.fixture(scope="module")
def revised(tmp_path_factory: pytest.TempPathFactory) -> Revised:
    folder = tmp_path_factory.mktemp("vintages")
    root = Root(folder / "data")
    for number, (day, rows) in enumerate(DAYS.items()):
        root.add(month(folder / str(number) / "full_v2_202402.dat", rows), "--published", day)
        if number == 0:
            answer = comtrade(folder / "kz.json", ("202402", 276, 398, "X", "880621", 131))
            root.add(answer, "--published", "2024-04-20")
        assert root.refresh_here().outcome == "published"
    return Revised(root, root.refresh_here().outcome)


def euros(root: Root, table: str) -> dict[tuple[str, str], Decimal]:
    columns = "reporter_iso2, hs_code, sum(value_original)"
    sql = f"select {columns} from {table} where source = 'comext' group by all"
    return {(reporter, code): value for reporter, code, value in root.rows(sql)}


def at_hs6(rows: Month) -> dict[tuple[str, str], int]:
    return {(reporter, code[:6]): value for (reporter, code), value in rows.items()}


@pytest.mark.parametrize("day", DAYS)
def test_each_date_gives_what_was_known_then(revised: Revised, day: str) -> None:
    assert euros(revised.root, f"trade_as_of(date '{day}')") == at_hs6(DAYS[day])


def test_nothing_was_known_before_the_first(revised: Revised) -> None:
    assert euros(revised.root, "trade_as_of(date '2024-04-14')") == {}


def test_current_view_is_the_last_and_says_what_its_date_rests_on(revised: Revised) -> None:
    assert euros(revised.root, "fct_trade_flows") == at_hs6(COMPLETED)
    sql = "select distinct vintage_date, vintage_basis from fct_trade_flows where source = 'comext'"
    [(day, basis)] = revised.root.rows(sql)
    assert (str(day), basis) == ("2024-06-15", "published")


def test_revisions_are_the_planted_ones_and_no_other(revised: Revised) -> None:
    sql = (
        "select cast(vintage_date_after as varchar), reporter_iso2, commodity_code, change_kind,"
        " value_before, value_after, value_change from ops_revisions order by all"
    )
    assert revised.root.rows(sql) == [
        ("2024-05-15", "DE", "88062110", "changed", 100, 120, 20),
        ("2024-06-15", "DE", "85423190", "dropped", 50, None, -50),
        ("2024-06-15", "PL", "85423190", "added", None, 30, 30),
    ]


def test_revision_names_both_files(revised: Revised) -> None:
    sql = (
        "select r.change_kind, a.vintage_date < b.vintage_date from ops_revisions r"
        " join ops_files a on a.sha256 = r.file_sha256_before"
        " join ops_files b on b.sha256 = r.file_sha256_after"
    )
    assert sorted(revised.root.rows(sql)) == [("added", True), ("changed", True), ("dropped", True)]


def test_nothing_new_changes_nothing(revised: Revised) -> None:
    assert revised.again == "unchanged"


def test_two_publishers_stand_side_by_side_with_basis_and_currency(revised: Revised) -> None:
    sql = (
        "select source, value_basis, currency, value_original from fct_trade_flows where reporter_iso2 = 'DE'"
        " and partner_iso2 = 'KZ' and hs_code = '880621' and period_start = date '2024-02-01' order by source"
    )
    assert revised.root.rows(sql) == [("comext", "fob", "EUR", 120), ("comtrade", "fob", "USD", 131)]
