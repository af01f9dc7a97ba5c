"""Pulling from a loopback US Census Bureau: what is stored, asked again, what a fault comes to, the key."""

import copy
import json
import logging
import re
import time
from collections import deque
from datetime import date

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner
from werkzeug import Response

from orchestration import manifest
from orchestration.cli.app import Exit, app
from orchestration.ledger import Ledger
from orchestration.pulls import PublisherUnreachable, PullError, PullOptions
from orchestration.settings import Settings
from orchestration.sources import load_source, recognise
from orchestration.sources.census import pull as census
from orchestration.sources.census import query as questions

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c"
QUERY = census.parse_query("RU", "X", "8806,854231", "2023-01", "2023-02")
PAGE = (
    b"<html><head><title>Invalid Key</title></head><body><p>A valid key must be included.</p></body></html>"
)
FAST = {
    "attempts": 3,
    "wait_initial": 0.01,
    "wait_max": 0.02,
    "wait_jitter": 0,
    "retry_after_max": 0.3,
    "connect_timeout": 2,
    "read_timeout": 2,
    "min_interval": 0,
}


class FakeCensus:
    """Answers as the bureau does: made-up rows, predicates as columns again, 204 where there is nothing."""

    def __init__(self, server: HTTPServer) -> None:
        """Answer whatever path the server is asked for."""
        self.requests, self.faults, self.no_data = [], deque(), False
        self.base = server.url_for("").rstrip("/")
        server.expect_request(re.compile("/.*")).respond_with_handler(self.answer)

    def answer(self, request):
        self.requests.append(request)
        if self.faults:
            fault = self.faults.popleft()
            return fault if isinstance(fault, Response) else fault()
        if self.no_data:
            return Response(status=204)
        return Response(json.dumps(self.rows(request)), content_type="application/json")

    def rows(self, request):
        asked = request.args["get"].split(",")
        commodity = "E_COMMODITY" if "E_COMMODITY" in asked else "I_COMMODITY"
        first, last = re.fullmatch(r"from (\S+) to (\S+)", request.args["time"]).groups()
        found = [[*asked, "time", "CTY_CODE", commodity]]
        for code in request.args.getlist(commodity):
            for month in sorted({first, last}):
                values = {"CTY_CODE": request.args["CTY_CODE"], commodity: code, "SUMMARY_LVL": "DET"}
                cells = [values.get(name, "100" if "VAL" in name else "-") for name in asked]
                found.append([*cells, month, request.args["CTY_CODE"], code])
        return found


def cut_body():
    return Response(iter([b'[["CTY_CODE"']), headers={"Content-Length": "5000"})


@pytest.fixture
def spec(monkeypatch):
    made = copy.deepcopy(load_source("census").pull)
    made["policy"] |= FAST
    source = load_source("census").model_copy(update={"pull": made})
    monkeypatch.setattr(census, "load_source", lambda code: source)
    return made


@pytest.fixture
def fake(httpserver, monkeypatch, spec, tmp_path):
    publisher = FakeCensus(httpserver)
    monkeypatch.setenv("CENSUS_BASE_URL", publisher.base)
    monkeypatch.setenv("CENSUS_API_KEY", KEY)
    monkeypatch.setenv("DUALUSE_DATA", str(tmp_path / "data"))
    return publisher


@pytest.fixture
def settings(fake):
    made = Settings.from_env()
    made.prepare()
    return made


@pytest.fixture
def ledger(settings):
    return Ledger(settings.ledger_path)


@pytest.fixture
def pull(settings, ledger, spec):
    def run(query=QUERY, again=False, **policy):
        spec["policy"] |= policy
        return census.pull(query, settings, ledger, again=again)

    return run


def stored(settings):
    return sorted((settings.inbox / "census").glob("*.json"))


def test_answers_wait_in_the_inbox_as_received_one_level_of_codes_a_call(fake, pull, settings):
    report = pull()
    assert (report.stored, report.unchanged, report.requests, report.rows) == (2, 0, 2, 4)
    assert {r.path for r in fake.requests} == {"/data/timeseries/intltrade/exports/hs"}
    assert [(r.args["COMM_LVL"], r.args.getlist("E_COMMODITY")) for r in fake.requests] == [
        ("HS4", ["8806"]),
        ("HS6", ["854231"]),
    ]
    assert {(r.args["CTY_CODE"], r.args["time"]) for r in fake.requests} == {
        ("4621", "from 2023-01 to 2023-02")
    }
    first = stored(settings)[0]
    assert recognise(first, first.name) == "census"
    described = manifest.read(first)
    assert (described.direction, described.grade, described.note) == ("export", "official", "pulled")
    assert described.url.startswith(f"{fake.base}/data/timeseries/intltrade/exports/hs?get=CTY_CODE")


