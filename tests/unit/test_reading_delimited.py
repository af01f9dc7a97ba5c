"""Records end where they end, malformed ones are set aside, and nothing else is lost with them."""

import csv
import io
import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.reading.delimited import (
    AFTER_QUOTE,
    NOT_CLOSED,
    NUL_BYTE,
    UNDECODABLE,
    BadRecord,
    Record,
    fit,
    read_records,
    sniff_delimiter,
    strip_trailing_empty,
)

CELLS = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]) | st.sampled_from('",;\r\n 1я'),
    max_size=8,
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=8)


def parse(text: str, **options) -> list[Record | BadRecord]:
    return list(read_records(io.StringIO(text, newline=""), **options))


def fields(text: str, **options) -> list[tuple[str, ...] | str]:
    return [r.fields if isinstance(r, Record) else r.reason for r in parse(text, **options)]


def independent_records(text: str) -> list[str]:
    """Cut well-formed text into records by a regular expression, without the csv module."""
    pieces = re.findall(r'((?:"(?:[^"]|"")*"|[^"\r\n])*)(?:\r\n|\r|\n|$)', text)
    return [piece for piece in pieces if piece]


@given(ROWS, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\r\n", "\n", "\r"]))
def test_what_csv_writes_is_read_back_and_counted_as_an_independent_reader_does(rows, delimiter, line_end):
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows(rows)
    text = written.getvalue()
    records = parse(text, delimiter=delimiter)
    assert [list(r.fields) for r in records] == rows
    assert [r.raw for r in records] == independent_records(text)
    assert [r.number for r in records] == list(range(1, len(rows) + 1))


@given(ROWS)
def test_minimally_quoted_text_reads_as_csv_reads_it(rows):
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    expected = [tuple(r) for r in csv.reader(io.StringIO(written.getvalue(), newline="")) if r]
    assert fields(written.getvalue()) == expected


@given(st.text(st.sampled_from('a,"\r\n\0\udcff'), max_size=40), st.integers(2, 12))
def test_raw_texts_and_line_ends_are_the_whole_input_except_for_the_ends_of_overlong_lines(text, limit):
    records = parse(text, max_record_chars=limit)
    position = 0
    for record in records:
        raw = record.raw.replace("\\udcff", "\udcff")
        while text[position] in "\r\n":
            position += 1
        assert text.startswith(raw, position)
        position += len(raw)
        if isinstance(record, BadRecord) and record.reason.startswith("record longer"):
            while position < len(text) and text[position] not in "\r\n":
                position += 1
    assert not text[position:].strip("\r\n")
    assert [r.number for r in records] == list(range(1, len(records) + 1))


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_quoted_field_spans_lines_and_raw_is_exact(end):
    text = f'a,"x{end}""y""",b{end}{end}c,d,e'
    assert parse(text) == [
        Record(1, ("a", f'x{end}"y"', "b"), f'a,"x{end}""y""",b'),
        Record(2, ("c", "d", "e"), "c,d,e"),
    ]


def test_empty_lines_are_no_records_but_lines_of_empty_fields_are():
    assert fields('a\n\n\r\n""\n,\n \n') == [("a",), ("",), ("", ""), (" ",)]


def test_quotes_inside_an_unquoted_field_are_characters():
    assert fields('5" pipe,x\na"b,"c\nd",e\n') == [('5" pipe', "x"), ('a"b', "c\nd", "e")]


def test_without_a_quote_character_quotes_are_characters():
    assert fields('"a\tb\nc"\td\n', delimiter="\t", quote="") == [('"a', "b"), ('c"', "d")]


def test_a_quote_never_closed_costs_one_line():
    text = 'h1,h2\n1,"open\n2,x\n3,y\n'
    assert parse(text) == [
        Record(1, ("h1", "h2"), "h1,h2"),
        BadRecord(2, '1,"open', NOT_CLOSED),
        Record(3, ("2", "x"), "2,x"),
        Record(4, ("3", "y"), "3,y"),
    ]


def test_a_quote_never_closed_costs_one_line_when_a_later_record_is_quoted():
    text = '1,"open\n2,x\n3,"y"\n'
    assert fields(text) == [NOT_CLOSED, ("2", "x"), ("3", "y")]


def test_a_quote_not_closed_within_the_limit_costs_one_line():
    text = '1,"open\n' + "2,x\n" * 10 + '3,"\n'
    assert fields(text, max_record_chars=20) == [NOT_CLOSED, *[("2", "x")] * 10, NOT_CLOSED]


def test_a_known_width_unmasks_an_unclosed_quote_that_met_a_later_one():
    text = '1,a,"open\n2,x,b\n3,pipe 5",c\n4,"two\nlines",d\n'
    assert len(parse(text)) == 2
    assert fields(text, width=3) == [
        NOT_CLOSED,
        ("2", "x", "b"),
        ("3", 'pipe 5"', "c"),
        ("4", "two\nlines", "d"),
    ]


def test_text_after_a_closing_quote_is_set_aside():
    assert parse('"a"b,c\nd,e\n') == [BadRecord(1, '"a"b,c', AFTER_QUOTE), Record(2, ("d", "e"), "d,e")]


def test_nul_is_set_aside_and_named_even_where_the_quoting_is_broken_too():
    assert fields('a\0,b\n"a"\0b\nc,d\n') == [NUL_BYTE, NUL_BYTE, ("c", "d")]


def test_undecodable_bytes_are_set_aside_printably():
    assert parse("да,\udcff\nя,b\n") == [
        BadRecord(1, "да,\\udcff", UNDECODABLE),
        Record(2, ("я", "b"), "я,b"),
    ]


def test_a_lone_line_end_character_in_a_stream_that_does_not_split_on_it_is_set_aside():
    records = list(read_records(io.StringIO("a\rb\nc\n", newline="\n")))
    assert "new-line character" in records[0].reason
    assert records[1].fields == ("c",)


@pytest.mark.parametrize("length", [11, 12, 22, 23, 100])
def test_a_line_too_long_is_cut_dropped_and_does_not_hide_the_next(length):
    text = "x" * length + "\r\nnext\n"
    assert parse(text, max_record_chars=10) == [
        BadRecord(1, "x" * 11, "record longer than 10 characters"),
        Record(2, ("next",), "next"),
    ]


def test_a_line_too_long_inside_a_quoted_field_is_handled_after_the_cut():
    text = '"a\n' + "x" * 30 + "\nb\n"
    assert fields(text, max_record_chars=10) == [NOT_CLOSED, "record longer than 10 characters", ("b",)]


def test_fields_beyond_the_csv_modules_own_limit_are_read():
    assert len(fields("x" * 500_000 + ",y\n")[0][0]) == 500_000


def test_memory_is_bounded_by_the_record_and_not_by_the_file():
    class Endless(io.StringIO):
        left = 3000

        def readline(self, size: int = -1) -> str:
            self.left -= 1
            return ('1,"' + "x" * 1000 if self.left % 7 else "y") + "\n" if self.left > 0 else ""

    tracemalloc.start()
    count = sum(1 for _ in read_records(Endless(), max_record_chars=10_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 2000
    assert peak < 300_000


@pytest.mark.parametrize(
    ("cells", "width", "expected"),
    [
        (("a", "b"), 2, ("a", "b")),
        (("a", "b", ""), 2, ("a", "b")),
        (("a", "", "", ""), 2, ("a", "")),
        (("a", "b", "c"), 2, None),
        (("a", "b", "", "c"), 2, None),
        (("a",), 2, None),
    ],
)
def test_fit_cuts_empty_extras_only(cells, width, expected):
    assert fit(cells, width) == expected


def test_trailing_delimiters_on_header_rows_or_both_come_to_one_width():
    for header, row in [("h1,h2", "1,2,"), ("h1,h2,", "1,2,"), ("h1,h2,", "1,2"), ("h1,h2", "1,2")]:
        width = len(strip_trailing_empty(header.split(",")))
        assert fit(row.split(","), width) == ("1", "2")
    assert strip_trailing_empty(["a", "", "b", "", ""]) == ("a", "", "b")
    assert strip_trailing_empty(["", ""]) == ()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a,b,c", ","),
        ("NAPR\tPERIOD\tSTRANA", "\t"),
        ("a;b|c;d", ";"),
        ("a|b|c", "|"),
        ("Weight, kg;Value, USD\n", ";"),
        ("a, b, c", ","),
        ('"NAPR,C,2";"PERIOD,C,4"', ";"),
        ('a;b;"two', ";"),
        ("one column", ","),
        ("", ","),
    ],
)
def test_delimiter_is_the_one_that_splits_most(line, expected):
    assert sniff_delimiter(line) == expected


def test_real_damaged_header_keeps_its_dbf_style_names(real_data):
    with (real_data / "fts_open/fts_adygea_damaged.csv").open(encoding="utf-8", newline="") as stream:
        header, *rest = read_records(stream)
    assert isinstance(header, Record)
    assert header.fields[0] == "NAPR,C,2"
    assert len(rest) == 4891


def test_real_comtrade_file_has_48_fields_under_47_names(real_data):
    with (real_data / "comtrade/TradeData_THA_8542.csv").open(encoding="latin-1", newline="") as stream:
        header, *rest = read_records(stream)
    width = len(strip_trailing_empty(header.fields))
    assert (width, len(rest)) == (47, 1178)
    assert {len(record.fields) for record in rest} == {48}
    assert all(fit(record.fields, width) for record in rest)
