"""Streamed files are replaced whole or not at all, and stay untouched where they would be the same."""

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
