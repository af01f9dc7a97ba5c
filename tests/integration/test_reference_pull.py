"""Fetching lists of codes and correlations from a loopback: which files, once, and nothing else instead.

Belongs here: the pulls of hs_nomenclature and hs_correlations. Does not belong here: how a file is fetched
(test_remote_files), what is in it (the adapters' tests).
"""

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from fake_files import FakeFiles
from typer.testing import CliRunner
from werkzeug import Response

from orchestration import clock, manifest, pulls
from orchestration.cli.app import Exit, app
from orchestration.ledger import Ledger
from orchestration.pulls import PullError, PullOptions, QueryError
from orchestration.settings import Settings
from orchestration.sources import load_source
from orchestration.sources.hs_correlations import pull as correlations
from orchestration.sources.hs_nomenclature import pull as nomenclature

LIST = (Path(__file__).parents[1] / "data" / "hs_nomenclature" / "H6.json").read_bytes()
REFERENCE = "/files/v1/app/reference"
TABLES = "/unsd/classifications/Econ/tables"
BOOKS = [f"HS{a}toHS{b}ConversionAndCorrelationTables.xlsx" for a, b in [(2022, 2017), (2017, 2012)]]
DATED = {"Last-Modified": "Mon, 04 Mar 2024 15:00:00 GMT"}
FAST = {"attempts": 2, "wait_initial": 0.01, "wait_max": 0.02, "wait_jitter": 0, "min_interval": 0}
TODAY = clock.today()


def workbook(number):
    made, target = openpyxl.Workbook(), BytesIO()
    made.active.title = "Correlation Tables"
    made.active.append(("HS2022", " HS2017", "Relationship"))
    made.active.append((f"0101{number}", "010121", "1:1"))
    made.save(target)
    return target.getvalue()


@pytest.fixture
def fake(httpserver, monkeypatch, tmp_path):
    publisher = FakeFiles(httpserver)
    for number in range(7):
        path = f"{REFERENCE}/H{number}.json"
        publisher.bodies[path], publisher.headers[path] = LIST + b" " * number, DATED
    for number, name in enumerate(BOOKS, 21):
        publisher.bodies[f"{TABLES}/{name}"] = workbook(number)
    for module in (nomenclature, correlations):
        source = load_source(module.SOURCE)
        made = source.model_copy(update={"pull": {**source.pull, "policy": FAST}})
        monkeypatch.setattr(module, "load_source", lambda code, made=made: made)
        monkeypatch.setenv(f"{module.SOURCE.upper()}_BASE_URL", publisher.base)
    monkeypatch.setenv("DUALUSE_DATA", str(tmp_path / "data"))
    return publisher


@pytest.fixture
def settings(fake):
    made = Settings.from_env()
    made.prepare()
    return made


@pytest.fixture
def pull(settings):
    ledger = Ledger(settings.ledger_path)
    return lambda module, query: module.pull(query, settings, ledger)


def described(settings, source):
    return {
        path.name: manifest.read(path)
        for path in sorted((settings.inbox / source).iterdir())
        if path.suffix != ".yml"
    }


def test_a_refresh_asks_for_the_three_newest_editions(fake, pull, settings):
    (query,) = nomenclature.default_queries(TODAY, load_source("hs_nomenclature").pull)
    assert pull(nomenclature, query).stored == 3
    assert fake.asked == [f"{REFERENCE}/H{number}.json" for number in (4, 5, 6)]
    known = described(settings, "hs_nomenclature")
    assert {name: (m.hs_revision, str(m.published)) for name, m in known.items()} == {
        "H4.json": ("HS2012", "2024-03-04"),
        "H5.json": ("HS2017", "2024-03-04"),
        "H6.json": ("HS2022", "2024-03-04"),
    }
    assert pull(nomenclature, query).already == 3


@pytest.mark.parametrize(
    ("hs", "query"), [("H3", "H3"), ("HS2007", "H3"), ("h6, HS1992,H0", "H0,H6"), ("HS2022", "H6")]
)
def test_other_editions_on_request(hs, query):
    assert nomenclature.queries(PullOptions(hs=hs), TODAY) == [query]


def test_what_is_no_edition_is_said():
    with pytest.raises(QueryError, match="--hs: '8806' is no edition; there are: H0, HS1992"):
        nomenclature.queries(PullOptions(hs="8806"), TODAY)
    with pytest.raises(QueryError, match="--from: means nothing to the United Nations Statistics Division"):
        nomenclature.queries(PullOptions(hs="H6", first="2022"), TODAY)


@pytest.mark.parametrize("body", [b"<html>moved</html>", b'{"results": [{"id": 4, "text": "land"}]}', b"{}"])
def test_what_is_no_list_of_codes_is_not_kept(fake, pull, settings, body):
    fake.faults.append(Response(body))
    with pytest.raises(PullError, match=r"H6\.json"):
        pull(nomenclature, "H6")
    assert list(settings.inbox.rglob("*.*")) == []


def test_correlations_come_on_request_only(fake, pull, settings):
    assert correlations.default_queries(TODAY, load_source("hs_correlations").pull) == []
    (query,) = correlations.queries(PullOptions(), TODAY)
    assert pull(correlations, query).stored == 2
    assert fake.asked == [f"{TABLES}/{name}" for name in BOOKS]
    assert sorted(described(settings, "hs_correlations")) == sorted(BOOKS)


def test_the_commands(fake, settings):
    runner = CliRunner()
    assert runner.invoke(app, ["pull", "hs_nomenclature"]).exit_code == Exit.OK
    assert runner.invoke(app, ["pull", "hs_correlations"]).exit_code == Exit.OK
    assert len(fake.asked) == 5
    refused = runner.invoke(app, ["pull", "hs_correlations", "--hs", "8806"])
    assert refused.exit_code == Exit.USAGE
    assert "--hs: means nothing to the United Nations Statistics Division" in refused.stderr


def test_a_publisher_out_of_reach_is_a_warning_of_the_refresh(fake, settings, monkeypatch):
    fake.faults.extend([Response(b"down", status=500)] * 2)
    made = nomenclature.load_source("hs_nomenclature")
    monkeypatch.setattr(pulls, "all_sources", lambda: [made])
    ledger = Ledger(settings.ledger_path)
    (warning,) = pulls.run_due(settings, ledger, TODAY)
    assert warning.startswith("United Nations Statistics Division could not be reached")
    assert warning.endswith("the refresh goes on with what is archived")
