"""The ledger: several processes at once, a kill in the middle, and what each entry means.

Belongs here: SQLite as others see it, state words, upserts. Does not belong here: who decides on an entry.
"""

import signal
import sqlite3
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from filelock import FileLock

from orchestration.ledger import Landing, Ledger
from orchestration.manifest import Manifest

SHA = "ab" * 32
OTHER = "cd" * 32
GATE = {"gate": "raw", "asset": "raw/gacc/trade_rows", "name": "has_rows", "severity": "block"}


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "data" / "ledger.sqlite")


def enter(ledger, sha=SHA, name="x.csv", **known):
    ledger.add_file(sha, "gacc", name, f"inbox/gacc/{name}", f"gacc/{sha}.csv", 12, Manifest(**known))
    return ledger.find(sha)[0]


def landing(sha=SHA, identity="one", state="landed", rows=3):
    return Landing(sha, identity, state, None, "header, utf-8", "a, b", rows, rows - 1, 1)


def run_python(code, *arguments):
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_an_entry_says_what_was_given(ledger):
    entry = enter(ledger, direction="export", period="2023-01")
    assert (entry.sha256, entry.source, entry.file_name, entry.bytes) == (SHA, "gacc", "x.csv", 12)
    assert entry.manifest == Manifest(direction="export", period="2023-01")
    assert (entry.status, entry.rows_in, entry.landing_id) == ("archived", 0, None)


def test_a_digest_is_entered_once(ledger):
    first = enter(ledger, direction="export")
    assert enter(ledger, name="again.csv", direction="import") == first
    assert len(ledger.files()) == 1


def test_files_come_in_the_order_of_arrival_and_are_found_by_their_first_digits(ledger):
    enter(ledger, OTHER)
    enter(ledger, SHA)
    assert [e.sha256 for e in ledger.files()] == [OTHER, SHA]
    assert [e.sha256 for e in ledger.find("ABAB")] == [SHA]
    assert ledger.find("abac") == []
    assert ledger.find("%") == []


def test_a_landing_counts_until_the_next_replaces_it(ledger):
    enter(ledger)
    ledger.record_landing(landing())
    assert (ledger.files()[0].status, ledger.files()[0].rows_in) == ("landed", 3)
    ledger.record_landing(landing(identity="two", state="refused", rows=1))
    entry = ledger.files()[0]
    assert (entry.status, entry.landing_id, entry.rows_in) == ("refused", "two", 1)
    assert len(ledger.rows("select * from landings")) == 1


def test_an_unknown_state_is_not_entered(ledger):
    enter(ledger)
    with pytest.raises(sqlite3.IntegrityError, match="state"):
        ledger.record_landing(landing(state="perhaps"))
    assert ledger.files()[0].status == "archived"


def test_reject_and_take_back(ledger):
    enter(ledger)
    ledger.record_landing(landing())
    ledger.reject(SHA, "wrong month")
    entry = ledger.files()[0]
    assert (entry.status, entry.rejected_why, entry.state) == ("rejected", "wrong month", "landed")
    ledger.reject(SHA, "wrong year")
    assert ledger.files()[0].rejected_why == "wrong year"
    assert ledger.unreject(SHA)
    assert ledger.files()[0].status == "landed"
    assert not ledger.unreject(SHA)


def test_amend_replaces_what_is_said_and_keeps_the_rest(ledger):
    before = enter(ledger, direction="export", note="first")
    ledger.record_landing(landing())
    ledger.amend(SHA, Manifest(direction="import"))
    entry = ledger.files()[0]
    assert entry.manifest == Manifest(direction="import")
    assert (entry.sequence, entry.first_seen, entry.source) == (before.sequence, before.first_seen, "gacc")
    ledger.amend(SHA, Manifest(source="comtrade"))
    assert ledger.files()[0].source == "comtrade"


def test_gate_results_of_a_run_are_entered_once_each(ledger):
    ledger.record_gates(
        "run", [{**GATE, "passed": 0, "value": "5 rows"}, {**GATE, "name": "other", "passed": 1}]
    )
    ledger.record_gates("run", [{**GATE, "passed": 1, "value": "0 rows"}])
    ledger.record_gates("next", [{**GATE, "passed": 0}])
    rows = ledger.rows("select run_id, name, passed, value from gate_results order by run_id, name")
    assert [tuple(row.values()) for row in rows] == [
        ("next", "has_rows", 0, None),
        ("run", "has_rows", 1, "0 rows"),
        ("run", "other", 1, None),
    ]


def test_gate_results_go_in_together_or_not_at_all(ledger):
    with pytest.raises(sqlite3.IntegrityError):
        ledger.record_gates("run", [{**GATE, "passed": 1}, {**GATE, "name": "broken", "passed": None}])
    assert ledger.rows("select * from gate_results") == []


