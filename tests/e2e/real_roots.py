"""Real publishers' files, put into a data root and published once for every module that reads the figures.

Belongs here: which files, and what is said of them. Does not belong here: expectations, made-up files.
"""

from pathlib import Path

from support import Ran, Root

THAILAND, LEGACY = "comtrade/TradeData_THA_8542.csv", "comtrade_legacy/comtrade 2021-08-16.csv"
SITC, MESSAGE = "comtrade_legacy/comtrade (sitc).csv", "comtrade_legacy/comtrade_error.csv"
RUSSIA, USA = "comtrade/China_to_RF_M.xlsx", "gacc/cnusa_import_201901.csv"
YUAN, CEUTA, WORLD = "gacc/chinese-full.csv", "gacc/e210201810.csv", "gacc/english-degenerate.csv"
DAMAGED = "fts_adygea_damaged.csv"
MAPPING = """\
columns: {period: period_dt, partner: partner_name, hs_code: hs6, value: val, quantity: qty}
constants: {reporter: China, flow: export, currency: USD, hs_revision: in_force, value_basis: fob, unit: kg}
frequency: monthly
ignore: [uv]
"""
REFRESHED = "refreshed.txt"


def comtrade_answers(real_data: Path) -> list[Path]:
    answers = sorted((real_data / "comtrade").glob("*response*.json"))
    assert len(answers) == 3
    return answers


def add_gacc_and_comtrade(root: Root, real_data: Path) -> None:
    named = (THAILAND, RUSSIA, LEGACY, SITC, MESSAGE)
    root.add(*(real_data / name for name in named), *comtrade_answers(real_data))
    root.add(real_data / USA, "--source", "gacc", "--layout", "english-2018")
    root.add(real_data / YUAN, "--direction", "export", "--period", "2025-12")
    root.add(real_data / CEUTA, "--direction", "export")
    root.add(real_data / WORLD, "--direction", "import", "--period", "2026-02", "--partner", "world")


def add_other_publishers(root: Root, real_data: Path) -> None:
    tables = sorted((real_data / "eurostat_easy").rglob("Relational_View*.csv"))
    books = sorted((real_data / "eurostat_workbook").glob("*.xlsx"))
    assert (len(tables), len(books)) == (204, 4)
    root.add(*books, *tables, *sorted((real_data / "baci").glob("BACI_*.csv")))
    root.add(real_data / "comext/comext_at_ad_202402_sample.csv")
    fts = real_data / "fts_open"
    root.add(fts / "fts_adygea_clean.csv", fts / DAMAGED, "--area", "Adygea")
    mapping = root.data.parent / "mapping.yml"
    mapping.write_text(MAPPING, encoding="utf-8")
    root.add(real_data / "user_tables/deep_dive_hs6_monthly.csv", "--mapping", mapping)


def publish(root: Root) -> None:
    """One green refresh; what it said stands beside the data root."""
    ran = root.run("refresh")
    assert ran.code == 0, ran.text
    (root.data.parent / REFRESHED).write_text(ran.out, encoding="utf-8")


def refreshed(root: Root) -> Ran:
    """What the refresh said."""
    return Ran(0, (root.data.parent / REFRESHED).read_text(encoding="utf-8"), "")
