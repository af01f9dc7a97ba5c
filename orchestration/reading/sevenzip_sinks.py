"""Where the bytes go that py7zr unpacks: a stream with a bound, or the first few of them.

Belongs here: the little of a file that py7zr writes to. Does not belong here: what may come out of a .7z
(`sevenzip`).
"""

from typing import IO

from py7zr.io import Py7zIO, WriterFactory


class Enough(BaseException):
    """As many bytes as were asked for; not an Exception, which py7zr might take for a failure."""


class Sink(Py7zIO):
    """The little of a file that py7zr asks for when it writes one."""

    def write(self, s: bytes | bytearray) -> int:
        """Take the next bytes."""
        raise NotImplementedError

    def read(self, size: int | None = None) -> bytes:
        """Nothing: a sink gives nothing back."""
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        """Do nothing: bytes come in their order."""
        return offset

    def flush(self) -> None:
        """Do nothing."""

    def size(self) -> int:
        """Nothing, as `read`."""
        return 0


class Writer(Sink):
    """Writes to a stream, no more than was stated."""

    def __init__(self, stream: IO[bytes], stated: int) -> None:
        """Take at most `stated` bytes; one more is a ValueError."""
        self._stream, self._left = stream, stated

    def write(self, s: bytes | bytearray) -> int:
        """Write the next bytes."""
        self._left -= len(s)
        if self._left < 0:
            raise ValueError("more comes out than it states")
        return self._stream.write(s)


class Head(Sink):
    """Keeps the first bytes and ends there."""

    def __init__(self, wanted: int) -> None:
        """Raise `Enough` at `wanted` bytes."""
        self.bytes, self._wanted = bytearray(), wanted

    def write(self, s: bytes | bytearray) -> int:
        """Keep the next bytes until there are enough."""
        self.bytes += s[: self._wanted - len(self.bytes)]
        if len(self.bytes) >= self._wanted:
            raise Enough
        return len(s)


class Into(WriterFactory):
    """Everything goes into one sink; `sevenzip` has seen to it that there is one file."""

    def __init__(self, sink: Sink) -> None:
        """Hand out `sink`, whatever the name."""
        self._sink = sink

    def create(self, filename: str) -> Py7zIO:
        """The sink."""
        return self._sink