def test_imports_totals_and_ten_digits_are_asked_for_by_their_own_names(fake, pull):
    pull(census.parse_query("world,PS", "M", "TOTAL,8806*", "2023-01", "2023-01"))
    asked = [(r.args["CTY_CODE"], r.args.get("COMM_LVL"), r.args["I_COMMODITY"]) for r in fake.requests]
    assert asked == [
        (code, level, hs) for code in ("-", "5082", "5083") for level, hs in (("HS10", "8806*"), (None, "-"))
    ]
    assert {r.path for r in fake.requests} == {"/data/timeseries/intltrade/imports/hs"}


def test_an_unchanged_answer_is_not_stored_twice(fake, pull, settings):
    pull()
    rows = fake.rows
    fake.rows = lambda request: [rows(request)[0], *rows(request)[:0:-1]]
    report = pull(again=True)
    assert (report.stored, report.unchanged, len(stored(settings))) == (0, 2, 2)
    assert pull().already == 2
    fake.rows = lambda request: rows(request)[:2]
    assert pull(again=True).stored == 2


def test_no_data_is_no_error_and_no_file_but_said_where_there_was_some(fake, pull, settings):
    fake.no_data = True
    report = pull()
    assert (report.stored, report.empty, report.rows, report.warnings) == (0, 2, 0, ())
    assert stored(settings) == []
    fake.no_data = False
    assert pull(again=True).stored == 2
    fake.no_data = True
    warnings = pull(again=True).warnings
    assert len(warnings) == 2
    assert "HS 8806, 2023-01..2023-02: had rows before and has none now" in warnings[0]


@pytest.mark.parametrize(
    "fault",
    [
        lambda: Response(b"slow down", status=429, headers={"Retry-After": "0"}),
        lambda: Response(b"oops", status=500),
        cut_body,
    ],
    ids=["429", "500", "cut"],
)
def test_two_passing_failures_do_not_show(fake, pull, fault):
    fake.faults.extend([fault, fault])
    report = pull()
    assert (report.stored, report.requests) == (2, 4)


def test_retry_after_is_waited_out(fake, pull):
    fake.faults.append(Response(b"slow down", status=429, headers={"Retry-After": "60"}))
    started = time.monotonic()
    assert pull().stored == 2
    assert time.monotonic() - started >= 0.3  # retry_after_max


def test_500_for_ever_is_given_up_and_said(fake, pull, settings):
    fake.faults.extend(Response(b"<h1>Down</h1>", status=503) for _ in range(9))
    with pytest.raises(PublisherUnreachable, match=r"Census Bureau could not be reached: HTTP 503: Down"):
        pull()
    assert len(fake.requests) == 3
    assert stored(settings) == []


def test_a_slow_answer_is_given_up(fake, monkeypatch, pull):
    with HTTPServer(threaded=True) as server:
        slow = FakeCensus(server)
        monkeypatch.setenv("CENSUS_BASE_URL", slow.base)
        slow.faults.extend([lambda: time.sleep(1) or Response(b"[]")] * 2)
        with pytest.raises(PublisherUnreachable, match=r"no answer within 0\.2 s"):
            pull(attempts=2, read_timeout=0.2)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": "no such thing"}', "the answer is no list of rows but says: no such thing"),
        (b"[]", "the answer is no list of rows"),
        (b'[["a","b"],["c"]]', "rows of other lengths than its header"),
        (b'[["CTY_CODE"', "the answer is not JSON but says"),
    ],
)
def test_a_wrong_answer_fails_its_call_only_and_is_asked_again(fake, pull, settings, body, said):
    fake.faults.append(Response(body))
    with pytest.raises(PullError, match=said):
        pull()
    assert len(stored(settings)) == 1
    report = pull()
    assert (report.already, report.stored, report.requests) == (1, 1, 1)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Response(PAGE), r"Invalid Key .*\(CENSUS_API_KEY is wrong or not activated yet\)"),
        (Response(b"error: unknown variable 'ALL_VAL'", status=400), "HTTP 400: error: unknown variable"),
        (Response(status=302, headers={"Location": "http://localhost:1/x"}), "redirects to another place"),
    ],
    ids=["key page", "400", "redirect"],
)
def test_a_refusal_stops_the_pull_with_its_words(fake, pull, settings, fault, said):
    fake.faults.append(fault)
    with pytest.raises(PullError, match=said):
        pull()
    assert len(fake.requests) == 1
    assert stored(settings) == []


