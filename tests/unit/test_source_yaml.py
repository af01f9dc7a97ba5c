"""The sources' YAML files: every one is whole, every check in them can be built, and codes stay text.

Belongs here: `source.yml` and the registry of sources. Does not belong here: what the checks find
(test_gate_engine), the mart checks' YAML.
"""

import subprocess
import sys
from datetime import date

import duckdb
import pytest
import yaml
from pydantic import ValidationError

from orchestration import catalogue, sources
from orchestration.gates.entries import raw_checks
from orchestration.gates.query import fill
from orchestration.ledger import Ledger
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.sources import SourceSpec, adapter, load_source, source_codes
from orchestration.sources.contract import row_schema

CODES = source_codes()
FIELDS = [name for name in SourceSpec.model_fields if name != "code"]
OPTIONAL = {"hs_editions", "pull", "details"}


def raw(code):
    return yaml.safe_load((sources.FOLDER / code / "source.yml").read_text(encoding="utf-8"))


@pytest.fixture
def changed(tmp_path, monkeypatch):
    """Load a source's YAML with something changed in it."""

    def load(code, change):
        fields = raw(code)
        change(fields)
        folder = tmp_path / code
        folder.mkdir(exist_ok=True)
        (folder / "source.yml").write_text(yaml.safe_dump(fields, allow_unicode=True), encoding="utf-8")
        monkeypatch.setattr(sources, "FOLDER", tmp_path)
        return load_source.__wrapped__(code)

    return load


def test_a_folder_with_a_yaml_is_a_source():
    folders = {path.parent.name for path in sources.FOLDER.glob("*/source.yml")}
    assert set(CODES) == folders >= {"comtrade", "gacc"}
    assert list(CODES) == sorted(CODES)
    assert [spec.code for spec in sources.all_sources()] == list(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_source_is_whole(code, changed):
    spec = load_source(code)
    assert changed(code, lambda fields: None) == spec
    assert spec.landed_as == f"{code}__{spec.table}"
    assert spec.asset == f"raw/{code}/{spec.table}"
    for text in (spec.title, spec.publisher, spec.licence, spec.description, spec.cadence_reason):
        assert text.strip()
    assert spec.remainder_reason.strip()
    assert spec.url.startswith("http")
    assert spec.cadence_days > 0
    assert set(spec.value_columns) <= set(spec.columns)
    assert len(set(spec.columns)) == len(spec.columns)
    row_schema(spec.columns)
    assert adapter(code).VERSION


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("field", FIELDS)
def test_a_missing_key_is_refused_by_name(code, field, changed):
    if field in OPTIONAL or field not in raw(code):
        assert SourceSpec.model_fields[field].is_required() is False
        return
    with pytest.raises(ValidationError, match=rf"{field}\n\s+Field required"):
        changed(code, lambda fields: fields.pop(field))


@pytest.mark.parametrize("code", CODES)
def test_an_extra_key_is_refused_by_name(code, changed):
    with pytest.raises(ValidationError, match=r"licenze\n\s+Extra inputs are not permitted"):
        changed(code, lambda fields: fields.update(licenze="none"))


def test_an_extra_key_of_an_edition_rule_is_refused(changed):
    with pytest.raises(ValidationError, match=r"hs_editions\.0\.until"):
        changed("gacc", lambda fields: fields["hs_editions"][0].update(until="2012"))


def test_a_date_that_is_not_quoted_is_refused(changed):
    with pytest.raises(ValidationError, match=r"hs_editions\.0\.start"):
        changed("gacc", lambda fields: fields["hs_editions"][0].update(start=date(2007, 1, 1)))


def test_an_unknown_source_is_named_with_those_there_are():
    with pytest.raises(KeyError, match=r"no source named 'customs'; there are: .*comtrade.*gacc"):
        load_source("customs")


@pytest.mark.parametrize("code", CODES)
def test_every_gate_entry_is_a_check(code):
    entries, checks = raw(code)["gates"], raw_checks(code)
    assert [check.name for check in checks] == [entry["name"] for entry in entries]
    assert len(checks) >= 5
    assert {check.asset for check in checks} == {load_source(code).asset}
    assert {check.table for check in checks} <= {load_source(code).landed_as, f"{code}__files"}
    assert all(len(check.reason.split()) > 4 for check in checks)
    assert "block" in {check.severity for check in checks}


@pytest.mark.parametrize("code", CODES)
def test_every_gate_entry_names_columns_that_are_landed(code, landing_database):
    """Each check's SQL is bound by DuckDB against the views that the gate reads."""
    for check in raw_checks(code):
        if check.expectation == "unexpected_rows":
            sql = fill(check.kwargs["sql"], check.table, check.kwargs.get("params", {}))
            sql = sql.replace("{{", "{").replace("}}", "}")  # doubled for Great Expectations
            assert landing_database.execute(sql).fetchall() == [], check.name
        else:
            columns = [value for name, value in check.kwargs.items() if name.startswith("column")]
            for column in columns:
                landing_database.execute(f'select "{column}" from {check.table}')


@pytest.fixture(scope="module")
def landing_database(tmp_path_factory):
    """The landing database of a data root without any file."""
    settings = Settings(data=tmp_path_factory.mktemp("root") / "data")
    settings.prepare()
    catalogue.build(settings, Ledger(settings.ledger_path))
    with duckdb.connect(str(settings.landing_database), read_only=True) as db:
        yield db


@pytest.mark.parametrize("code", CODES)
def test_the_yaml_is_clean(code):
    file = sources.FOLDER / code / "source.yml"
    command = [sys.executable, "-m", "yamllint", "--strict", str(file.relative_to(PROJECT_ROOT))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT_ROOT)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_direction_words_and_headers_of_gacc_are_told_apart():
    details = load_source("gacc").details
    export, imported = (set(details["direction_words"][name]) for name in ("export", "import"))
    assert not export & imported
    aliases = [alias.lower() for names in details["headers"].values() for alias in names]
    assert len(set(aliases)) == len(aliases)
    assert set(details["headers"]) == set(load_source("gacc").columns)
    for names in details["layouts"].values():
        assert set(names) <= set(details["headers"])
        assert len(set(names)) == len(names)
