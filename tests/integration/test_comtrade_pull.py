"""Pulling from a loopback publisher: what is stored, what is asked again, and what a fault comes to."""

import copy
import json
import socket
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from fake_comtrade import CAP, KEY, PULL, FakeComtrade, cut_body, made_up_rows
from pytest_httpserver import HTTPServer
from werkzeug import Response

from orchestration import manifest
from orchestration.ledger import Ledger
from orchestration.settings import Settings
from orchestration.sources.comtrade import pull as comtrade

QUERY = comtrade.parse_query(
    reporter="CN", partner="RU", flow="X", hs="8806", first="2022-11", last="2023-02"
)


@pytest.fixture
def fake(httpserver, monkeypatch):
    monkeypatch.delenv("COMTRADE_API_KEY", raising=False)
    publisher = FakeComtrade(httpserver)
    monkeypatch.setenv("COMTRADE_BASE_URL", publisher.base)
    return publisher


@pytest.fixture
def slow_fake(fake, monkeypatch):
    """A server of its own: a request that its client gave up would otherwise be answered in the next test."""
    with HTTPServer(threaded=True) as server:
        publisher = FakeComtrade(server)
        monkeypatch.setenv("COMTRADE_BASE_URL", publisher.base)
        yield publisher


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path / "data")


@pytest.fixture
def ledger(settings):
    return Ledger(settings.ledger_path)


@pytest.fixture
def pull(settings, ledger):
    def run(query=QUERY, progress=None, again=False, **policy):
        spec = copy.deepcopy(PULL)
        spec["policy"] |= policy
        return comtrade.pull(query, settings, ledger, progress, again=again, pull_spec=spec)

    return run


def stored(settings):
    return sorted((settings.inbox / "comtrade").glob("*.json"))


def rows_of(settings):
    return [row for path in stored(settings) for row in json.loads(path.read_bytes())["data"]]


def counted(rows):
    return Counter(json.dumps(row, sort_keys=True) for row in rows)


def test_answers_wait_in_the_inbox_as_received_with_a_sidecar(fake, pull, settings, ledger):
    report = pull()

    # two parts, and the list of releases before them
    assert (report.stored, report.unchanged, report.empty, report.requests, report.rows) == (2, 0, 0, 3, 4)
    assert fake.asked("period") == ["202211,202212", "202301,202302"]
    assert {r.path for r in fake.requests} == {"/public/v1/preview/C/M/HS"}
    assert {r.headers["User-Agent"].split("/")[0] for r in fake.requests} == {"dualuse-trade"}
    first = stored(settings)[0]
    assert first.name.startswith("CN-X-with-RU-8806-202211-202212_")
    assert json.loads(first.read_bytes())["elapsedTime"] == "0.01 secs"
    described = manifest.read(first)
    assert (described.source, described.grade, described.note) == ("comtrade", "official", "pulled")
    assert httpx.URL(described.url).params == httpx.URL(fake.requests[0].url).params
    assert len(list((settings.inbox / "comtrade").iterdir())) == 4
    journal = ledger.rows("select state, rows, attempts, url from pull_parts order by fetched_at")
    assert [(p["state"], p["rows"], p["attempts"]) for p in journal] == [("stored", 2, 1)] * 2
    assert journal[0]["url"] == described.url


def test_an_answer_at_the_cap_is_split_by_period_then_code_and_nothing_is_lost(fake, pull, settings):
    query = comtrade.parse_query(
        reporter="CN", partner="RU,UA,KZ", flow="X", hs="8525,8806,8542", first="2022-01", last="2022-02"
    )
    report = pull(query)

    everything = httpx.QueryParams(
        reporterCode="156",
        partnerCode="398,643,804",
        cmdCode="8525,8542,8806",
        period="202201,202202",
        flowCode="X",
    )
    expected = made_up_rows(type("Asked", (), {"args": dict(everything)}))
    assert counted(rows_of(settings)) == counted(expected)
    assert len(expected) == 18 == report.rows
    assert all(len(json.loads(path.read_bytes())["data"]) < CAP for path in stored(settings))
    asked = list(zip(fake.asked("period"), fake.asked("cmdCode"), fake.asked("partnerCode"), strict=True))
    assert asked[:4] == [
        ("202201,202202", "8525,8542,8806", "398,643,804"),
        ("202201", "8525,8542,8806", "398,643,804"),
        ("202201", "8525,8542", "398,643,804"),
        ("202201", "8525", "398,643,804"),
    ]

    requests = report.requests
    fresh = pull(query, again=True)
    assert (fresh.stored, fresh.unchanged) == (0, report.stored)
    assert fresh.requests == requests


def test_a_single_cell_at_the_cap_is_an_error_and_is_not_stored(fake, pull, settings):
    fake.rows = lambda request: made_up_rows(request) * (CAP + 3)
    with pytest.raises(comtrade.PullError, match=r"202211: the answer is cut at the cap of 6 rows"):
        pull()
    assert stored(settings) == []


