"""The writer's lock: one process at a time, freed by any end of its holder.

Belongs here: taking, refusing and freeing it across processes. Does not belong here: what is done under it.
"""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from filelock import FileLock

from orchestration import lock
from orchestration.lock import LockedError
from orchestration.settings import Settings

HOLD = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from orchestration import lock
    from orchestration.settings import Settings
    with lock.hold(Settings(data=Path(sys.argv[1])), "a long refresh"):
        print("held", flush=True)
        sys.stdin.readline()
    """
)
TRY = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from orchestration import lock
    from orchestration.settings import Settings
    try:
        with lock.hold(Settings(data=Path(sys.argv[1])), "another"):
            print("taken")
    except lock.LockedError:
        print("locked")
    """
)


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path / "data")


@pytest.fixture
def holder(settings):
    """Another process that holds the lock until it is told to end."""
    command = [sys.executable, "-c", HOLD, str(settings.data)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def from_outside(settings):
    command = [sys.executable, "-c", TRY, str(settings.data)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


def test_a_second_process_is_told_who_holds_it(settings, holder):
    expected = rf"^process {holder.pid} \(a long refresh\) has been writing to .*data since 20"
    with pytest.raises(LockedError, match=expected), lock.hold(settings, "mine"):
        pytest.fail("the lock was given twice")


def test_it_is_taken_once_the_holder_has_ended(settings, holder):
    holder.communicate("end\n", timeout=30)
    with lock.hold(settings, "mine"):
        assert from_outside(settings) == "locked"
    assert from_outside(settings) == "taken"


def test_a_killed_holder_frees_it(settings, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait(timeout=30)
    note = settings.lock_path.with_suffix(".holder.json")
    assert str(holder.pid) in note.read_text(encoding="utf-8")  # the note of the dead is no lock
    with lock.hold(settings, "mine"):
        assert f'"pid": {os.getpid()}' in note.read_text(encoding="utf-8")
    assert not note.exists()


def test_it_waits_as_long_as_it_is_asked_to(settings, holder):
    started = time.monotonic()
    with pytest.raises(LockedError), lock.hold(settings, "mine", timeout_seconds=0.4):
        pytest.fail("the lock was given twice")
    assert time.monotonic() - started >= 0.4


def test_the_same_process_may_take_it_again_inside(settings):
    note = settings.lock_path.with_suffix(".holder.json")
    with lock.hold(settings, "outer"):
        with lock.hold(settings, "inner"):
            assert '"outer"' in note.read_text(encoding="utf-8")
        assert note.exists()
        assert from_outside(settings) == "locked"  # the inner end frees nothing
    assert from_outside(settings) == "taken"


def test_its_end_frees_it_and_not_the_garbage_collector(settings):
    settings.data.mkdir()
    same = FileLock(settings.lock_path, is_singleton=True, thread_local=False)  # keeps the object alive
    with lock.hold(settings, "mine"):
        assert same.is_locked
    assert not same.is_locked
    assert from_outside(settings) == "taken"


def test_an_exception_frees_it(settings):
    with pytest.raises(RuntimeError, match="a fault"), lock.hold(settings, "mine"):
        raise RuntimeError("a fault")
    assert from_outside(settings) == "taken"


def test_a_note_that_cannot_be_read_is_no_reason_to_fail(settings, holder):
    settings.lock_path.with_suffix(".holder.json").write_text("{", encoding="utf-8")
    with pytest.raises(LockedError, match=r"^another process is writing to "), lock.hold(settings, "mine"):
        pytest.fail("the lock was given twice")


def test_another_data_root_has_another_lock(settings, holder, tmp_path):
    with lock.hold(Settings(data=tmp_path / "other"), "mine"):
        assert (tmp_path / "other" / "refresh.lock").exists()