def test_a_run_starts_once_and_ends_with_its_outcome(ledger):
    ledger.start_run("run", "cli")
    started = ledger.rows("select started_at from runs")[0]["started_at"]
    ledger.start_run("run", "schedule")
    ledger.end_run("run", "published", {"rows": 3})
    row = ledger.rows("select * from runs")[0]
    assert (row["trigger_kind"], row["started_at"], row["outcome"]) == ("cli", started, "published")
    assert row["summary"] == '{"rows": 3}'
    assert row["ended_at"] >= started


def test_waiting_is_the_state_of_now(ledger):
    ledger.set_waiting({"inbox/a": "why a", "inbox/b": "why b"})
    ledger.set_waiting({"inbox/b": "still"})
    assert [(r["path"], r["reason"]) for r in ledger.rows("select * from waiting")] == [("inbox/b", "still")]


def test_options_are_remembered(ledger):
    assert ledger.option("mode") == ""
    assert ledger.option("mode", "default") == "default"
    ledger.set_option("mode", "one")
    ledger.set_option("mode", "two")
    assert ledger.option("mode", "default") == "two"


def test_many_processes_open_and_write_at_once(tmp_path):
    """All make the same new ledger and write to it; how they keep apart is shown by the next test."""
    code = """
        import sys
        from pathlib import Path
        from orchestration.ledger import Ledger
        from orchestration.manifest import Manifest
        print("ready", flush=True)
        for line in sys.stdin:
            ledger = Ledger(Path(line.strip()))
            for n in range(3):
                sha = f"{sys.argv[1]}{n}".ljust(64, "0")
                ledger.add_file(sha, "gacc", "x.csv", "inbox", "gacc/x.csv", 1, Manifest())
                ledger.files()
            print("done", flush=True)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    pipe = subprocess.PIPE
    writers = [
        subprocess.Popen([*command, letter], stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        for letter in "abcdef"
    ]
    try:
        assert [writer.stdout.readline() for writer in writers] == ["ready\n"] * 6
        for number in range(8):
            path = tmp_path / f"{number}.sqlite"
            for writer in writers:
                writer.stdin.write(f"{path}\n")
                writer.stdin.flush()
            said = [writer.stdout.readline() or writer.stderr.read() for writer in writers]
            assert said == ["done\n"] * 6
            assert len(Ledger(path).files()) == 18
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()


def test_opening_waits_for_another_that_is_opening(tmp_path):
    """SQLite refuses at once where two turn a new file to WAL together, so one must wait for the other."""
    path = tmp_path / "ledger.sqlite"
    with ThreadPoolExecutor(1) as pool:
        with FileLock(path.with_suffix(".opening.lock")):
            opening = pool.submit(Ledger, path)
            assert wait([opening], timeout=0.5).not_done
            assert not path.exists()
        assert opening.result(timeout=30).files() == []


def test_many_threads_open_a_new_ledger_at_once(tmp_path):
    for attempt in range(10):
        path = tmp_path / f"{attempt}.sqlite"
        with ThreadPoolExecutor(8) as pool:
            assert [ledger.files() for ledger in pool.map(Ledger, [path] * 8)] == [[]] * 8


def test_a_kill_in_the_middle_of_a_transaction_leaves_it_as_before(ledger, tmp_path):
    enter(ledger)
    ledger.set_waiting({"inbox/a": "why"})
    process = run_python(
        """
        import sys, time
        from pathlib import Path
        from orchestration.ledger import Ledger
        with Ledger(Path(sys.argv[1])).connect() as db:
            db.execute("delete from files")
            db.execute("delete from waiting")
            rows = [(f"inbox/{n}", "x" * 200, "now") for n in range(20_000)]  # more than its cache
            db.executemany("insert into waiting values (?, ?, ?)", rows)
            print(db.execute("select count(*) from files").fetchone()[0], flush=True)
            time.sleep(60)
        """,
        tmp_path / "data" / "ledger.sqlite",
    )
    assert process.stdout.readline() == "0\n"  # the transaction is open and has deleted everything
    assert len(ledger.files()) == 1  # others go on reading what was there before
    process.send_signal(signal.SIGKILL)
    assert process.wait(timeout=30) == -signal.SIGKILL
    process.communicate()
    again = Ledger(tmp_path / "data" / "ledger.sqlite")
    assert [entry.sha256 for entry in again.files()] == [SHA]
    assert len(again.rows("select * from waiting")) == 1
    enter(again, OTHER)  # and the dead process holds no lock
    assert len(again.files()) == 2


def test_an_exception_inside_a_transaction_rolls_it_back(ledger):
    enter(ledger)

    def fail_half_way():
        with ledger.connect() as db:
            db.execute("delete from files")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail_half_way()
    assert len(ledger.files()) == 1
