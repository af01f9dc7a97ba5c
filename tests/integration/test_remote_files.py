"""Whole files from a loopback publisher: what is stored, what is asked again, what a fault comes to."""

import gzip
import socket
import time
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest
from fake_files import FakeFiles, cut_file
from pytest_httpserver import HTTPServer
from werkzeug import Response

from orchestration import collect, http, manifest, publishers, remote
from orchestration.ledger import Ledger
from orchestration.pulls import PublisherUnreachable, PullError
from orchestration.remote import RemoteFile
from orchestration.settings import Settings

HEADER = (
    "Date of data,Commodity code,Commodity,Trading partner code,Trading partner,Quantity,Unit,US dollar\n"
)
POLICY = {
    "attempts": 3,
    "wait_initial": 0.01,
    "wait_max": 0.02,
    "wait_jitter": 0,
    "retry_after_max": 0.3,
    "connect_timeout": 2,
    "read_timeout": 2,
    "min_interval": 0,
}


def body(value):
    return f"{HEADER}202301,88062110,Drones,344,Russia,1,Piece,{value}\n".encode()


@pytest.fixture
def fake(httpserver):
    publisher = FakeFiles(httpserver)
    publisher.bodies |= {"/a.csv": body(1), "/b.csv": body(2)}
    return publisher


@pytest.fixture
def slow_fake():
    """A server of its own: a request that its client gave up would otherwise be answered in the next test."""
    with HTTPServer(threaded=True) as server:
        yield FakeFiles(server)


@pytest.fixture
def settings(tmp_path):
    made = Settings(data=tmp_path / "data")
    made.prepare()
    return made


@pytest.fixture
def ledger(settings):
    return Ledger(settings.ledger_path)


@pytest.fixture
def files(fake):
    return [a_file(fake, "a.csv"), a_file(fake, "b.csv")]


@pytest.fixture
def pull(settings, ledger):
    def run(files, progress=None, again=False, **policy):
        base = files[0].url.rpartition("/")[0]
        asked = publishers.Publisher("gacc", "The Customs", base, http.Policy(**POLICY | policy), 20)
        return remote.fetch(asked, "a, b", files, settings, ledger, progress, again=again)

    return run


def a_file(fake, name, version="", **more):
    given = {"direction": "export"}
    return RemoteFile(name, f"{fake.base}/{name}", name, version, given, **more)


def stored(settings):
    return sorted(path for path in (settings.inbox / "gacc").glob("*") if path.suffix != ".yml")


def counts(report):
    return (report.stored, report.unchanged, report.already, report.requests)


def test_files_wait_in_the_inbox_as_sent_with_their_manifests(fake, files, pull, settings, ledger):
    fake.headers["/a.csv"] = {"Last-Modified": "Wed, 01 Feb 2023 10:00:00 GMT"}
    steps = []
    dated = a_file(fake, "a.csv", dated_by_header=True)
    assert counts(pull([dated, files[1]], steps.append)) == (2, 0, 0, 2)

    assert [path.name for path in stored(settings)] == ["a.csv", "b.csv"]
    assert [path.read_bytes() for path in stored(settings)] == [body(1), body(2)]
    known = [manifest.read(path) for path in stored(settings)]
    assert [(each.source, each.grade, each.note) for each in known] == [("gacc", "official", "pulled")] * 2
    assert [each.url for each in known] == [files[0].url, files[1].url]
    assert [each.published for each in known] == [date(2023, 2, 1), None]
    assert [(s.source, s.done, s.total, s.message) for s in steps] == [
        ("gacc", 1, 2, "a.csv: stored"),
        ("gacc", 2, 2, "b.csv: stored"),
    ]
    assert list(settings.build.glob("pull-*")) == []
    assert {r.headers["Accept-Encoding"] for r in fake.requests} == {"identity"}
    journal = ledger.rows("select state, attempts, file_name from pull_parts order by file_name")
    assert journal == [{"state": "stored", "attempts": 1, "file_name": f"{n}.csv"} for n in "ab"]


def test_a_version_that_we_have_is_not_asked_for_again(fake, pull, settings, ledger):
    one, other = a_file(fake, "a.csv", "2023-02-01"), a_file(fake, "b.csv", "2023-02-01")
    pull([one, other])
    assert counts(pull([one, other])) == (0, 0, 2, 0)
    _yesterday(ledger)
    assert counts(pull([one, other])) == (0, 2, 0, 0)
    collect.collect(settings, ledger)
    _yesterday(ledger)
    assert counts(pull([one, other])) == (0, 2, 0, 0)

    fake.bodies["/a.csv"] = body(9)
    revised = a_file(fake, "a.csv", "2023-03-01")
    assert counts(pull([revised, other])) == (1, 0, 1, 1)
    assert [path.read_bytes() for path in stored(settings)] == [body(9)]
    assert counts(pull([revised, other], again=True)) == (0, 2, 0, 2)


