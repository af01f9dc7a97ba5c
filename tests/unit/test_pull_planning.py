"""Planning a pull without any network: what may be asked, how it is cut, which code a country has."""

import csv
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from itertools import product

import pytest

from orchestration.http_text import redact, retry_after, words
from orchestration.sources import load_source
from orchestration.sources.comtrade import countries
from orchestration.sources.comtrade.pull import (
    Query,
    QueryError,
    comtrade_code,
    default_queries,
    parse_query,
    parts,
    split,
)
from orchestration.sources.comtrade.service import service

GOOD = {
    "reporter": "cn",
    "partner": "UA, RU",
    "flow": "x",
    "hs": "8806,8525",
    "first": "2022-01",
    "last": "2023-12",
}


def cells(query: Query) -> list[tuple[str, ...]]:
    return list(product(query.reporters, query.partners, query.hs, query.periods))


def test_order_and_case_do_not_make_another_query():
    asked = parse_query(**GOOD)
    same = parse_query(**GOOD | {"partner": ["RU", "UA", "RU"], "hs": "8525,8806", "flow": "X"})
    assert asked == same
    assert asked.digest == same.digest
    assert (asked.periods[0], asked.periods[-1], len(asked.periods)) == ("202201", "202312", 24)


def test_annual_takes_the_years_of_the_months():
    assert parse_query(**GOOD, frequency="annual").periods == ("2022", "2023")


@pytest.mark.parametrize(
    ("change", "option", "rule"),
    [
        ({"reporter": "QQ"}, "--reporter", "no code there"),
        ({"reporter": "world"}, "--reporter", "two-letter"),
        ({"partner": "Russia"}, "--partner", "two-letter"),
        ({"partner": " , "}, "--partner", "is empty"),
        ({"flow": "E"}, "--flow", "not one of M, X, RX, RM"),
        ({"hs": "71120"}, "--hs", "leading zero"),
        ({"hs": "88062200"}, "--hs", "2, 4 or 6 digits"),
        ({"hs": "٨٨٠٦"}, "--hs", "2, 4 or 6 digits"),
        ({"hs": "AG6,880622"}, "--hs", "AG6 already holds 880622"),
        ({"first": "2022-13"}, "--from", "not a month"),
        ({"last": "2022-01..2022-03"}, "--to", "is a span"),
        ({"first": "2024-01"}, "--to", "before --from"),
        ({"frequency": "weekly"}, "--frequency", "monthly or annual"),
    ],
)
def test_a_query_that_cannot_be_asked_names_the_option(change, option, rule):
    with pytest.raises(QueryError, match=rule) as caught:
        parse_query(**GOOD | change)
    assert caught.value.option == option
    assert str(caught.value).startswith(option)


@pytest.mark.parametrize("hs", ["TOTAL", "AG2", "AG6", "88", "8806", "010121"])
def test_codes_and_groups_are_accepted_as_text(hs):
    assert parse_query(**GOOD | {"hs": hs}).hs == (hs,)


def test_parts_ask_for_everything_once_and_keep_to_the_limits():
    query = parse_query(**GOOD | {"first": "2021-11", "last": "2023-02", "hs": "8525,8526,8541,8542,8806"})
    cut = parts(query, periods_per_call=5, codes_per_call=2)
    assert Counter(cell for part in cut for cell in cells(part)) == Counter(cells(query))
    assert all(len(part.periods) <= 5 and len(part.hs) <= 2 for part in cut)
    assert all(len({period[:4] for period in part.periods}) == 1 for part in cut)


def test_the_parts_of_a_finished_year_stay_the_same_as_the_window_moves():
    earlier, later = (
        {p.key for p in parts(parse_query(**GOOD | {"first": f, "last": t}))}
        for f, t in (("2022-05", "2024-04"), ("2022-06", "2024-05"))
    )
    assert len(earlier & later) == 1


