"""The committed synthetic sample: what the generator writes, in the publishers' layouts, with sums that hold.

Belongs here: properties of the files in `data/sample`. Does not belong here: how the pipeline reads them
(tests of the adapters), or what the marts make of them (end-to-end tests).
"""

import csv
import hashlib
import io
import json
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration import manifest, sample
from orchestration.sample import generate, tables
from orchestration.settings import PROJECT_ROOT, SAMPLE

EN_2018 = (
    '"Date of data","Trading partner code","Trading partner","Commodity code","Commodity",'
    '"Customs Regime code","Customs Regime","Quantity","Unit","Supplimentary Quantity",'
    '"Supplimentary Unit","US dollar",'
)
EN_2026 = (
    '"Date of data","Commodity code","Commodity","Trading partner code","Trading partner",'
    '"Customs Regime code","Customs Regime","Locations of importers and exporters code",'
    '"Locations of importers and exporters","Quantity","Unit","Supplementary Quantity",'
    '"Supplementary Unit","US dollar",'
)
ZH = (
    '"数据年月","商品编码","商品名称","贸易伙伴编码","贸易伙伴名称","贸易方式编码","贸易方式名称","注册地编码",'
    '"注册地名称","第一数量","第一计量单位","第二数量","第二计量单位","人民币",'
)
COMTRADE = (
    "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,flowCode,flowDesc,"
    "partnerCode,partnerISO,partnerDesc,partner2Code,partner2ISO,partner2Desc,classificationCode,"
    "classificationSearchCode,isOriginalClassification,cmdCode,cmdDesc,aggrLevel,isLeaf,customsCode,customsDesc,"
    "mosCode,motCode,motDesc,qtyUnitCode,qtyUnitAbbr,qty,isQtyEstimated,altQtyUnitCode,altQtyUnitAbbr,altQty,"
    "isAltQtyEstimated,netWgt,isNetWgtEstimated,grossWgt,isGrossWgtEstimated,cifvalue,fobvalue,primaryValue,"
    "legacyEstimationFlag,isReported,isAggregate"
)
HEADERS = {
    "gacc_export_202101_202106.csv": EN_2018,
    "gacc_export_202107_202112.csv": EN_2018,
    "gacc_export_202201_202206.csv": EN_2018,
    "gacc_export_202207_202211.csv": EN_2026,
    "gacc_export_202212.csv": ZH,
    "gacc_export_202301_202306.csv": EN_2026,
    "gacc_import_202201_202306.csv": EN_2018,
}
MISSING_UNIT = {EN_2018: "-", EN_2026: "?", ZH: "?"}
ANNUAL = SAMPLE / "comtrade" / "comtrade_annual_2021_2022.csv"
MONTHLY = SAMPLE / "comtrade" / "comtrade_monthly_202301_202306.json"
MEMBERS = [SAMPLE / "comext" / f"comext_export_{year}.csv" for year in ("2021", "2022")]
REMAINDER = ("2022", "8482", Decimal(250_000))

Row = dict[str, str]


def gacc_rows(name: str) -> list[list[str]]:
    """Records below the header, the empty last field cut off."""
    text = (SAMPLE / "gacc" / name).read_text(encoding="gb18030")
    return [record[:-1] for record in csv.reader(io.StringIO(text))][1:]


def gacc_columns(name: str) -> list[Row]:
    """Records under the names of the 2026 layout."""
    english = [field.strip('"') for field in EN_2026.rstrip(",").split('","')]
    header = HEADERS[name].rstrip(",").split(",")
    names = english if HEADERS[name] == ZH else [field.strip('"') for field in header]
    return [dict(zip(names, record, strict=True)) for record in gacc_rows(name)]


def annual() -> list[Row]:
    text = ANNUAL.read_text(encoding="latin-1")
    records = list(csv.reader(io.StringIO(text)))
    return [dict(zip(records[0], record[:-1], strict=True)) for record in records[1:]]


def all_modes() -> list[Row]:
    return [row for row in annual() if row["motCode"] == "0"]


def sums(rows: list[Row], *keys: str, cut: int | None = None) -> dict[tuple[str, ...], Decimal]:
    """Value by keys; `cut` shortens the code, so that parts meet their heading."""
    found: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        code = row["cmdCode"][:cut]
        found[*(row[key] for key in keys), code] += Decimal(row["primaryValue"])
    return dict(found)


