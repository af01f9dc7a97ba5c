"""`dualuse pull`, the daily run, and the key that must show up nowhere."""

import logging
import socket
from datetime import UTC, date, datetime, timedelta

import pytest
from fake_comtrade import KEY, PULL, FakeComtrade, cut_body
from typer.testing import CliRunner
from werkzeug import Response

from orchestration import pulls
from orchestration.cli.app import Exit, app
from orchestration.ledger import Ledger
from orchestration.settings import Settings
from orchestration.sources import load_source
from orchestration.sources.comtrade import pull as comtrade

COMMAND = ["pull", "comtrade", "--reporter", "CN", "--partner", "RU,UA", "--flow", "X", "--hs", "8806"]
MONTHS = ["--from", "2022-12", "--to", "2023-01"]
TODAY = date(2025, 3, 9)


@pytest.fixture
def fake(httpserver, monkeypatch, tmp_path):
    """The stand-in, with the shipped source.yml but tiny waits and a cap of six rows."""
    spec = load_source("comtrade").model_copy(update={"pull": PULL})
    monkeypatch.setattr(comtrade, "load_source", lambda code: spec)
    monkeypatch.setattr("orchestration.cli.pull.load_source", lambda code: spec)
    monkeypatch.setattr(pulls, "all_sources", lambda: [spec, spec.model_copy(update={"pull": None})])
    monkeypatch.delenv("COMTRADE_API_KEY", raising=False)
    monkeypatch.delenv("DUALUSE_PULL", raising=False)
    monkeypatch.setenv("DUALUSE_DATA", str(tmp_path / "data"))
    publisher = FakeComtrade(httpserver)
    monkeypatch.setenv("COMTRADE_BASE_URL", publisher.base)
    return publisher


