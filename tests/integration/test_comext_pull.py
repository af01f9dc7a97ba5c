"""Pulling Eurostat's months from a loopback publisher: what is asked, what is new, what a fault comes to.

Belongs here: the listing, the choice of months. Does not belong here: fetching files (test_remote_files).
"""

import io
from datetime import date

import py7zr
import pytest
from fake_files import FakeFiles
from werkzeug import Response

from orchestration import manifest
from orchestration.ledger import Ledger
from orchestration.pulls import PublisherUnreachable, PullError
from orchestration.settings import Settings
from orchestration.sources import load_source
from orchestration.sources.comext import pull as comext

HEADER = "REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,VALUE_EUR,QUANTITY_KG"
MONTHS = ["202311", "202312", "202401", "202402"]


def month_of(period, value):
    packed = io.BytesIO()
    with py7zr.SevenZipFile(packed, "w") as archive:
        archive.writestr(f"{HEADER}\nDE,KZ,E,88062110,2,1,NO_SU,{period},{value},1\n", f"full_{period}.dat")
    return packed.getvalue()


class FakeEurostat(FakeFiles):
    """The listing as a table; a file by the parameter `file`."""

    dates: dict[str, str]

    def answer(self, request):
        self.requests.append(request)
        if self.faults:
            return self.faults.popleft()
        if request.path == "/files/":
            return Response(self.page(), content_type="text/html")
        folder, _, name = request.args["file"].rpartition("/")
        assert folder == request_folder
        return Response(month_of(name[8:14], self.dates[name]))

    def page(self):
        cells = "<tr><td><a href='?dir={0}'>{1}</a></td><td>45.4&nbsp;MB</td><td>{2}</td></tr>"
        rows = [cells.format(f"{request_folder}%2F{name}", name, day) for name, day in self.dates.items()]
        return f"<html><table>{''.join(rows)}</table></html>"


request_folder = "comext/COMEXT_DATA/PRODUCTS"


@pytest.fixture
def fake(httpserver, monkeypatch):
    publisher = FakeEurostat(httpserver)
    publisher.dates = {f"full_v2_{month}.7z": "15/03/2024 11:00:00" for month in MONTHS}
    publisher.dates |= {
        "full_v2_202352.7z": "15/03/2024 11:00:00",
        "full_partxixu_v2_202402.7z": "15/03/2024",
    }
    monkeypatch.setenv("COMEXT_BASE_URL", publisher.base)
    return publisher


@pytest.fixture
def settings(tmp_path):
    made = Settings(data=tmp_path / "data")
    made.prepare()
    return made


@pytest.fixture
def pull(settings):
    ledger = Ledger(settings.ledger_path)
    policy = {"attempts": 2, "wait_initial": 0.01, "wait_max": 0.02, "wait_jitter": 0, "min_interval": 0}
    spec = load_source("comext").pull | {"policy": policy}

    def run(query=None, **how):
        query = query or comext.default_queries(date(2024, 4, 1), spec)[0]
        return comext.pull(query, settings, ledger, pull_spec=spec, **how)

    return run


def stored(settings):
    return sorted(path.name for path in (settings.inbox / "comext").glob("*") if path.suffix != ".yml")


def asked(fake):
    return [request.args["file"].rpartition("/")[2] for request in fake.requests if "file" in request.args]


def test_the_newest_months_wait_in_the_inbox_as_published(fake, pull, settings):
    report = pull()
    assert (report.stored, report.requests) == (3, 3)
    assert stored(settings) == ["full_v2_202312.7z", "full_v2_202401.7z", "full_v2_202402.7z"]
    known = manifest.read(settings.inbox / "comext" / "full_v2_202402.7z")
    assert (known.period, known.complete, known.published) == ("2024-02", True, date(2024, 3, 15))
    assert known.url.endswith("/files?file=comext%2FCOMEXT_DATA%2FPRODUCTS%2Ffull_v2_202402.7z")
    assert fake.requests[0].args.to_dict() == {"sort": "1", "dir": request_folder}


def test_only_a_revised_month_is_asked_for_again(fake, pull, settings):
    pull()
    report = pull()
    assert (report.stored, report.already, report.requests) == (0, 3, 0)
    fake.dates["full_v2_202401.7z"] = "15/04/2024 11:00:00"
    report = pull()
    assert (report.stored, report.already, report.requests) == (1, 2, 1)
    assert asked(fake)[3:] == ["full_v2_202401.7z"]
    assert len(stored(settings)) == 4


def test_a_span_of_months_and_never_a_whole_year(fake, pull):
    assert pull(comext.months("2023", "2023-12")).stored == 2
    assert asked(fake) == ["full_v2_202311.7z", "full_v2_202312.7z"]


def test_months_that_are_not_listed_are_said(fake, pull):
    with pytest.raises(PullError, match="none of the months 2025-01 to 2025-02; newest: 2024-02"):
        pull(comext.months("2025-01", "2025-02"))


@pytest.mark.parametrize(
    ("first", "last", "named"), [("x", "2024", "--from"), ("2024-05", "2024-01", "--to")]
)
def test_a_month_that_is_none_names_its_option(first, last, named):
    with pytest.raises(PullError, match=named):
        comext.months(first, last)


def test_a_listing_that_has_changed_is_an_error_and_not_no_news(fake, pull):
    fake.faults.append(Response("<html>We have moved</html>"))
    with pytest.raises(PullError, match="its layout has changed"):
        pull()


def test_a_page_instead_of_a_month_costs_that_month(fake, pull, settings):
    fake.faults.extend([Response(fake.page()), Response("<!doctype html><p>Busy</p>")])
    with pytest.raises(PullError, match=r"full_v2_202312\.7z: the answer is a web page.*Busy"):
        pull()
    assert stored(settings) == ["full_v2_202401.7z", "full_v2_202402.7z"]
    assert pull().stored == 1


def test_a_publisher_out_of_reach_is_named(fake, pull):
    fake.faults.extend(Response("down", status=503) for _ in range(2))
    with pytest.raises(PublisherUnreachable, match="Eurostat could not be reached: HTTP 503"):
        pull()


@pytest.mark.parametrize("day", ["2024-03-15", "15.03.2024 09:00", "15-03-2024"])
def test_dates_of_several_forms_are_read(day):
    (month,) = comext.read_listing(f"<tr><td>full_v2_202402.7z</td><td>{day}</td></tr>")
    assert (month.month, month.published, month.version) == ("2024-02", date(2024, 3, 15), day)


def test_a_listing_without_dates_asks_whether_the_file_changed():
    (month,) = comext.read_listing("<TR><td>full_v2_202402.7z</td><td>99/99/2024</td></TR>")
    assert month.published is None
    (month,) = comext.read_listing("<tr><td>full_v2_202402.7z</td></tr>")
    assert (month.published, month.version) == (None, "")