def test_a_new_version_with_the_same_bytes_is_unchanged_and_remembered(fake, pull, ledger):
    pull([a_file(fake, "a.csv", "1")])
    assert counts(pull([a_file(fake, "a.csv", "2")])) == (0, 1, 0, 1)
    _yesterday(ledger)
    assert counts(pull([a_file(fake, "a.csv", "2")])) == (0, 1, 0, 0)


@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
def test_without_a_listed_version_the_publisher_is_asked_whether_it_changed(
    fake, files, pull, settings, ledger, header
):
    values = {
        "ETag": ['"v1"', '"v2"'],
        "Last-Modified": ["Wed, 01 Feb 2023 10:00:00 GMT", "Wed, 01 Mar 2023 10:00:00 GMT"],
    }[header]
    fake.headers["/a.csv"] = {header: values[0]}
    pull(files[:1])
    _yesterday(ledger)
    assert counts(pull(files[:1])) == (0, 1, 0, 1)
    asked = fake.requests[-1].headers
    assert asked["If-None-Match" if header == "ETag" else "If-Modified-Since"] == values[0]

    fake.headers["/a.csv"], fake.bodies["/a.csv"] = {header: values[1]}, body(5)
    _yesterday(ledger)
    assert counts(pull(files[:1])) == (1, 0, 0, 1)
    assert sorted(path.read_bytes() for path in stored(settings)) == [body(1), body(5)]
    pull(files[:1], again=True)
    assert "If-None-Match" not in fake.requests[-1].headers
    assert "If-Modified-Since" not in fake.requests[-1].headers


def test_a_file_that_is_lost_is_fetched_again_in_full(fake, pull, settings):
    file = a_file(fake, "a.csv", "1")
    fake.headers["/a.csv"] = {"ETag": '"v1"'}
    pull([file])
    stored(settings)[0].unlink()
    assert counts(pull([file])) == (1, 0, 0, 1)
    assert stored(settings)[0].read_bytes() == body(1)


def test_an_interrupted_pull_goes_on_with_the_missing_files(fake, files, pull):
    def interrupt(step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(files, interrupt)
    assert counts(pull(files)) == (1, 0, 1, 1)
    assert fake.asked == ["/a.csv", "/b.csv"]


@pytest.mark.parametrize(
    "header",
    ["0", format_datetime(datetime.now(UTC) + timedelta(hours=1)), None],
    ids=["zero", "date", "none"],
)
def test_429_is_waited_out(fake, files, pull, header):
    fake.faults.append(Response(b"slow down", status=429, headers={"Retry-After": header} if header else {}))
    started = time.monotonic()
    assert counts(pull(files)) == (2, 0, 0, 3)
    if header not in ("0", None):
        assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize("fault", [lambda: Response(b"oops", status=500), cut_file], ids=["500", "cut"])
def test_passing_failures_do_not_show(fake, files, pull, settings, fault):
    fake.faults.extend([fault(), fault()])
    assert counts(pull(files)) == (2, 0, 0, 4)
    assert [path.read_bytes() for path in stored(settings)] == [body(1), body(2)]


@pytest.mark.parametrize("fault", [lambda: Response(b"oops", status=500), cut_file], ids=["500", "cut"])
def test_failures_for_ever_are_given_up_and_leave_nothing(fake, files, pull, settings, ledger, fault):
    fake.faults.extend(fault() for _ in range(9))
    with pytest.raises(PublisherUnreachable, match=r"^The Customs could not be reached: .*after 3 attempts"):
        pull(files)
    assert len(fake.requests) == 3
    assert not (settings.inbox / "gacc").exists()
    assert list(settings.build.glob("pull-*")) == []
    assert ledger.rows("select state, attempts from pull_parts") == [{"state": "failed", "attempts": 3}]
    assert ledger.rows("select outcome from pull_runs") == [{"outcome": "failed"}]

    fake.faults.clear()
    assert counts(pull(files)) == (2, 0, 0, 2)


def test_a_slow_publisher_is_a_timeout(slow_fake, pull):
    def drip():
        for _ in range(40):
            time.sleep(0.02)
            yield b" "

    slow_fake.faults.extend(Response(drip()) for _ in range(2))
    with pytest.raises(PublisherUnreachable, match=r"took more than 0\.1 s"):
        pull([a_file(slow_fake, "a.csv")], body_timeout=0.1, attempts=2)


def test_a_refused_connection_names_the_publisher(pull):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/a.csv"
        with pytest.raises(PublisherUnreachable, match=r"^The Customs could not be reached: .*refused"):
            pull([RemoteFile("a", url, "a.csv")])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Response(b"\xef\xbb\xbf <!DOCTYPE HTML><title>Maintenance</title>"), "a web page.*Maintenance"),
        (Response(b"no table"), r"a\.csv"),
        (Response(b""), "a.csv: the file is empty"),
        (Response(b"<h1>Gone fishing</h1>", status=404), "HTTP 404: Gone fishing"),
        (Response(b"x" * 5000), "more than 1,000 bytes"),
        (Response(iter([b"x" * 600, b"x" * 600])), "sent more than 1,000 bytes"),
    ],
    ids=["page", "other", "empty", "404", "announced too long", "too long"],
)
def test_a_wrong_answer_fails_its_file_only(fake, files, pull, settings, answer, said):
    fake.faults.append(answer)
    with pytest.raises(PullError, match=f"(?s)^The Customs: a.csv: .*{said}") as caught:
        pull(files, max_bytes=1000)
    assert not isinstance(caught.value, PublisherUnreachable)
    assert [path.name for path in stored(settings)] == ["b.csv"]
    assert counts(pull(files)) == (1, 0, 1, 1)