@pytest.fixture
def nobody(monkeypatch):
    """A loopback address where nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("COMTRADE_BASE_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
        yield


@pytest.fixture
def ledger(fake):
    return Ledger(Settings.from_env().ledger_path)


def dualuse(*arguments):
    return CliRunner().invoke(app, list(arguments))


def test_the_command_says_what_came_and_what_is_next(fake):
    done = dualuse(*COMMAND, *MONTHS)
    assert done.exit_code == Exit.OK, done.output
    assert "comtrade 2/2 CN X with RU,UA, HS 8806, 202301: 2 rows stored" in done.stdout
    assert (
        "2 answers stored, 0 unchanged (0 without data), 4 rows, 3 requests. Next: dualuse refresh"
        in done.stdout
    )
    assert len(list((Settings.from_env().inbox / "comtrade").glob("*.json"))) == 2

    again = dualuse(*COMMAND, *MONTHS)
    assert "0 requests, 2 there already from earlier today (--again asks anew)" in again.stdout
    assert "0 answers stored, 2 unchanged" in dualuse(*COMMAND, *MONTHS, "--again").stdout


def test_without_options_the_daily_queries_are_asked(fake):
    done = dualuse("pull", "comtrade")
    assert done.exit_code == Exit.OK, done.output
    assert set(fake.asked("cmdCode")) == {"8806"}
    assert sum(len(periods.split(",")) for periods in fake.asked("period")) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([*COMMAND, "--from", "2022-01"], "give --to as well"),
        ([*COMMAND, "--from", "2022-05", "--to", "2022-04"], "--to: 2022-04 is before --from 2022-05"),
        ([*COMMAND[:3], "QQ", *COMMAND[4:], *MONTHS], "--reporter: 'QQ' has no single UN Comtrade code"),
    ],
)
def test_usage_errors_name_the_option(fake, arguments, said):
    done = dualuse(*arguments)
    assert done.exit_code == Exit.USAGE
    assert said in done.stderr
    assert fake.requests == []


def test_exit_codes_tell_unreachable_from_a_wrong_answer(fake, nobody, monkeypatch):
    done = dualuse(*COMMAND, *MONTHS)
    assert done.exit_code == Exit.UNREACHABLE
    assert "UN Comtrade could not be reached" in done.stderr

    monkeypatch.setenv("COMTRADE_BASE_URL", fake.base)
    fake.faults.append(Response(b"<html>no</html>"))
    assert dualuse(*COMMAND, *MONTHS).exit_code == Exit.RED


def test_the_daily_run_asks_once_and_again_after_its_hours(fake, ledger):
    settings = Settings.from_env()
    assert pulls.run_due(settings, ledger, TODAY) == []
    assert fake.asked("period") == ["202412", "202501,202502"]
    assert pulls.run_due(settings, ledger, TODAY) == []
    assert len(fake.requests) == 2

    earlier = (datetime.now(UTC) - timedelta(hours=21)).isoformat(timespec="milliseconds")
    with ledger.connect() as db:
        db.execute("update pull_rounds set started_at = ?, ended_at = ?", (earlier, earlier))
        db.execute("update pull_runs set started_at = ?, ended_at = ?", (earlier, earlier))
    assert pulls.run_due(settings, ledger, TODAY) == []
    assert len(fake.requests) == 4


def test_an_unreachable_publisher_is_a_warning_and_is_left_alone_for_ten_minutes(
    fake, ledger, nobody, monkeypatch
):
    settings = Settings.from_env()
    (warning,) = pulls.run_due(settings, ledger, TODAY)
    assert warning.startswith("UN Comtrade could not be reached: ")
    assert warning.endswith("; the refresh goes on with what is archived")

    monkeypatch.setenv("COMTRADE_BASE_URL", fake.base)
    assert not pulls.pull_due("comtrade", PULL, ledger)
    past = (datetime.now(UTC) - timedelta(minutes=11)).isoformat(timespec="milliseconds")
    with ledger.connect() as db:
        db.execute("update pull_rounds set started_at = ?", (past,))
    assert pulls.run_due(settings, ledger, TODAY) == []
    assert len(fake.requests) == 2


def test_a_wrong_answer_is_a_warning_of_the_daily_run(fake, ledger):
    fake.faults.append(Response(b'{"error": "Too complex"}'))
    (warning,) = pulls.run_due(Settings.from_env(), ledger, TODAY)
    assert "Too complex" in warning
    assert len(fake.requests) == 2


def test_pulling_can_be_switched_off_for_the_daily_run_only(fake, ledger, monkeypatch):
    monkeypatch.setenv("DUALUSE_PULL", "off")
    assert pulls.run_due(Settings.from_env(), ledger, TODAY) == []
    assert fake.requests == []
    assert dualuse(*COMMAND, *MONTHS).exit_code == Exit.OK
    assert len(fake.requests) == 2


def echo(status=200, **headers):
    return Response(f'{{"error": "no access with key {KEY}"}}', status=status, headers=headers)


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [echo(401)],
        [echo(500, **{"Retry-After": "0"}), echo(429), echo(503)],
        [echo(), cut_body()],
        [Response(f'{{"data": [{{"note": "{KEY}"}}]}}')],
        [Response(status=302, headers={"Location": f"http://localhost:1/{KEY}"})],
        [Response(status=302, headers={"Location": f"/{KEY}"})],
    ],
    ids=["fine", "401", "5xx", "error", "data", "redirect", "own redirect"],
)
def test_the_key_travels_in_a_header_and_shows_up_nowhere_else(fake, faults, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("COMTRADE_API_KEY", f" {KEY}\n")
    fake.faults.extend(faults)
    done = dualuse(*COMMAND, *MONTHS)

    assert {r.headers["Ocp-Apim-Subscription-Key"] for r in fake.requests} == {KEY}
    assert {r.path for r in fake.requests} == {"/data/v1/get/C/M/HS"}
    assert all(KEY not in r.url for r in fake.requests)
    assert (done.exit_code == Exit.OK) == (not faults)
    assert KEY not in done.output + done.stderr + repr(done.exception)
    own = [
        record for record in caplog.records if not record.name.startswith(("werkzeug", "pytest_httpserver"))
    ]
    assert own
    assert all(KEY not in record.getMessage() + repr(vars(record)) for record in own)
    files = [path for path in Settings.from_env().data.rglob("*") if path.is_file()]
    assert any(path.name.startswith("ledger.sqlite") for path in files)
    assert [path.name for path in files if KEY.encode() in path.read_bytes() or KEY in path.name] == []


def test_a_key_with_a_line_break_inside_is_not_quoted(fake, monkeypatch):
    monkeypatch.setenv("COMTRADE_API_KEY", f"{KEY[:8]}\n{KEY[8:]}")
    done = dualuse(*COMMAND, *MONTHS)
    assert done.exit_code == Exit.RED
    assert KEY[:8] not in done.stderr
    assert fake.requests == []
