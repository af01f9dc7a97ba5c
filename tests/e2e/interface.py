"""`dualuse ui` as a process of its own: starting it, what it listens on, ending it with all its children.

Belongs here: the processes. Does not belong here: pages and what they show (test_ui).
"""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from support import PROGRAM, Root

STARTS_WITHIN = 300  # seconds; it takes 30 on two idle cores
ENDS_WITHIN = 60
LISTEN = "0A"


@dataclass
class Interface:
    """A running `dualuse ui` in a process group of its own."""

    process: "subprocess.Popen[bytes]"
    port: int
    home: Path
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"dualuse ui ended:\n{self.log.read_text(encoding='utf-8')}"
            try:
                with urllib.request.urlopen(f"{self.url}/server_info", timeout=10):  # noqa: S310 - loopback
                    return
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                time.sleep(0.5)
        raise AssertionError(f"no answer in time:\n{self.log.read_text(encoding='utf-8')}")

    def members(self) -> list[Path]:
        """The folders under /proc of every living process of the group."""
        return [folder for folder in Path("/proc").glob("[0-9]*") if _group(folder) == self.process.pid]

    def listens_on(self) -> set[tuple[str, int]]:
        """Address and port of every TCP socket on which a process of the group listens."""
        own = {link for folder in self.members() for link in _open_files(folder)}
        found = set()
        for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
            for line in table.read_text(encoding="ascii").splitlines()[1:] if table.exists() else []:
                _, local, _, state, *_, inode = line.split()[:10]
                if state == LISTEN and f"socket:[{inode}]" in own:
                    found.add(_address(local))
        return found

    def end(self) -> int:
        """Ask the one process that was started to end, as a user's `kill` does, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(ENDS_WITHIN)

    def kill(self) -> None:
        """End what is left of the group; Dagster's code server takes up to 45 s to notice by itself."""
        if self.members():
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(ENDS_WITHIN)
        deadline = time.monotonic() + ENDS_WITHIN
        while self.members():
            assert time.monotonic() < deadline, f"still there: {self.members()}"
            time.sleep(0.1)


def start(root: Root, folder: Path) -> Interface:
    """`dualuse ui` on a free port, with an empty home folder and a schedule that is months away."""
    home, log = folder / "home", folder / "ui.log"
    home.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    far_away = f"0 0 1 {(datetime.now(UTC).month + 5) % 12 + 1} *"
    environment = root.environment(HOME=str(home), DUALUSE_SCHEDULE_CRON=far_away)
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [str(PROGRAM), "ui", "--port", str(port)],
            env=environment,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Interface(process, port, home, log)


def _group(folder: Path) -> int:
    """Process group of a living process; 0 for one that has ended."""
    try:
        state, _, group = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[:3]
    except OSError:
        return 0
    return 0 if state == "Z" else int(group)


def _open_files(folder: Path) -> list[str]:
    try:
        return [str(link.readlink()) for link in (folder / "fd").iterdir()]
    except OSError:  # it has just ended
        return []


def _address(local: str) -> tuple[str, int]:
    """`0100007F:0BB8` of /proc/net/tcp as ("127.0.0.1", 3000); IPv6 stays in hexadecimal digits."""
    address, _, port = local.partition(":")
    shown = socket.inet_ntoa(bytes.fromhex(address)[::-1]) if len(address) == 8 else address
    return shown, int(port, 16)