def test_a_publisher_that_keeps_us_out_is_not_asked_for_every_file(fake, files, pull):
    fake.faults.append(Response(b"Forbidden", status=403))
    with pytest.raises(PullError, match="The Customs refused: HTTP 403: Forbidden"):
        pull(files)
    assert len(fake.requests) == 1


def test_a_month_that_may_be_missing_is_no_failure(fake, files, pull):
    report = pull([a_file(fake, "next.csv", may_be_missing=True), files[0]])
    assert (report.stored, report.empty) == (1, 1)


@pytest.mark.parametrize("name", ["../a.csv", "a/b.csv", "..", ".hidden", "a.yml", "a\nb.csv", ""])
def test_a_name_from_a_listing_that_is_no_plain_name_is_not_taken(fake, pull, settings, name):
    with pytest.raises(PullError, match="is not a file name"):
        pull([RemoteFile("a", f"{fake.base}/a.csv", name)])
    assert fake.requests == []
    assert not (settings.inbox / "gacc").exists()


def test_a_compressed_file_is_not_unpacked_on_the_way(fake, pull, settings):
    fake.bodies["/a.csv.gz"] = gzip.compress(body(3))
    fake.headers["/a.csv.gz"] = {"Content-Encoding": "gzip"}
    file = a_file(fake, "a.csv.gz", "1")
    pull([file])
    # `place` unpacks archives, and names the member by taking the `.gz` away
    assert [(path.name, path.read_bytes()) for path in stored(settings)] == [("a.csv", body(3))]
    assert counts(pull([file])) == (0, 0, 1, 0)


def test_a_secret_is_in_no_message(fake, settings, ledger):
    asked = publishers.Publisher(
        "gacc", "The Customs", fake.base, http.Policy(**POLICY), secret_headers={"X-Key": "s3cr3t"}
    )
    fake.faults.append(Response(b"wrong key s3cr3t", status=403))
    with pytest.raises(PullError, match="wrong key") as caught:
        remote.fetch(asked, "q", [a_file(fake, "a.csv")], settings, ledger)
    assert fake.requests[0].headers["X-Key"] == "s3cr3t"
    assert "s3cr3t" not in str(caught.value)
    assert "s3cr3t" not in str(ledger.rows("select * from pull_parts"))
    assert "s3cr3t" not in repr(asked)


def test_a_listing_is_read_with_the_same_patience(fake):
    asked = publishers.Publisher("gacc", "The Customs", fake.base, http.Policy(**POLICY))
    fake.bodies["/list"] = b"a.csv 2023-02-01"
    fake.faults.append(Response(b"oops", status=503))
    assert remote.listing(asked, f"{fake.base}/list", {"dir": "X Y"}) == b"a.csv 2023-02-01"
    assert fake.requests[-1].args["dir"] == "X Y"
    with pytest.raises(PullError, match="The Customs refused: HTTP 404: Not here"):
        remote.listing(asked, f"{fake.base}/none")


@pytest.mark.parametrize(
    ("base", "rule"), [("ftp://x", "http"), ("https://u:p@x", "no user"), ("x.eu", "http")]
)
def test_an_address_that_is_not_safe_is_refused(monkeypatch, base, rule):
    monkeypatch.setenv("COMTRADE_BASE_URL", base)
    with pytest.raises(PullError, match=f"COMTRADE_BASE_URL.*{rule}"):
        publishers.publisher("comtrade")


def _yesterday(ledger):
    """Make the last pull one of yesterday, so that it is done and a new one starts."""
    before = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="milliseconds")
    with ledger.connect() as db:
        db.execute("update pull_runs set ended_at = ?, started_at = ?", (before, before))