def test_fewer_rows_than_the_answer_counts_is_an_error(fake, pull, settings):
    fake.faults.extend(Response(json.dumps({"count": 5, "data": [{}]})) for _ in range(4))
    query = comtrade.parse_query(
        reporter="CN", partner="RU", flow="X", hs="8806", first="2022-11", last="2022-11"
    )
    with pytest.raises(comtrade.PullError, match="cut"):
        pull(query)
    assert stored(settings) == []


def test_no_data_is_stored_and_fine(fake, pull, settings):
    fake.rows = lambda request: []
    report = pull()
    assert (report.stored, report.empty, report.rows) == (2, 2, 0)
    assert [json.loads(path.read_bytes())["data"] for path in stored(settings)] == [[], []]


def test_an_unchanged_answer_is_not_stored_twice(fake, pull, settings):
    pull()
    before = [path.read_bytes() for path in stored(settings)]
    fake.rows = lambda request: made_up_rows(request)[::-1]
    report = pull(again=True)
    assert (report.stored, report.unchanged, report.requests) == (0, 2, 3)
    assert [path.read_bytes() for path in stored(settings)] == before

    fake.rows = lambda request: [row | {"primaryValue": 1} for row in made_up_rows(request)]
    assert pull(again=True).stored == 2
    assert len(stored(settings)) == 4


def test_an_unchanged_answer_is_stored_again_where_the_earlier_one_is_lost(fake, pull, settings):
    pull()
    stored(settings)[0].unlink()
    report = pull(again=True)
    assert (report.stored, report.unchanged) == (1, 1)


def test_a_finished_pull_is_asked_again_on_a_new_day_only(fake, pull, ledger):
    pull()
    report = pull()
    assert (report.requests, report.already) == (0, 2)

    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="milliseconds")
    with ledger.connect() as db:
        db.execute("update pull_runs set ended_at = ?, started_at = ?", (yesterday, yesterday))
    report = pull()
    assert (report.requests, report.unchanged) == (3, 2)


def test_an_interrupted_pull_goes_on_with_the_missing_parts(fake, pull, settings):
    def interrupt(step):
        raise KeyboardInterrupt

    query = comtrade.parse_query(
        reporter="CN", partner="RU", flow="X", hs="8806", first="2022-01", last="2023-02"
    )
    with pytest.raises(KeyboardInterrupt):
        pull(query, interrupt)
    # twelve months are above the cap, so the first part was halved twice before one was stored
    assert fake.asked("period")[-1] == "202201,202202,202203"
    before = len(fake.requests)

    report = pull(query)
    assert (report.already, report.stored) == (1, 4)
    assert fake.asked("period")[before:] == [
        "202204,202205,202206",
        "202207,202208,202209,202210,202211,202212",
        "202207,202208,202209",
        "202210,202211,202212",
        "202301,202302",
    ]
    periods = Counter(row["period"] for row in rows_of(settings))
    assert set(periods.values()) == {1}
    assert len(periods) == 14


@pytest.mark.parametrize(
    "header",
    ["0", "1", format_datetime(datetime.now(UTC) + timedelta(hours=1)), None],
    ids=["zero", "a second", "date", "none"],
)
def test_429_is_waited_out(fake, pull, header):
    fake.faults.append(Response(b"Rate limit", status=429, headers={"Retry-After": header} if header else {}))
    started = time.monotonic()
    report = pull()
    assert (report.stored, report.requests) == (2, 4)
    waited = time.monotonic() - started
    # PULL bounds the wait that a publisher may ask for at 0.3 s; without one, a busy machine takes its time
    if header not in ("0", None):
        assert waited >= 0.3


@pytest.mark.parametrize("fault", [lambda: Response(b"oops", status=500), cut_body], ids=["500", "cut"])
def test_two_passing_failures_do_not_show(fake, pull, ledger, fault):
    fake.faults.extend([fault(), fault()])
    report = pull()
    assert (report.stored, report.requests) == (2, 5)
    assert [p["attempts"] for p in ledger.rows("select attempts from pull_parts order by fetched_at")] == [
        3,
        1,
    ]


def test_500_for_ever_is_given_up_and_said(fake, pull, settings, ledger):
    fake.faults.extend(Response(b"<h1>Server down</h1>", status=503) for _ in range(50))
    with pytest.raises(
        comtrade.PublisherUnreachable, match=r"UN Comtrade .*HTTP 503: Server down \(after 3 att"
    ):
        pull()
    assert len(fake.requests) == 3
    assert stored(settings) == []
    assert ledger.rows("select state, attempts from pull_parts") == [{"state": "failed", "attempts": 3}]

    fake.faults.clear()
    assert pull().stored == 2


def test_a_slow_publisher_is_a_timeout(slow_fake, pull):
    def slow(request):
        time.sleep(0.3)
        return []

    slow_fake.rows = slow
    with pytest.raises(comtrade.PublisherUnreachable, match=r"no answer within 0\.05 s"):
        pull(read_timeout=0.05, attempts=2)