def test_generator_writes_what_is_committed(tmp_path: Path) -> None:
    generate.write(tmp_path)
    made = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    committed = {p.relative_to(SAMPLE): p.read_bytes() for p in SAMPLE.rglob("*") if p.is_file()}
    del committed[Path("README.md")]
    assert sorted(made) == sorted(committed)
    assert [str(path) for path in made if made[path] != committed[path]] == []


def test_command_line_writes_into_the_folder_named(tmp_path: Path) -> None:
    # A second process has another hash seed, so an order taken from a set would show here.
    subprocess.run(
        [sys.executable, "-m", "orchestration.sample.generate", str(tmp_path)], cwd=PROJECT_ROOT, check=True
    )
    assert (tmp_path / sample.SUMS).read_bytes() == (SAMPLE / sample.SUMS).read_bytes()


def test_every_data_file_is_listed_and_has_its_digest() -> None:
    listed = sample.files(SAMPLE)
    data = {p for p in SAMPLE.rglob("*") if p.suffix in {".csv", ".json"}}
    assert set(listed) == data
    assert len(listed) == len(data)
    assert sample.digests(SAMPLE) == {hashlib.sha256(p.read_bytes()).hexdigest() for p in data}


def test_broken_sums_name_file_and_line(tmp_path: Path) -> None:
    (tmp_path / sample.SUMS).write_text(f"{'0' * 64}  gacc/a.csv\nnonsense\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"SHA256SUMS: line 2 is not a SHA-256 digest"):
        sample.digests(tmp_path)


@pytest.mark.parametrize("path", sample.files(SAMPLE), ids=lambda p: p.name)
def test_sidecar_says_synthetic(path: Path) -> None:
    beside = manifest.read(path)
    assert beside.is_synthetic is True
    assert beside.source == path.parent.name
    assert beside.grade == "user"
    assert beside.note == "Synthetic sample made by a generator; no real trade."
    assert beside.published is not None
    if beside.source == "gacc":
        assert beside.direction == path.name.split("_")[1]
        assert beside.currency == ("CNY" if HEADERS[path.name] == ZH else "USD")


def test_size_is_within_bounds() -> None:
    assert sum(p.stat().st_size for p in SAMPLE.rglob("*") if p.is_file()) < 2_000_000
    rows = sum(len(gacc_rows(name)) for name in HEADERS) + len(annual())
    rows += json.loads(MONTHLY.read_text(encoding="utf-8"))["count"]
    rows += sum(path.read_bytes().count(b"\n") - 1 for path in MEMBERS)
    assert sum(path.stat().st_size for path in MEMBERS) < 300_000
    assert 8_000 <= rows <= 15_000
    assert 8 <= len(sample.files(SAMPLE)) <= 12


def test_readme_states_rows_and_remainder() -> None:
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    counts = {f"gacc/{name}": len(gacc_rows(name)) for name in HEADERS}
    counts[f"comtrade/{ANNUAL.name}"] = len(annual())
    counts[f"comtrade/{MONTHLY.name}"] = json.loads(MONTHLY.read_text(encoding="utf-8"))["count"]
    for path in MEMBERS:
        counts[f"comext/{path.name}"] = path.read_bytes().count(b"\n") - 1
    lines = [line.split("|") for line in text.splitlines() if line.startswith("| `")]
    assert {cells[1].strip(" `"): int(cells[3].replace(",", "")) for cells in lines} == counts
    assert f"USD {REMAINDER[2]:,.2f}" in text


@pytest.mark.parametrize("name", HEADERS)
def test_gacc_file_is_in_the_publishers_layout(name: str) -> None:
    lines = (SAMPLE / "gacc" / name).read_bytes().decode("gb18030").removesuffix("\n").split("\n")
    assert lines[0] == HEADERS[name]
    width = HEADERS[name].count('"') // 2
    assert {line.count('"') for line in lines} == {2 * width}
    assert all(line.startswith('"') and line.endswith('",') for line in lines)
    assert len(lines) - 1 not in {0, 10_000}
    assert {record[-2] for record in gacc_rows(name) if record[-3] == "0"} == {MISSING_UNIT[HEADERS[name]]}
    assert all(record[-1] == f"{int(record[-1].replace(',', '')):,}" for record in gacc_rows(name))


@pytest.mark.parametrize("name", [name for name in HEADERS if "export" in name])
def test_gacc_export_is_not_utf8(name: str) -> None:
    # Even English files name Hong Kong with a full-width comma; imports from Russia alone are plain ASCII.
    with pytest.raises(UnicodeDecodeError):
        (SAMPLE / "gacc" / name).read_bytes().decode("utf-8")


@pytest.mark.parametrize("name", [name for name in HEADERS if "export" in name])
def test_gacc_export_months_are_those_of_the_name(name: str) -> None:
    span = name.removesuffix(".csv").split("_")[2:]
    months = {row["Date of data"] for row in gacc_columns(name)}
    assert (min(months), max(months)) == (span[0], span[-1])
    assert len(months) == int(span[-1]) - int(span[0]) + 1


@pytest.mark.parametrize("name", HEADERS)
def test_gacc_lines_are_named_once(name: str) -> None:
    province = "Locations of importers and exporters code"
    keys = ("Date of data", "Commodity code", "Trading partner code", "Customs Regime code", province)
    found = Counter(tuple(row.get(key) for key in keys) for row in gacc_columns(name))
    assert [key for key, times in found.items() if times > 1] == []


def test_no_month_is_in_two_export_files() -> None:
    months = [
        month
        for name in HEADERS
        if "export" in name
        for month in {row["Date of data"] for row in gacc_columns(name)}
    ]
    assert len(months) == len(set(months)) == 30


def test_codes_belong_to_the_edition_of_the_period() -> None:
    gacc = {(r["Date of data"][:4], r["Commodity code"]) for name in HEADERS for r in gacc_columns(name)}
    comtrade = {(r["period"], r["cmdCode"]) for r in annual()}
    by_year = {year: {code for y, code in gacc | comtrade if y == year} for year in ("2021", "2022", "2023")}
    assert {code for code in by_year["2021"] if code.startswith(("88", "85258"))} == {
        *("88031000", "88033000", "85258013", "85258029", "852580"),
    }
    for year in ("2022", "2023"):
        assert not [code for code in by_year[year] if code.startswith(("8803", "852580"))]
        assert [code for code in by_year[year] if code.startswith("8806")]
    assert {(r["period"], r["classificationCode"]) for r in annual()} == {("2021", "H5"), ("2022", "H6")}


def test_codes_and_units_are_those_of_the_publishers_lists(real_data: Path) -> None:
    names = {"item": "Number of item", "cubic_metre": "Cubic Metre", "square_metre": "Square Metre"}
    for year in ("2021", "2022", "2023"):
        with (real_data / "gacc" / "codes" / f"en-hs8-{year}.csv").open(encoding="gb18030") as stream:
            listed = {row["CODES"]: row for row in csv.DictReader(stream)}
        known = tables.load()
        for good in (*known.exports, *known.imports):
            if good.exists_in(year):
                units = ["Kilogram", names[good.count] if good.kg_each else "?"]
                expected = units[::-1] if good.first == "item" else units
                row = listed[good.code]
                assert [row["UNIT_1_DESCRIPTION"], row["UNIT_2_DESCRIPTION"]] == expected, (year, good.code)


def test_comtrade_download_is_in_the_publishers_layout() -> None:
    payload = ANNUAL.read_bytes()
    with pytest.raises(UnicodeDecodeError):
        payload.decode("utf-8")
    lines = payload.decode("latin-1").removesuffix("\n").split("\n")
    assert lines[0] == COMTRADE
    assert {len(record) for record in csv.reader(lines[1:])} == {48}
    assert all(line.endswith('",') for line in lines[1:])
    rows = annual()
    assert {row["mosCode"] for row in rows} == {"0", "0 "}
    assert {row["aggrLevel"] for row in rows} == {"0", "2", "4", "6"}
    assert {row["isReported"] for row in rows} == {"true", "false"}
    assert any(row["reporterDesc"] == "Türkiye" for row in rows)
    keys = ("period", "reporterCode", "flowCode", "partnerCode", "cmdCode", "motCode")
    assert max(Counter(tuple(row[key] for key in keys) for row in rows).values()) == 1


def test_comtrade_answer_is_in_the_publishers_layout() -> None:
    answer = json.loads(MONTHLY.read_text(encoding="utf-8"))
    assert list(answer) == ["elapsedTime", "count", "data", "error"]
    assert answer["count"] == len(answer["data"]) > 0
    assert answer["error"] == ""
    assert {",".join(row) for row in answer["data"]} == {COMTRADE}
    assert {row["period"] for row in answer["data"]} == {f"20230{month}" for month in range(1, 7)}
    assert {
        (type(row["reporterCode"]), type(row["mosCode"]), type(row["period"])) for row in answer["data"]
    } == {(int, str, str)}


def test_russia_stops_reporting() -> None:
    assert {row["period"] for row in annual() if row["reporterCode"] == "643"} == {"2021"}


def test_partners_sum_to_the_world() -> None:
    keys = ("period", "reporterCode", "flowCode")
    world = sums([row for row in all_modes() if row["partnerCode"] == "0"], *keys)
    partners = sums([row for row in all_modes() if row["partnerCode"] != "0"], *keys)
    assert partners == world


@pytest.mark.parametrize(("level", "digits"), [("6", 4), ("4", 2)])
def test_parts_sum_to_their_heading_but_for_the_remainder(level: str, digits: int) -> None:
    china = [row for row in all_modes() if row["reporterCode"] == "156"]
    keys = ("period", "partnerCode")
    parts = sums([row for row in china if row["aggrLevel"] == level], *keys, cut=digits)
    heads = sums([row for row in china if row["aggrLevel"] == str(digits)], *keys)
    assert parts.keys() == heads.keys()
    gaps = {key: heads[key] - parts[key] for key in heads if heads[key] != parts[key]}
    period, heading, value = REMAINDER
    stated = {(period, partner, heading): value for partner in ("643", "0")}
    assert gaps == (stated if level == "6" else {})


def test_chapters_sum_to_the_total() -> None:
    china = [row for row in all_modes() if row["reporterCode"] == "156"]
    chapters = sums([row for row in china if row["aggrLevel"] == "2"], "period", "partnerCode", cut=0)
    total = sums([row for row in china if row["cmdCode"] == "TOTAL"], "period", "partnerCode", cut=0)
    assert chapters == total


def test_transport_modes_sum_to_all_modes() -> None:
    broken_down = [row for row in annual() if row["motCode"] != "0"]
    keys = ("period", "reporterCode", "flowCode", "partnerCode")
    modes, whole = sums(broken_down, *keys), sums(all_modes(), *keys)
    assert len(modes) >= 5
    assert modes == {key: whole[key] for key in modes}


def test_comtrade_repeats_what_gacc_says() -> None:
    lines = [row for name in HEADERS if "export" in name for row in gacc_columns(name)]
    gacc: dict[str, int] = defaultdict(int)
    for row in lines:
        if row["Trading partner code"] == "344" and row["Date of data"].startswith("2021"):
            gacc[row["Commodity code"][:6]] += int(row["US dollar"].replace(",", ""))
    china = [
        row
        for row in all_modes()
        if row["aggrLevel"] == "6"
        and (row["reporterCode"], row["partnerCode"], row["period"]) == ("156", "643", "2021")
    ]
    assert len(china) >= 10
    assert {row["cmdCode"]: Decimal(row["primaryValue"]) for row in china} == {
        row["cmdCode"]: gacc[row["cmdCode"]] for row in china
    }


def half_year(name: str, partner: str, heads: tuple[str, ...]) -> int:
    return sum(
        int(row["US dollar"].replace(",", ""))
        for row in gacc_columns(name)
        if row["Trading partner code"] == partner and row["Commodity code"].startswith(heads)
    )


def test_the_questions_have_something_to_find() -> None:
    before, after = "gacc_export_202201_202206.csv", "gacc_export_202301_202306.csv"
    russia, ukraine, kyrgyzstan = "344", "347", "146"
    assert half_year(after, russia, ("8806",)) > 10 * half_year(after, ukraine, ("8806",)) > 0
    assert half_year(after, russia, ("6909", "6914")) > 1.5 * half_year(before, russia, ("6909", "6914"))
    assert half_year(after, kyrgyzstan, ("8542",)) > 5 * half_year(before, kyrgyzstan, ("8542",))
    placebo = ("9503", "6601", "6911", "4202")
    for partner in (kyrgyzstan, russia):  # also where a planted chapter holds one of them
        assert 0.7 < half_year(after, partner, placebo) / half_year(before, partner, placebo) < 1.4
    assert 0.7 < half_year(after, russia, ("6911",)) / half_year(before, russia, ("6911",)) < 1.4
