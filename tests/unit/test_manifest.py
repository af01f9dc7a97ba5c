"""The manifest: what is accepted, what is refused in which words, and that nothing is lost on disk.

Belongs here: fields and their rules. Does not belong here: which fields a source asks for (adapter tests).
"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration import manifest
from orchestration.manifest import Manifest, ManifestError, span

FULL = {
    "source": "gacc",
    "direction": "export",
    "currency": "CNY",
    "period": "2023-01..2023-06",
    "partner": "344",
    "layout": "minimal",
    "grade": "leak",
    "note": "von Hand: „ausgefüllt“, 手工",
    "published": date(2023, 7, 20),
    "complete": True,
    "only": "regime=19",
    "area": "Adygea",
    "hs_revision": "HS2017",
    "mapping": {"columns": {"value": "val"}, "ignore": ["uv"]},
    "url": "http://stats.example/x?a=1&b=2",
    "is_synthetic": True,
}


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2023", date(2023, 1, 1), date(2023, 12, 31)),
        ("2023-01", date(2023, 1, 1), date(2023, 1, 31)),
        ("202301", date(2023, 1, 1), date(2023, 1, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-01..2023-06", date(2023, 1, 1), date(2023, 6, 30)),
        ("202211..202302", date(2022, 11, 1), date(2023, 2, 28)),
        ("2021..2022", date(2021, 1, 1), date(2022, 12, 31)),
        ("2022..2023-03", date(2022, 1, 1), date(2023, 3, 31)),
        (" 2023-01 .. 2023-02 ", date(2023, 1, 1), date(2023, 2, 28)),
    ],
)
def test_periods(text, first, last):
    assert span(text) == (first, last)
    assert Manifest(period=text).span() == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "23",
            "2023-13",
            "2023-00",
            "202300",
            "2023-1",
            "2023-01-05",
            "Jan 2023",
            "1899",
            "2101",
            "٢٠٢٣",
        ),
        *("2023..", "..2023", "..", "2023-01..2023-02..2023-03", "2023-01...2023-02", "2023/01"),
    ],
)
def test_what_is_no_period(text):
    with pytest.raises(ManifestError, match=r"x\.csv: period: period .* is not YYYY, YYYY-MM or YYYY-MM"):
        manifest.build("x.csv", period=text)


def test_a_period_that_ends_before_it_starts():
    with pytest.raises(ManifestError, match=r"period '2023-02\.\.2023-01' ends before it starts"):
        manifest.build("x.csv", period="2023-02..2023-01")


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_a_range_spans_exactly_its_months(one, other):
    first, last = sorted((one, other))
    start, end = span(f"{first:%Y-%m}..{last:%Y%m}")
    assert start == first.replace(day=1)
    assert (end.year, end.month) == (last.year, last.month)
    assert end >= last
    assert (date.fromordinal(end.toordinal() + 1)).day == 1


def test_no_period_is_no_span():
    assert Manifest().span() is None


def test_an_unknown_field_is_refused_by_name():
    with pytest.raises(ManifestError, match=r"^x\.csv: directon: Extra inputs are not permitted$"):
        manifest.build("x.csv", directon="export")


@pytest.mark.parametrize(
    ("field", "value"),
    [("direction", "exports"), ("grade", "stolen"), ("published", "20 July 2023"), ("complete", "perhaps")],
)
def test_a_value_out_of_its_list_is_refused_by_field(field, value):
    with pytest.raises(ManifestError, match=f"^options: {field}: "):
        manifest.build("options", **{field: value})


@pytest.mark.parametrize("good", ["regime=19", "province=44", "regime=1A"])
def test_what_a_selection_may_be_limited_to(good):
    assert Manifest(only=good).only == good


@pytest.mark.parametrize("bad", ["19", "regime", "regime=", "partner=344", "regime=19,20", "regime=19 "])
def test_other_limits_are_refused(bad):
    with pytest.raises(ManifestError, match="only: only limits a file to one regime or province"):
        manifest.build("options", only=bad)


def test_currencies():
    assert Manifest(currency="cny").currency == "CNY"
    for bad in ("RMB¥", "US", "USDT", "", "123"):
        with pytest.raises(ManifestError, match="currency: a currency is three letters"):
            manifest.build("options", currency=bad)


def test_editions():
    assert Manifest(hs_revision="hs2022").hs_revision == "HS2022"
    for bad in ("2022", "HS22", "H6", "", "HS2022 "):
        with pytest.raises(ManifestError, match="hs_revision: an edition of the Harmonized System is HS and"):
            manifest.build("options", hs_revision=bad)


def test_a_round_trip_through_the_sidecar(tmp_path):
    path = tmp_path / "出口.csv"
    known = manifest.build("options", **FULL)
    manifest.write(path, known)
    assert manifest.sidecar(path).name == "出口.csv.yml"
    assert manifest.read(path) == known
    assert {field: getattr(known, field) for field in FULL} == FULL
    assert [p.name for p in tmp_path.iterdir()] == ["出口.csv.yml"]
    assert "手工" in manifest.sidecar(path).read_text(encoding="utf-8")  # for people too


def test_every_field_is_in_the_round_trip():
    assert set(FULL) == set(Manifest.model_fields)


def test_the_sidecar_says_only_what_is_known(tmp_path):
    manifest.write(tmp_path / "x.csv", Manifest(source="gacc"))
    assert (tmp_path / "x.csv.yml").read_text(encoding="utf-8") == "source: gacc\n"


def test_no_sidecar_is_an_empty_manifest(tmp_path):
    assert manifest.read(tmp_path / "x.csv") == Manifest()
    (tmp_path / "x.csv.yml").write_text("# nothing said\n", encoding="utf-8")
    assert manifest.read(tmp_path / "x.csv") == Manifest()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("period: 202301\n", None),
        ("period: 2023\n", None),
        ("published: 2023-07-20\n", None),
        ("partner: 344\n", r"x\.csv\.yml: partner: put the value in quotes"),
        ("partner: NO\n", r"x\.csv\.yml: partner: put the value in quotes"),
        ("partner: 044\n", r"x\.csv\.yml: partner: put the value in quotes"),
        ("note: 2023-07-20\n", r"x\.csv\.yml: note: put the value in quotes"),
        ("partner: [344]\n", r"x\.csv\.yml: partner: "),
        ("- direction\n", r"x\.csv\.yml: a manifest is a list of `name: value` lines"),
        ("direction: 'export\n", r"^x\.csv\.yml: not readable as YAML: [^\n]*$"),
        ("directon: export\n", r"x\.csv\.yml: directon: "),
    ],
)
def test_a_sidecar_written_by_hand(tmp_path, text, message):
    (tmp_path / "x.csv.yml").write_text(text, encoding="utf-8")
    if message is None:
        assert manifest.read(tmp_path / "x.csv") != Manifest()
        return
    with pytest.raises(ManifestError, match=message):
        manifest.read(tmp_path / "x.csv")


def test_a_sidecar_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "x.csv.yml").write_bytes("note: 手工\n".encode("gb18030"))
    with pytest.raises(ManifestError, match=r"x\.csv\.yml: not readable as YAML"):
        manifest.read(tmp_path / "x.csv")


def test_what_is_given_overrules_what_lies_beside():
    beside = Manifest(direction="import", note="kept", grade="leak")
    merged = manifest.merge(beside, "options", direction="export", grade="user", note=None, period=None)
    assert merged == Manifest(direction="export", note="kept", grade="user")


def test_a_merge_checks_what_is_given():
    with pytest.raises(ManifestError, match="options: period: "):
        manifest.merge(Manifest(), "options", period="soon")


@pytest.mark.parametrize("field", sorted(FULL))
def test_the_digest_changes_with_every_field(field):
    other = Manifest().model_copy(update={field: FULL[field]})
    assert other.digest() != Manifest().digest()
    assert len(other.digest()) == 16


def test_the_digest_is_the_same_for_the_same_facts():
    assert (
        manifest.build("a", **FULL).digest() == manifest.build("b", **dict(reversed(FULL.items()))).digest()
    )
