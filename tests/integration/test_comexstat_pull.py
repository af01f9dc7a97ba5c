"""Brazil's year files from a loopback publisher: what is asked, what is asked again, what a fault comes to.

Belongs here: addresses, years, directions. Does not belong here: how whole files are fetched
(test_remote_files).
"""

import time
from datetime import UTC, date, datetime

import pytest
from fake_files import FakeFiles, cut_file
from pytest_httpserver import HTTPServer
from werkzeug import Response

from orchestration import collect, manifest
from orchestration.ledger import Ledger
from orchestration.pulls import PublisherUnreachable, PullError, PullOptions, QueryError
from orchestration.settings import Settings
from orchestration.sources import load_source
from orchestration.sources.comexstat import pull as comexstat

TODAY = datetime(2026, 11, 25, tzinfo=UTC).date()
FOLDER = "/balanca/bd/comexstat-bd/ncm"
QUICK = {"attempts": 3, "wait_initial": 0.01, "wait_max": 0.02, "wait_jitter": 0, "retry_after_max": 0.3}
QUICK |= {"connect_timeout": 2, "read_timeout": 2, "min_interval": 0}
HEADER = "CO_ANO;CO_MES;CO_NCM;CO_UNID;CO_PAIS;SG_UF_NCM;CO_VIA;CO_URF;QT_ESTAT;KG_LIQUIDO;VL_FOB"
BOTH = comexstat.Query(("X", "M"), (2024,), 2026)


def body(year, value=1):
    return f"{HEADER}\n{year};01;88062100;11;676;SP;04;0817600;1;2;{value}\n".encode()


@pytest.fixture
def fake(httpserver, monkeypatch):
    publisher = FakeFiles(httpserver)
    for name in ("EXP", "IMP"):
        path = f"{FOLDER}/{name}_2024.csv"
        publisher.bodies[path] = body(2024, {"EXP": 3, "IMP": 7}[name])
        publisher.headers[path] = {"Last-Modified": "Thu, 06 Feb 2025 18:21:06 GMT"}
    monkeypatch.setenv("COMEXSTAT_BASE_URL", publisher.base)
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
    def run(query=BOTH, again=False, **policy):
        spec = {**load_source("comexstat").pull, "policy": QUICK | policy}
        return comexstat.pull(query, settings, ledger, again=again, pull_spec=spec)

    return run


def inbox(settings):
    return sorted(path.name for path in collect.inbox_files(settings))


def test_year_files_wait_in_the_inbox_with_their_manifests(fake, pull, settings, ledger):
    report = pull()
    assert (report.stored, report.requests) == (2, 2)
    assert fake.asked == [f"{FOLDER}/EXP_2024.csv", f"{FOLDER}/IMP_2024.csv"]
    known = [manifest.read(settings.inbox / "comexstat" / name) for name in inbox(settings)]
    assert [(each.direction, each.complete) for each in known] == [("export", True), ("import", True)]
    assert {each.published for each in known} == {date(2025, 2, 6)}
    assert {each.grade for each in known} == {"official"}
    assert known[0].url == f"{fake.base}{FOLDER}/EXP_2024.csv"
    assert len(collect.collect(settings, ledger)) == 2


def test_only_what_was_made_anew_is_stored_again(fake, pull, settings, ledger):
    pull()
    collect.collect(settings, ledger)
    with ledger.connect() as db:
        long_ago = "2025-03-01T00:00:00+00:00"
        db.execute("update pull_runs set started_at = ?, ended_at = ?", (long_ago, long_ago))
    fake.bodies[f"{FOLDER}/EXP_2024.csv"] = body(2024, 5)
    fake.headers[f"{FOLDER}/EXP_2024.csv"] = {"Last-Modified": "Wed, 05 Mar 2025 18:00:00 GMT"}
    report = pull()
    assert (report.stored, report.unchanged, report.requests) == (1, 1, 2)
    assert inbox(settings) == ["EXP_2024.csv"]


