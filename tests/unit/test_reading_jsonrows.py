"""JSON rows keep the published digits, and a broken answer says where it breaks."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.reading import ReadingError, jsonrows, jsonstream
from orchestration.reading.jsonrows import Envelope, read_envelope, read_objects


@pytest.fixture
def made(tmp_path: Path):
    def write(content: str | bytes) -> Path:
        path = tmp_path / "answer.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def rows(path: Path, key: str = "data") -> list[dict[str, str | None]]:
    return [row for _, row, _ in read_objects(path, key)]


def test_values_keep_their_published_text(made):
    path = made(
        '{"data":[ {"a": 1.10, "b": 12345678901234567890, "c": true, "d": false, "e": null, "f": "01",'
        ' "g": 1E5, "h": NaN, "я": "\\u044f\\n"} ,{}]}'
    )
    assert list(read_objects(path, "data")) == [
        (
            1,
            {
                "a": "1.10", "b": "12345678901234567890", "c": "true", "d": "false", "e": None, "f": "01",
                "g": "1E5", "h": "NaN", "я": "я\n",
            },
            '{"a": 1.10, "b": 12345678901234567890, "c": true, "d": false, "e": null, "f": "01",'
            ' "g": 1E5, "h": NaN, "я": "\\u044f\\n"}',
        ),
        (2, {}, "{}"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content", ['[{"a":1},{"a":2}]', '\ufeff {"x":{"y":[1]},"data": [{"a":1}, {"a":2}],"z":0}\n']
)
def test_bare_lists_and_envelopes_with_a_mark_read_alike(made, content):
    assert rows(made(content)) == [{"a": "1"}, {"a": "2"}]


@pytest.mark.parametrize("content", ["[]", ' {"data":[]}', '{"data":null}', '{"data":[ ],"error":"none"}'])
def test_no_rows_are_no_fault(made, content):
    assert rows(made(content)) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"elapsedTime":"0.2","count":2,"data":[{},{}],"error":""}', Envelope("", 2, 2)),
        ('{"count":0,"data":[],"error":"over quota"}', Envelope("over quota", 0, 0)),
        ('{"statusCode":404,"message":"Resource not found"}', Envelope("Resource not found", None, 0)),
        ('{"data":null,"error":null,"count":"-1"}', Envelope("", -1, 0)),
        ('[{"a":1}]', Envelope("", None, 1)),
        ("{}", Envelope("", None, 0)),
    ],
)
def test_envelope_says_what_the_answer_says_and_what_it_holds(made, content, expected):
    assert read_envelope(made(content)) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"expected \{ or|ends too early at line 1, character 1"),
        ('{"data":[{"a":1},\n{"a":}]}', r"broken JSON at line 2, character 24"),
        ('{"data":[{"a":1}\n', r"ends too early at line 2"),
        ('{"data":[{"a":1}', r"ends too early at line 1, character 17"),
        ('{"data":[{"a":1', r"broken JSON at line 1"),
        ('{"data":[{"a":1} {"a":2}]}', r"expected , or \] at line 1, character 18"),
        ('{"data":[{}],}', r"expected a name in quotes at line 1, character 14"),
        ("{data:[]}", r"expected a name in quotes"),
        ('{"data" []}', r"expected : at"),
        ('{"data":[{}]} x', r"text after the end of the JSON at line 1, character 15"),
        ("<html>", r"broken JSON, expected \{ at line 1, character 1"),
        ('{"data":[{}],"data":[]}', r"the name 'data' twice"),
        ('[{"a":1,"a":2}]', r"a name twice in one object at line 1, character 2"),
        ('{"rows":[{}]}', r"no list named 'data'"),
        ('{"data":{"a":1}}', r"its 'data' is no list"),
        ('[{"a":1},[2]]', r"row 2 is not an object but \[2\]"),
        ('[{"a":{"b":1}}]', r"row 1, a holds a list or an object"),
        ('[{"a":"\\ud800"}]', r"row 1 holds half a surrogate pair"),
        (b'{"data":[{"a":"\xff"}]}', r"not UTF-8 \(invalid start byte\)"),
        pytest.param("[" * 100_000, r"broken JSON", id="deep"),
    ],
)
def test_broken_json_is_refused_with_file_and_place(made, content, message):
    with pytest.raises(ReadingError, match=message) as caught:
        rows(made(content))
    assert "answer.json" in str(caught.value)


def test_a_count_that_is_no_number_is_refused(made):
    with pytest.raises(ReadingError, match="count is 'many'"):
        read_envelope(made('{"count":"many","data":[]}'))


def test_large_files_are_refused_before_reading(made):
    with pytest.raises(ReadingError, match="has 12 bytes, more than the 11"):
        next(read_objects(made('{"data":[ ]}'), "data", max_bytes=11))


def test_a_value_longer_than_the_bound_is_not_read_on_for_ever(made, monkeypatch):
    monkeypatch.setattr(jsonstream, "_CHUNK_CHARS", 4)
    monkeypatch.setattr(jsonstream, "MAX_VALUE_CHARS", 40)
    assert rows(made('[{"a":"' + "x" * 20 + '"}]')) == [{"a": "x" * 20}]
    with pytest.raises(ReadingError, match="broken JSON"):
        rows(made('[{"a":"' + "x" * 200 + '"}]'))


CELLS = (
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
)


@given(
    st.lists(
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=3), CELLS, max_size=3)
    ),
    st.integers(1, 30),
    st.sampled_from([None, 1]),
)
def test_any_chunk_size_reads_what_the_json_module_reads(tmp_path_factory, objects, chunk, indent):
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text(
        json.dumps({"n": 12, "data": objects, "count": len(objects)}, indent=indent), encoding="utf-8"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonstream, "_CHUNK_CHARS", chunk)
        read = list(read_objects(path, "data"))
        assert read_envelope(path) == Envelope("", len(objects), len(objects))
    assert [json.loads(raw) for _, _, raw in read] == objects
    assert [row for _, row, _ in read] == [
        {k: v if v is None or isinstance(v, str) else str(v).lower() for k, v in o.items()} for o in objects
    ]


def test_real_answer_reads_with_its_47_keys(real_data):
    path = real_data / "comtrade/mirror_sample_response_reporter.json"
    read = rows(path)
    assert len(read) == read_envelope(path).rows > 0
    assert len(read[0]) == 47
    assert read[0]["cmdCode"].startswith("1201")


def test_lists_of_cells_keep_their_published_text(made):
    path = made('[["a","b"],\n["01", 1.10],[null,true]]')
    assert list(jsonrows.read_arrays(path)) == [
        (1, ("a", "b"), '["a","b"]'),
        (2, ("01", "1.10"), '["01", 1.10]'),
        (3, (None, "true"), "[null,true]"),
    ]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ('[["a"],{"a":1}]', "row 2 is not a list"),
        ('{"data":[["a"]]}', "row 1 is not a list"),
        ('[["a"],["b"', "ends too early|broken JSON"),
        ('[["a"],[["b"]]]', "row 2, cell 1 holds a list"),
        ('[["\\ud800"]]', "half a surrogate"),
    ],
)
def test_what_is_no_list_of_cells_is_refused(made, content, rule):
    with pytest.raises(ReadingError, match=rule):
        list(jsonrows.read_arrays(made(content)))
