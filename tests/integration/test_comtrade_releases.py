"""The publisher's list of releases: what it spares us asking for, and what is done where it says nothing."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from fake_comtrade import KEY, PULL, RELEASES_CAP, FakeComtrade, made_up_release, made_up_rows
from werkzeug import Response

from orchestration import manifest
from orchestration.ledger import Ledger
from orchestration.settings import Settings
from orchestration.sources.comtrade import pull as comtrade

QUERY = comtrade.parse_query(
    reporter="CN", partner="RU", flow="X", hs="8806", first="2022-11", last="2023-02"
)
NOV, DEC, JAN, FEB = (made_up_release("156", period) for period in QUERY.periods)
ALL = [NOV, DEC, JAN, FEB]


@pytest.fixture
def fake(httpserver, monkeypatch):
    monkeypatch.delenv("COMTRADE_API_KEY", raising=False)
    publisher = FakeComtrade(httpserver)
    publisher.releases = ALL
    monkeypatch.setenv("COMTRADE_BASE_URL", publisher.base)
    return publisher


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path / "data")


@pytest.fixture
def ledger(settings):
    return Ledger(settings.ledger_path)


@pytest.fixture
def next_day(settings, ledger):
    """Pull; what was pulled before counts as of a day ago, so that everything is due again."""

    def run(query=QUERY, **options):
        before = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="milliseconds")
        steps = []
        with ledger.connect() as db:
            if db.execute("select 1 from sqlite_master where name = 'pull_runs'").fetchone():
                db.execute("update pull_runs set started_at = ?, ended_at = ?", (before, before))
                db.execute("update pull_parts set fetched_at = ?", (before,))
        report = comtrade.pull(query, settings, ledger, steps.append, pull_spec=PULL, **options)
        return report, [step.message for step in steps]

    return run


def published(settings):
    """Each stored answer's periods and the release date in its sidecar, in the order of storing."""
    paths = sorted((settings.inbox / "comtrade").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    found = []
    for path in paths:
        periods = sorted({row["period"] for row in json.loads(path.read_bytes())["data"]})
        found.append((periods, manifest.read(path).published))
    return found


def test_nothing_is_asked_for_where_nothing_was_released_since(fake, next_day, ledger):
    next_day()
    report, said = next_day()

    assert len(fake.requests) == 2
    assert (report.stored, report.unchanged, report.requests, report.rows) == (0, 2, 1, 4)
    assert [message.partition(": ")[2] for message in said] == ["nothing released since, not asked"] * 2
    journal = ledger.rows("select state, attempts, rows from pull_parts order by pull_id, part_key")
    assert [tuple(part.values()) for part in journal] == [("stored", 1, 2)] * 2 + [("unchanged", 0, 2)] * 2
    next_day()
    assert len(fake.requests) == 2


def test_the_list_is_asked_for_once_with_no_key(fake, next_day, monkeypatch):
    monkeypatch.setenv("COMTRADE_API_KEY", KEY)
    two = comtrade.parse_query(
        reporter="US,CN", partner="RU", flow="X", hs="8806", first="2000", last="2023", frequency="annual"
    )
    next_day(two)
    assert len(fake.requests) > 1
    (request,) = fake.asked_releases
    assert request.path == "/public/v1/getDa/C/A/HS"
    assert request.args.to_dict() == {"reporterCode": "156,842"}
    assert KEY not in str(request.headers)
    assert {"Ocp-Apim-Subscription-Key" in r.headers for r in fake.requests} == {True}


@pytest.mark.parametrize(
    "news",
    [{"last": "2023-06-01T00:00:00"}, {"last": "2023-05-04T01:13:58.8"}, {"checksum": 2}],
    ids=["day", "moment", "checksum"],
)
def test_only_the_part_with_a_new_release_is_asked_for(fake, next_day, news):
    next_day()
    fake.releases = [NOV, DEC, JAN, made_up_release("156", "202302", **news)]
    report, _ = next_day()
    assert fake.asked("period")[2:] == ["202301,202302"]
    assert (report.unchanged, report.requests) == (2, 2)


def test_a_first_release_is_asked_for(fake, next_day):
    fake.releases = [NOV, DEC]
    fake.rows = lambda request: [row for row in made_up_rows(request) if row["period"] < "202301"]
    next_day()
    next_day()
    assert fake.asked("period") == ["202211,202212", "202301,202302"]
    fake.releases, fake.rows = ALL, made_up_rows
    report, _ = next_day()
    assert fake.asked("period")[2:] == ["202301,202302"]
    assert report.stored == 1


def test_another_reporters_release_is_not_ours(fake, next_day):
    next_day()
    fake.releases = [*ALL, made_up_release("842", "202302", "2023-06-01T00:00:00")]
    next_day()
    assert len(fake.requests) == 2


def test_a_part_that_was_split_is_not_asked_for_either(fake, next_day):
    query = replace(QUERY, hs=("8525", "8542", "8806", "8807"))
    next_day(query)
    asked = len(fake.requests)
    assert {"202211,202212", "202211"} <= set(fake.asked("period"))
    report, _ = next_day(query)
    assert len(fake.requests) == asked
    assert report.unchanged > 2

    fake.releases = [NOV, DEC, JAN, made_up_release("156", "202302", checksum=2)]
    next_day(query)
    assert fake.asked("period")[asked:] == ["202301,202302", "202302"]


def test_a_lost_answer_is_asked_for_again(fake, next_day, settings):
    next_day()
    sorted((settings.inbox / "comtrade").glob("*.json"))[0].unlink()
    report, _ = next_day()
    assert (report.stored, report.unchanged, report.requests) == (1, 1, 2)


def test_again_asks_for_everything(fake, next_day):
    next_day()
    report, _ = next_day(again=True)
    assert (report.unchanged, report.requests) == (2, 3)


def test_a_release_between_list_and_answer_is_asked_for_the_next_time(fake, next_day):
    def released_meanwhile(request):
        fake.releases = [NOV, DEC, JAN, made_up_release("156", "202302", checksum=2)]
        return made_up_rows(request)

    fake.rows = released_meanwhile
    next_day()
    next_day()
    assert fake.asked("period")[2:] == ["202301,202302"]


def cut_list():
    return Response(json.dumps({"count": 5, "data": [*ALL], "error": ""}))


def full_list():
    years = range(2010, 2010 + RELEASES_CAP)
    rows = ALL + [made_up_release("156", f"{year}01") for year in years][: RELEASES_CAP - len(ALL)]
    return Response(json.dumps({"count": len(rows), "data": rows, "error": ""}))


def other_shape():
    rows = [{"period": 202211, "reporterCode": 156, "publicationDate": "2023-05-04"}]
    return Response(json.dumps({"count": 1, "data": rows, "error": ""}))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda: Response(b"no key", status=401), "HTTP 401: no key"),
        (lambda: Response(b"down", status=503), r"HTTP 503: down \(after 2 attempts\)"),
        (lambda: Response(b"<html>Maintenance</html>"), "is not JSON but says: Maintenance"),
        (lambda: Response(b'{"data": null, "error": "oops"}'), "is an error: oops"),
        (cut_list, "the list is cut at 4 rows"),
        (full_list, f"the list is cut at {RELEASES_CAP} rows"),
        (other_shape, "rows are not as they were"),
    ],
    ids=["refused", "down", "page", "error", "cut", "full", "shape"],
)
def test_where_the_list_says_nothing_all_is_asked_for_and_that_is_said(
    fake, next_day, settings, answer, reason
):
    next_day()
    fake.releases = answer
    report, said = next_day()
    assert len(fake.requests) == 4
    assert report.unchanged == 2
    assert len(said) == 3
    expected = rf"UN Comtrade does not say what was released since \(.*{reason}.*\); all is asked for"
    assert re.fullmatch(expected, said[0])

    # what was asked for without a list is of no known release, so that the next list spares nothing yet
    fake.releases = ALL
    next_day()
    next_day()
    assert len(fake.requests) == 6


