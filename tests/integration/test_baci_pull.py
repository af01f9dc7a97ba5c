"""Releases of BACI from a loopback publisher: one zip, its years in the inbox, nothing fetched twice.

Belongs here: which address is asked, what of a release is kept, what a fault comes to. Does not belong here:
how whole files are fetched (test_remote_files).
"""

import io
import time
import zipfile
from datetime import UTC, date, datetime

import pytest
from fake_files import FakeFiles, cut_file
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner
from werkzeug import Response

from orchestration import collect, manifest
from orchestration.cli.app import Exit, app
from orchestration.ledger import Ledger
from orchestration.pulls import PublisherUnreachable, PullError, PullOptions, QueryError
from orchestration.settings import Settings
from orchestration.sources import load_source
from orchestration.sources.baci import pull as baci
from orchestration.sources.baci.release import Release

TODAY = datetime(2026, 11, 25, tzinfo=UTC).date()
QUICK = {"attempts": 3, "wait_initial": 0.01, "wait_max": 0.02, "wait_jitter": 0, "retry_after_max": 0.3}
QUICK |= {"connect_timeout": 2, "read_timeout": 2, "min_interval": 0}
QUERY = baci.Query((Release("HS22", "202601"),))
PATH = "/DATA_DOWNLOAD/baci/data/BACI_HS22_V202601.zip"
YEARS = ["BACI_HS22_Y2022_V202601.csv", "BACI_HS22_Y2023_V202601.csv"]


def release(value=1):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("country_codes_V202601.csv", "country_code,country_name\n156,China\n")
        archive.writestr("product_codes_HS22_V202601.csv", "code,description\n880621,Drones\n")
        archive.writestr("Readme.txt", "Version : 202601\n")
        for name in YEARS:
            archive.writestr(name, f"t,i,j,k,v,q\n{name[11:15]},156,643,880621,{value},NA\n")
    return packed.getvalue()


@pytest.fixture
def fake(httpserver, monkeypatch):
    publisher = FakeFiles(httpserver)
    publisher.bodies[PATH] = release()
    monkeypatch.setenv("BACI_BASE_URL", publisher.base)
    return publisher


@pytest.fixture
def settings(tmp_path):
    made = Settings(data=tmp_path / "data")
    made.prepare()
    return made


@pytest.fixture
def ledger(settings):
    return Ledger(settings.ledger_path)


@pytest.fixture
def pull(settings, ledger):
    def run(query=QUERY, again=False, **policy):
        spec = {**load_source("baci").pull, "policy": QUICK | policy}
        return baci.pull(query, settings, ledger, again=again, pull_spec=spec)

    return run


def inbox(settings):
    return sorted(path.name for path in collect.inbox_files(settings))


def test_the_years_of_a_release_wait_in_the_inbox_each_with_its_manifest(fake, pull, settings, ledger):
    report = pull()
    assert (report.stored, report.requests) == (1, 1)
    assert fake.asked == [PATH]
    assert inbox(settings) == YEARS
    known = manifest.read(settings.inbox / "baci" / YEARS[0])
    assert (known.source, known.grade, known.url) == ("baci", "official", f"{fake.base}{PATH}")
    assert (known.layout, known.published, known.complete) == ("HS22_V202601", date(2026, 1, 1), True)
    assert [entry.file_name for entry in collect.collect(settings, ledger)] == YEARS


def test_a_release_that_we_have_is_not_asked_for_again(fake, pull, settings, ledger):
    pull()
    collect.collect(settings, ledger)
    report = pull()
    assert (report.stored, report.already, report.requests) == (0, 1, 0)
    report = pull(again=True)
    assert (report.stored, report.unchanged, report.requests) == (0, 1, 1)
    assert inbox(settings) == []