def test_an_answer_that_drips_is_given_up(slow_fake, pull):
    def drip():
        for _ in range(40):
            time.sleep(0.02)
            yield b" "

    slow_fake.faults.extend(Response(drip()) for _ in range(2))
    with pytest.raises(comtrade.PublisherUnreachable, match=r"took more than 0\.1 s"):
        pull(body_timeout=0.1, attempts=2)


def test_a_refused_connection_names_the_publisher(pull, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("COMTRADE_BASE_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(
            comtrade.PublisherUnreachable, match=r"^UN Comtrade could not be reached: .*refused"
        ):
            pull()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html><title>Maintenance</title></html>", "is not JSON but says: Maintenance"),
        (b'{"data": [], "error": "Query too complex"}', "is an error: Query too complex"),
        (b'{"statusCode": 200, "message": "Quota used up"}', "is an error: Quota used up"),
        (b"[1, 2]", r"is an error: \[1, 2\]"),
        (b'{"data": [1]}', "not a row"),
        (b"[" * 5000, "is not JSON"),
        (b"", "is not JSON"),
    ],
)
def test_a_wrong_answer_fails_its_part_only(fake, pull, settings, body, said):
    fake.faults.append(Response(body))
    with pytest.raises(comtrade.PullError, match=f"UN Comtrade: .*202211-202212.*{said}"):
        pull()
    assert len(stored(settings)) == 1
    report = pull()
    assert (report.already, report.stored, report.requests) == (1, 1, 2)


def test_a_refusal_stops_the_pull_with_the_publishers_words(fake, pull):
    fake.faults.append(Response(b'{"statusCode": 403, "message": "Out of call volume quota"}', status=403))
    with pytest.raises(comtrade.PullError, match="refused: HTTP 403: Out of call volume quota") as caught:
        pull()
    assert not isinstance(caught.value, comtrade.PublisherUnreachable)
    assert len(fake.requests) == 1


def test_an_answer_above_the_byte_limit_is_refused(fake, pull, settings):
    with pytest.raises(comtrade.PullError, match="more than 100 bytes"):
        pull(max_bytes=100)
    assert stored(settings) == []


def test_redirects_stay_with_the_publisher(fake, pull):
    here = f"{fake.requests[0].url if fake.requests else fake.base}/elsewhere"
    query = "?reporterCode=156&partnerCode=643&cmdCode=8806&period=202211&flowCode=X&maxRecords=6"
    fake.faults.append(Response(status=302, headers={"Location": here + query}))
    assert pull().requests == 4

    fake.faults.append(Response(status=302, headers={"Location": "http://localhost:1/x"}))
    with pytest.raises(comtrade.PullError, match="redirects to another place: http://localhost"):
        pull(again=True)
    fake.faults.extend(Response(status=302, headers={"Location": here}) for _ in range(9))
    with pytest.raises(comtrade.PullError, match="redirects more than 3 times"):
        pull(again=True)


def test_requests_keep_their_distance(fake, pull):
    started = time.monotonic()
    pull(min_interval=0.15)
    assert time.monotonic() - started >= 0.15


@pytest.mark.parametrize(
    ("base", "rule"),
    [
        ("ftp://127.0.0.1", "http"),
        ("comtrade.example", "http"),
        ("https://user:word@comtrade.example", "no user"),
        ("https://comtrade.example?subscription-key=1", "parameters"),
        ("http://comtrade.example", "in the clear"),
    ],
)
def test_an_address_that_is_not_safe_is_refused_before_anything_is_asked(pull, monkeypatch, base, rule):
    monkeypatch.setenv("COMTRADE_API_KEY", KEY)
    monkeypatch.setenv("COMTRADE_BASE_URL", base)
    with pytest.raises(comtrade.PullError, match=rule) as caught:
        pull()
    assert KEY not in str(caught.value)


def test_a_recorded_answer_comes_through_unchanged(fake, pull, settings, real_data, monkeypatch):
    recorded = real_data / "comtrade" / "comercio_sample_response.json"
    captured = httpx.URL(
        json.loads((real_data / "comtrade" / "comercio_sample_metadata.json").read_bytes())["url"]
    )
    monkeypatch.setenv("COMTRADE_API_KEY", KEY)
    fake.faults.append(Response(recorded.read_bytes(), content_type="application/json"))
    report = pull(
        comtrade.parse_query(
            reporter="BR",
            partner="CN",
            flow="X",
            hs="1201,1507,2304",
            first="2024",
            last="2024",
            frequency="annual",
        )
    )
    assert (report.stored, report.rows) == (1, len(json.loads(recorded.read_bytes())["data"]))
    assert stored(settings)[0].read_bytes() == recorded.read_bytes()
    (request,) = fake.requests
    assert request.path == captured.path
    assert dict(captured.params).items() <= request.args.to_dict().items()
    assert request.headers["Ocp-Apim-Subscription-Key"] == KEY