def test_an_answer_that_is_too_large_is_asked_for_in_halves_by_code_then_month(fake, pull, ledger):
    rows = fake.rows
    fake.rows = lambda request: rows(request) if _cells(request) == 1 else [["x" * 3000]]
    report = pull(census.parse_query("RU", "X", "8525,8542", "2023-01", "2023-02"), max_bytes=2000)
    assert (report.stored, report.rows) == (4, 4)
    assert [_cells(r) for r in fake.requests] == [4, 2, 1, 1, 2, 1, 1]
    before = len(fake.requests)
    again = pull(census.parse_query("RU", "X", "8525,8542", "2023-01", "2023-02"))
    assert (again.already, len(fake.requests)) == (4, before)


def _cells(request):
    first, last = request.args["time"].split()[1::2]
    return len(request.args.getlist("E_COMMODITY")) * len({first, last})


def test_addresses_stay_short_and_every_code_is_asked_once(spec):
    codes = [f"{n:06d}" for n in range(200100, 200500)]
    query = census.parse_query("RU,CN", "X", codes, "2020-01", "2023-12")
    parts = questions.parts(query, spec["fields"], 1500)
    for country in query.countries:
        assert sorted(c for p in parts if p.countries == (country,) for c in p.hs) == codes
    assert max(len(p.hs) for p in parts) < 100


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [Response(f"no access with {KEY}", status=403)],
        [Response(f"down {KEY}", status=500, headers={"Retry-After": "0"}), cut_body],
        [Response(json.dumps([["CTY_CODE", "note"], ["4621", KEY]]))],
        [Response(status=302, headers={"Location": f"/data?key={KEY}"})],
        [Response(PAGE + KEY.encode())],
    ],
    ids=["fine", "403", "5xx", "data", "redirect", "page"],
)
def test_the_key_is_a_parameter_and_shows_up_nowhere(fake, settings, faults, caplog):
    caplog.set_level(logging.DEBUG)
    fake.faults.extend(faults)
    arguments = ["--partner", "RU", "--flow", "X", "--hs", "8806", "--from", "2023-01", "--to", "2023-02"]
    done = CliRunner().invoke(app, ["pull", "census", *arguments])

    assert {r.args["key"] for r in fake.requests} == {KEY}
    assert KEY not in done.output + done.stderr + repr(done.exception)
    own = [line for line in caplog.records if not line.name.startswith(("werkzeug", "pytest_httpserver"))]
    assert own
    assert all(KEY not in line.getMessage() + repr(vars(line)) for line in own)
    files = [path for path in settings.data.rglob("*") if path.is_file()]
    assert any(path.name.startswith("ledger.sqlite") for path in files)
    assert [path.name for path in files if KEY.encode() in path.read_bytes() or KEY in path.name] == []
    if not faults:
        assert done.exit_code == Exit.OK
        assert "US Census Bureau: 1 answers stored" in done.stdout


def test_without_a_key_nobody_is_asked(fake, pull, monkeypatch, spec):
    assert len(census.default_queries(date(2024, 5, 2), spec)) == 2
    monkeypatch.delenv("CENSUS_API_KEY")
    with pytest.raises(PullError, match="CENSUS_API_KEY is not set"):
        pull()
    assert census.default_queries(date(2024, 5, 2), spec) == []
    done = CliRunner().invoke(app, ["pull", "census"])
    assert (done.exit_code, fake.requests) == (Exit.USAGE, [])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"partner": "ZZ"}, "--partner: 'ZZ' is no country"),
        ({"flow": "RX"}, "--flow: 'RX' is not one of X, M"),
        ({"hs": "85423"}, "--hs: '85423' is not an HS code"),
        ({"hs": "8542*,8542310000"}, "--hs: 8542310000 is below another code"),
        ({"last": "2022-12"}, "--to: 2022-12 is before --from 2023-01"),
        ({"last": ""}, "give --to as well"),
        ({"reporter": "US"}, "--reporter: means nothing to the US Census Bureau"),
    ],
)
def test_usage_errors_name_the_option(changed, said):
    given = {"partner": "RU", "flow": "X", "hs": "8806", "first": "2023-01", "last": "2023-02"} | changed
    with pytest.raises(PullError) as error:
        census.queries(PullOptions(**given), date(2024, 1, 1))
    assert str(error.value).startswith(said)