def test_a_corrected_release_is_another_file(fake, pull, settings):
    fake.bodies[PATH.replace("202601", "202601b")] = release(2)
    report = pull(baci.Query((Release("HS22", "202601b"),)))
    assert report.stored == 1
    assert fake.asked == ["/DATA_DOWNLOAD/baci/data/BACI_HS22_V202601b.zip"]


@pytest.mark.parametrize(
    "fault",
    [
        lambda: Response(b"later", status=429, headers={"Retry-After": "0"}),
        lambda: Response(b"oops", status=500),
        cut_file,
    ],
    ids=["429", "500", "cut"],
)
def test_failures_that_pass_do_not_show(fake, pull, settings, fault):
    fake.faults.extend([fault(), fault()])
    report = pull()
    assert (report.stored, report.requests) == (1, 3)
    assert inbox(settings) == YEARS


def test_a_publisher_that_stays_down_leaves_nothing_behind(fake, pull, settings):
    fake.faults.extend(Response(b"<h1>Server down</h1>", status=503) for _ in range(3))
    with pytest.raises(PublisherUnreachable, match=r"\(CEPII\) could not be reached: HTTP 503: Server down"):
        pull()
    assert inbox(settings) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html><title>Maintenance</title></html>", "a web page and not the file; it says: Maintenance"),
        (release()[:-40], "the archive is damaged"),
        (b"", "BACI_HS22_V202601.zip"),
    ],
    ids=["page", "half a zip", "nothing"],
)
def test_what_is_no_release_is_not_stored(fake, pull, settings, body, said):
    fake.bodies[PATH] = body
    with pytest.raises(PullError, match=said):
        pull()
    assert inbox(settings) == []


def test_a_release_that_is_not_there_is_said(fake, pull):
    del fake.bodies[PATH]
    with pytest.raises(PullError, match="HTTP 404"):
        pull()


def test_a_slow_publisher_is_a_timeout(pull, settings, monkeypatch):
    def slow(request):
        time.sleep(0.3)
        return Response(b"")

    with HTTPServer(threaded=True) as server:
        server.expect_request(PATH).respond_with_handler(slow)
        monkeypatch.setenv("BACI_BASE_URL", server.url_for("").rstrip("/"))
        with pytest.raises(PublisherUnreachable, match=r"no answer within 0\.05 s"):
            pull(read_timeout=0.05, attempts=2)
    assert inbox(settings) == []


def test_no_release_is_fetched_daily_and_the_named_ones_when_asked():
    spec = load_source("baci").pull
    assert baci.default_queries(TODAY, spec) == []
    (query,) = baci.queries(PullOptions(), TODAY)
    assert [str(release) for release in query.releases] == spec["releases"]
    assert baci.default_queries(TODAY, {"defaults": ["HS17_V202401b"]}) == [
        baci.Query((Release("HS17", "202401b"),))
    ]


def test_the_command_without_options_fetches_the_named_releases(fake, settings, monkeypatch):
    monkeypatch.setenv("DUALUSE_DATA", str(settings.data))
    done = CliRunner().invoke(app, ["pull", "baci"])
    assert done.exit_code == Exit.OK, done.output
    assert "BACI (CEPII): 1 answers stored" in done.stdout
    assert fake.asked == [PATH]
    refused = CliRunner().invoke(app, ["pull", "baci", "--hs", "8806"])
    assert refused.exit_code == Exit.USAGE
    assert "--hs: means nothing to BACI" in refused.stderr


@pytest.mark.parametrize("option", ["hs", "reporter", "partner", "flow", "first", "last", "frequency"])
def test_a_release_takes_no_option(option):
    with pytest.raises(QueryError, match="means nothing to BACI, whose releases come whole"):
        baci.queries(PullOptions(**{option: "8806"}), TODAY)


def test_a_name_that_is_no_release_is_refused():
    with pytest.raises(PullError, match=r"source\.yml of baci: 'HS17' is not edition and release"):
        baci.default_queries(TODAY, {"defaults": ["HS17"]})
