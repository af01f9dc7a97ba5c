"""Reading in blocks gives what reading record by record gives, whatever stands in the file.

Belongs here: `sources.bulk`. Does not belong here: what a record is (test_reading_delimited, test_landing).
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.sources import bulk
from orchestration.sources.contract import BATCH_ROWS, Facts, Refused, Rows, to_batches
from orchestration.sources.tabular import Layout, delimited, inverted

COLUMNS = ["a", "b", "c"]
LAYOUT = Layout(names=inverted({"a": ["A"], "b": ["B"], "c": ["C"]}), required=frozenset({"a", "b"}))
ODD = ["1,2", "1,2,3", '"1\n2",3', '"1,2', "", "A,B", "1,é", "\0,1", "1\r2,3", " ", "1,2,", '1,x"y']


def outcome(chunks):
    rows, bad, facts = [], [], []
    for chunk in chunks:
        if isinstance(chunk, Facts):
            facts.append(chunk)
        else:
            (rows if isinstance(chunk, Rows) else bad).extend(chunk.batch.to_pylist())
    return sorted(rows, key=str), sorted(bad, key=str), facts


def same(path):
    fast, careful = bulk.batches(path, LAYOUT, COLUMNS), to_batches(delimited(path, LAYOUT), COLUMNS)
    made = outcome(fast)
    assert made == outcome(careful)
    return made


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(ODD), max_size=12),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.sampled_from([4, 16, 64]),
    st.booleans(),
)
def test_blocks_read_as_records_do(tmp_path_factory, lines, end, mark, size, is_ended):
    path = tmp_path_factory.mktemp("bulk") / "x.csv"
    path.write_bytes(mark + (end.join(["A,B", *lines]) + (end if is_ended else "")).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "BLOCK_BYTES", size)
        same(path)


def test_undecodable_bytes_and_other_encodings_are_read_carefully(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"A,B\n1,2\n\xff,3\n4,5\n")
    rows, bad, _ = same(path)
    assert ([row["a"] for row in rows], [row["reason"] for row in bad]) == (["1", "4"], ["undecodable bytes"])


def test_a_line_that_is_too_long_costs_one_record(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"A,B\n1,2\n" + b"x" * 1_500_000 + b",3\n4,5\n")
    rows, bad, facts = same(path)
    assert [row["_row_number"] for row in rows] == [2, 4]
    assert (len(bad), facts[0].rows_in) == (1, 3)


def test_batches_hold_at_most_fifty_thousand_rows_and_no_block_makes_one_of_its_own(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("A,C,B\n" + "".join(f"{n},,x\n" for n in range(120_001)))
    sizes = [c.batch.num_rows for c in bulk.batches(path, LAYOUT, COLUMNS) if isinstance(c, Rows)]
    assert sizes == [BATCH_ROWS, BATCH_ROWS, 20_001]
    chunks = list(bulk.batches(path, LAYOUT, COLUMNS))
    numbers = [n for chunk in chunks[:-1] for n in chunk.batch["_row_number"].to_pylist()]
    assert numbers == list(range(2, 120_003))
    first = chunks[0].batch.slice(0, 1).to_pylist()[0]
    assert first == {"a": "0", "b": "x", "c": "", "_unknown_columns": None, "_row_number": 2}
    assert chunks[-1] == Facts("header, utf-8", "A, C, B", 120_001)


def test_a_header_that_is_another_is_refused(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("X,Y\n1,2\n")
    with pytest.raises(Refused, match="names no column for a, b"):
        list(bulk.batches(path, LAYOUT, COLUMNS))