def test_splitting_goes_by_period_then_code_then_partner_and_loses_nothing():
    def leaves(part):
        halves = split(part)
        return [leaf for half in halves for leaf in leaves(half)] if halves else [part]

    query = parse_query(**GOOD | {"last": "2022-03", "reporter": "CN,HK"})
    first_half, _ = split(query)
    assert (first_half.periods, first_half.hs) == (("202201", "202202"), query.hs)
    one_period = split(split(query)[1])
    assert [part.hs for part in one_period] == [("8525",), ("8806",)]
    assert [part.partners for part in split(one_period[0])] == [("RU",), ("UA",)]
    assert [cell for leaf in leaves(query) for cell in cells(leaf)] != []
    assert Counter(cell for leaf in leaves(query) for cell in cells(leaf)) == Counter(cells(query))
    assert all(len(cells(leaf)) == 1 for leaf in leaves(query))


@pytest.mark.parametrize(
    ("iso2", "code"),
    [
        *[("CN", "156"), ("RU", "643"), ("UA", "804"), ("US", "842"), ("CH", "757"), ("IN", "699")],
        *[("FR", "251"), ("NO", "579"), ("IT", "380"), ("TW", "490"), ("AQ", "10"), ("world", "0")],
    ],
)
def test_a_country_has_the_code_in_use_today(iso2, code):
    assert comtrade_code(iso2) == code


def test_every_country_of_the_table_has_one_code():
    with countries.COUNTRY_CODES.open(encoding="utf-8", newline="") as stream:
        known = {row["iso2"] for row in csv.DictReader(stream)}
    assert len(known) > 200
    assert all(comtrade_code(iso2).isdigit() for iso2 in known)


def test_several_codes_without_a_preferred_one_are_an_error(tmp_path):
    table = tmp_path / "codes.csv"
    table.write_text("code,iso2,label,note\n1,DE,A,\n2,DE,B,\n", encoding="utf-8")
    with pytest.raises(LookupError, match="2 codes there and none of them is preferred"):
        comtrade_code("DE", table)


def test_the_daily_queries_cover_the_months_before_this_one(monkeypatch):
    monkeypatch.delenv("COMTRADE_API_KEY", raising=False)
    monkeypatch.delenv("COMTRADE_BASE_URL", raising=False)
    spec = load_source("comtrade").pull
    (query, *_) = default_queries(date(2025, 1, 15), spec)
    assert (query.periods[0], query.periods[-1], len(query.periods)) == ("202301", "202412", 24)
    assert query.reporters == ("CN",)
    assert set(query.partners) == {"RU", "UA", "KZ", "KG", "AM", "TR", "AE"}
    asked = service(spec)
    assert (asked.cap, asked.policy.connect_timeout) == (500, 5)
    assert asked.url(query) == "https://comtradeapi.un.org/public/v1/preview/C/M/HS"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0", 0.0), ("99999", 120.0), ("soon", None), ("-3", None), ("1.5", None), (None, None)],
)
def test_retry_after_in_seconds(header, seconds):
    assert retry_after(header, 120) == seconds


def test_retry_after_as_a_date():
    moment = datetime.now(UTC)
    assert 50 < retry_after(format_datetime(moment + timedelta(seconds=60)), 120) <= 60
    assert retry_after(format_datetime(moment + timedelta(days=2)), 120) == 120
    assert retry_after(format_datetime(moment - timedelta(days=2)), 120) == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": "Resultset count too large"}', "Resultset count too large"),
        (b'{"error": {"message": "Bad code"}}', "Bad code"),
        (b'{"statusCode": 429, "message": "Try again"}', "Try again"),
        (b"<html><style>p {}</style><p>Down for\n work</p></html>", "Down for work"),
        (b"\x1b[31mred\xff", "[31mred\N{REPLACEMENT CHARACTER}"),
        (b"", "(no words)"),
        (b"[" * 50_000, "[" * 200),
    ],
)
def test_the_publishers_words(body, said):
    assert words(body) == said


def test_a_secret_at_the_cut_leaves_no_half_behind():
    body = b"x" * 190 + b"0123456789abcdef"
    assert "0123" not in words(body, ["0123456789abcdef"])
    assert redact("key=abc", ["abc"]) == "key=[redacted]"