def test_a_list_that_lacks_what_has_rows_spares_nothing(fake, next_day, settings):
    fake.releases = [NOV, JAN, FEB]
    next_day()
    next_day()
    assert fake.asked("period")[2:] == ["202211,202212"]
    assert published(settings)[0] == (["202211", "202212"], None)


def test_the_vintage_of_an_answer_is_its_newest_release(fake, next_day, settings):
    fake.releases = [NOV, made_up_release("156", "202212", "2023-04-30T23:59:59.4233333"), JAN, FEB]
    next_day()
    assert published(settings) == [
        (["202211", "202212"], date(2023, 5, 4)),
        (["202301", "202302"], date(2023, 5, 4)),
    ]


def test_a_revision_is_newer_than_what_it_revises(fake, next_day, settings):
    next_day()
    today = datetime.now(UTC).date()
    fake.releases = [NOV, DEC, JAN, made_up_release("156", "202302", f"{today}T00:00:01")]
    fake.rows = lambda request: [row | {"primaryValue": 7} for row in made_up_rows(request)]
    next_day()
    assert published(settings)[2:] == [(["202301", "202302"], today)]


@pytest.mark.parametrize("days", [-3, 2], ids=["before the last answer", "to come"])
def test_a_release_that_cannot_be_the_vintage_is_not_taken_for_it(fake, next_day, settings, days):
    next_day()
    day = datetime.now(UTC).date() + timedelta(days=days)
    fake.releases = [NOV, DEC, JAN, made_up_release("156", "202302", f"{day}T00:00:01")]
    fake.rows = lambda request: [row | {"primaryValue": 7} for row in made_up_rows(request)]
    next_day()
    assert published(settings)[2:] == [(["202301", "202302"], None)]


def test_of_several_releases_of_one_period_the_newest_counts(fake, next_day, settings):
    fake.releases = [*ALL, made_up_release("156", "202211", "2023-05-09T00:00:00")]
    next_day()
    assert [day for _, day in published(settings)] == [date(2023, 5, 9), date(2023, 5, 4)]
