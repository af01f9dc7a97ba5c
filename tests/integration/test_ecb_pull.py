"""Fetching the bank's history from a loopback: whole, once, and nothing where something else comes."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from fake_files import FakeFiles, cut_file
from typer.testing import CliRunner
from werkzeug import Response

from orchestration import manifest
from orchestration.cli.app import Exit, app
from orchestration.ledger import Ledger
from orchestration.pulls import PublisherUnreachable, PullError
from orchestration.settings import Settings
from orchestration.sources import load_source
from orchestration.sources.ecb import pull as ecb

DATA = Path(__file__).parents[1] / "data"

PATH = "/stats/eurofxref/eurofxref-hist.zip"
FAST = {"attempts": 3, "wait_initial": 0.01, "wait_max": 0.02, "wait_jitter": 0, "min_interval": 0}


def packed(content):
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("eurofxref-hist.csv", content)
    return target.getvalue()


@pytest.fixture
def fake(httpserver, monkeypatch, tmp_path):
    publisher = FakeFiles(httpserver)
    publisher.bodies[PATH] = packed((DATA / "ecb" / "history.csv").read_bytes())
    publisher.headers[PATH] = {"ETag": '"1"', "Last-Modified": "Mon, 04 Mar 2024 15:00:00 GMT"}
    source = load_source("ecb")
    made = source.model_copy(update={"pull": {**source.pull, "policy": FAST}})
    monkeypatch.setattr(ecb, "load_source", lambda code: made)
    monkeypatch.setenv("ECB_BASE_URL", publisher.base)
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
    return lambda again=False: ecb.pull(ecb.HISTORY, settings, ledger, again=again)


def stored(settings):
    return sorted((settings.inbox / "ecb").glob("*.csv"))


def test_the_history_waits_in_the_inbox_with_the_day_it_was_published(fake, pull, settings):
    assert (pull().stored, fake.asked) == (1, [PATH])
    (path,) = stored(settings)
    assert path.read_bytes() == (DATA / "ecb" / "history.csv").read_bytes()
    described = manifest.read(path)
    assert (described.source, str(described.published), described.complete) == ("ecb", "2024-03-04", True)
    assert pull().already == 1


def test_passing_failures_do_not_show(fake, pull, settings):
    fake.faults.extend([Response(b"busy", status=503), cut_file()])
    assert pull().requests == 3
    assert len(stored(settings)) == 1


@pytest.mark.parametrize(
    ("faults", "error", "said"),
    [
        ([Response(b"down", status=500)] * 3, PublisherUnreachable, "HTTP 500"),
        ([Response(b"<html>moved</html>")], PullError, "web page|zip|archive"),
        ([Response(packed(b"a,b\n1,2\n"))], PullError, "eurofxref-hist"),
        ([Response(b"gone", status=404)], PullError, "HTTP 404"),
    ],
    ids=["500", "page", "other table", "404"],
)
def test_what_is_not_the_file_is_said_and_not_kept(fake, pull, settings, faults, error, said):
    fake.faults.extend(faults)
    with pytest.raises(error, match=said):
        pull()
    assert stored(settings) == []


def test_the_command_takes_no_option(fake):
    refused = CliRunner().invoke(app, ["pull", "ecb", "--hs", "8806"])
    assert refused.exit_code == Exit.USAGE
    assert "--hs: means nothing to the European Central Bank" in refused.stderr
    assert CliRunner().invoke(app, ["pull", "ecb"]).exit_code == Exit.OK
    assert fake.asked == [PATH]