def test_the_running_year_may_have_no_file_yet_and_a_year_that_is_over_must(fake, pull):
    assert pull(comexstat.Query(("X",), (2024, 2026), 2026)).stored == 1
    with pytest.raises(PullError, match=r"EXP_2023\.csv: HTTP 404"):
        pull(comexstat.Query(("X",), (2023,), 2026))


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
    assert (report.stored, report.requests) == (2, 4)
    assert inbox(settings) == ["EXP_2024.csv", "IMP_2024.csv"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (b"<html><title>Em manuten\xe7\xe3o</title></html>", "a web page and not the file"),
        (b"", r"EXP_2024\.csv"),
    ],
    ids=["page", "nothing"],
)
def test_a_wrong_answer_is_not_stored_and_does_not_stop_the_others(fake, pull, settings, wrong, said):
    fake.bodies[f"{FOLDER}/EXP_2024.csv"] = wrong
    with pytest.raises(PullError, match=said):
        pull()
    assert inbox(settings) == ["IMP_2024.csv"]


def test_imports_under_the_name_of_exports_are_not_stored(fake, pull, settings):
    imports = f"{HEADER};VL_FRETE;VL_SEGURO\n2024;01;88062100;11;676;SP;04;0817600;1;2;3;4;5\n"
    fake.bodies[f"{FOLDER}/EXP_2024.csv"] = imports.encode()
    with pytest.raises(PullError, match=r"but the header .* says import"):
        pull()
    assert inbox(settings) == ["IMP_2024.csv"]


def test_a_publisher_that_stays_down_is_said(fake, pull, settings):
    fake.faults.extend(Response(b"<h1>Server down</h1>", status=503) for _ in range(3))
    with pytest.raises(PublisherUnreachable, match=r"\(MDIC\) could not be reached: HTTP 503: Server down"):
        pull()
    assert inbox(settings) == []


def test_a_slow_publisher_is_a_timeout(pull, monkeypatch):
    def slow(request):
        time.sleep(0.3)
        return Response(b"")

    with HTTPServer(threaded=True) as server:
        server.expect_request(f"{FOLDER}/EXP_2024.csv").respond_with_handler(slow)
        monkeypatch.setenv("COMEXSTAT_BASE_URL", server.url_for("").rstrip("/"))
        with pytest.raises(PublisherUnreachable, match=r"no answer within 0\.05 s"):
            pull(read_timeout=0.05, attempts=2)


@pytest.mark.parametrize(
    ("options", "flows", "years"),
    [
        ({}, ("X", "M"), (2026,)),
        ({"first": "2024"}, ("X", "M"), (2024, 2025, 2026)),
        ({"last": "2024"}, ("X", "M"), (2024,)),
        ({"first": "2023-05", "last": "2024-02", "flow": "m"}, ("M",), (2023, 2024)),
        ({"first": "2025", "last": "2025", "flow": "X, M"}, ("X", "M"), (2025,)),
    ],
)
def test_whole_years_are_asked_for(options, flows, years):
    assert comexstat.queries(PullOptions(**options), TODAY) == [comexstat.Query(flows, years, 2026)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"hs": "8806"}, "--hs: means nothing to Comex Stat, .* it takes --flow, --from, --to"),
        ({"flow": "RX"}, "--flow: 'RX' is neither X"),
        ({"first": "1996"}, "--from: '1996' is no year from 1997 to 2026"),
        ({"last": "2027"}, "--from: '2027' is no year"),
        ({"first": "2024", "last": "tomorrow"}, "--to: 'tomorrow' is no year"),
        ({"first": "2025", "last": "2024"}, "--to: 2024 is before 2025"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(options, said):
    with pytest.raises(QueryError, match=f"^{said}"):
        comexstat.queries(PullOptions(**options), TODAY)


def test_nothing_is_fetched_daily_unless_named():
    assert comexstat.default_queries(TODAY, load_source("comexstat").pull) == []
    named = {"defaults": [{"flow": ["X"], "years": 2}]}
    assert comexstat.default_queries(TODAY, named) == [comexstat.Query(("X",), (2025, 2026), 2026)]
