"""Streamed files are replaced whole or not at all, and stay untouched where they would be the same."""

import resource
import signal
from pathlib import Path

import pytest

from alerts.publish.folder import Folder


def stream(folder: Folder, *pieces: bytes) -> None:
    with folder.stream("a/b.csv") as file:
        file.writelines(pieces)


def test_a_streamed_file_is_written_once_and_then_left_alone(tmp_path: Path) -> None:
    first, again, other = Folder(tmp_path), Folder(tmp_path), Folder(tmp_path)
    stream(first, b"one\n", b"two\n")
    before = (tmp_path / "a" / "b.csv").stat()
    stream(again, b"one\ntwo\n")
    assert (tmp_path / "a" / "b.csv").stat() == before
    stream(other, b"one\nthree\n")
    assert [(one.written, one.same) for one in (first, again, other)] == [(1, 0), (0, 1), (1, 0)]
    assert (tmp_path / "a" / "b.csv").read_bytes() == b"one\nthree\n"
    assert before.st_mode & 0o777 == 0o644


def test_a_stream_that_breaks_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    stream(Folder(tmp_path), b"whole")

    def broken() -> None:
        with Folder(tmp_path).stream("a/b.csv") as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken()
    assert [path.read_bytes() for path in (tmp_path / "a").iterdir()] == [b"whole"]


def test_a_file_for_which_there_is_no_room_leaves_nothing_behind(tmp_path: Path) -> None:
    limits, at_limit = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            Folder(tmp_path).put("a/b.html", "x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, at_limit)
    assert list((tmp_path / "a").iterdir()) == []
