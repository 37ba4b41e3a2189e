"""Folders, zips and gzip: what is whole is read, what is not is refused with one sentence, nothing is lost."""

import gzip
import io
import os
import socket
import stat
import struct
import zipfile
from pathlib import Path
from typing import IO

import pytest

from freshlegs.importers import archives, sources
from freshlegs.importers.sources import Found, walk
from freshlegs.problems import UnreadableFile


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def at(tmp_path: Path, data: bytes, name: str = "export.zip") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def walked(*paths: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """What could be read, and why the rest could not, by name below the first path's folder."""
    good: dict[str, bytes] = {}
    bad: dict[str, str] = {}
    root = str(paths[0].parent) + os.sep
    for found in walk(paths):
        name = found.name.removeprefix(root)
        if found.problem is not None:
            assert found.problem.source == found.name
            bad[name] = found.problem.message
            continue
        try:
            data = found.read()
        except UnreadableFile as error:
            bad[name] = str(error)
        else:
            assert found.head() == data[:4096]
            good[name] = data
    return good, bad


def test_a_folder_with_everything_comes_out_sorted_and_unpacked(tmp_path: Path) -> None:
    top = tmp_path / "watch"
    (top / "2020").mkdir(parents=True)
    (top / "__MACOSX").mkdir()
    (top / "b.txt").write_bytes(b"b")
    (top / "a.gz").write_bytes(gzip.compress(b"one") + gzip.compress(b"two"))
    (top / ".DS_Store").write_bytes(b"litter")
    (top / "__MACOSX" / "x").write_bytes(b"litter")
    (top / "2020" / "c.bin").write_bytes(b"c")
    inner = zipped({"deep.txt": b"deep", "__MACOSX/._deep.txt": b"litter"})
    (top / "z.zip").write_bytes(
        zipped({"in/run.fit.gz": gzip.compress(b"fit" * 5000), "part.zip": inner}, zipfile.ZIP_STORED)
    )
    good, bad = walked(top)
    assert list(good) == [
        "watch/a.gz",
        "watch/b.txt",
        "watch/z.zip/in/run.fit.gz",
        "watch/z.zip/part.zip/deep.txt",
        "watch/2020/c.bin",
    ]
    assert good["watch/a.gz"] == b"onetwo"
    assert good["watch/z.zip/in/run.fit.gz"] == b"fit" * 5000
    assert bad == {}


def test_one_path_alone_and_a_zip_that_was_gzipped(tmp_path: Path) -> None:
    path = at(tmp_path, gzip.compress(zipped({"run.txt": b"run"})), "export.zip.gz")
    (found,) = walk(str(path))
    assert (found.name, found.read()) == (f"{path}/run.txt", b"run")


def test_a_found_file_can_be_read_after_the_walk_and_twice(tmp_path: Path) -> None:
    path = at(tmp_path, zipped({f"{n}.txt": bytes([n]) * 100_000 for n in range(1, 4)}))
    found = list(walk([path]))
    for _ in range(2):
        assert [item.read() for item in found] == [bytes([n]) * 100_000 for n in range(1, 4)]
    assert [item.size for item in found] == [100_000] * 3


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_truncated_zip_gives_the_files_before_the_break(tmp_path: Path, method: int, streamed: bool) -> None:
    contents = {f"{n}.bin": os.urandom(70_000) for n in range(5)}

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return not streamed  # then lengths stand after the data, not before it

        def tell(self) -> int:
            if streamed:
                raise OSError
            return super().tell()

        def seek(self, *where: int) -> int:
            if streamed:
                raise OSError
            return super().seek(*where)

    out = Pipe()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    data = out.getvalue()
    path = at(tmp_path, data[: int(len(data) * 0.7)])
    good, bad = walked(path)
    if streamed and method == zipfile.ZIP_STORED:
        assert "export.zip" in bad  # nothing tells where such a file ends
        return
    assert good == {f"export.zip/{n}.bin": contents[f"{n}.bin"] for n in range(3)}
    assert "breaks off" in bad["export.zip"]
    assert "breaks off" in bad["export.zip/3.bin"]
    assert set(bad) == {"export.zip", "export.zip/3.bin"}


def test_one_damaged_file_of_a_zip_costs_only_itself(tmp_path: Path) -> None:
    contents = {f"{n}.bin": os.urandom(5000) for n in range(3)}
    data = bytearray(zipped(contents, zipfile.ZIP_STORED))
    place = bytes(data).index(contents["1.bin"])
    data[place + 100] ^= 0xFF
    good, bad = walked(at(tmp_path, bytes(data)))
    assert set(good) == {"export.zip/0.bin", "export.zip/2.bin"}
    assert bad == {"export.zip/1.bin": "the file is damaged inside the zip: its checksum is wrong"}


def test_names_that_point_outside_links_and_locked_files_are_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("../up.fit", "/etc/cron.d/x", "..\\up.fit", "C:\\x.fit", "a/../../x"):
            archive.writestr(name, b"x")
        link = zipfile.ZipInfo("link.fit")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("fine.txt", b"fine")
        archive.writestr("\\", b"x")
        archive.writestr("locked.fit", b"x")
    data = bytearray(out.getvalue())
    listed = data.rindex(b"PK\x01\x02")
    data[listed + 8] |= 1  # the flag of a password
    good, bad = walked(at(tmp_path, bytes(data)))
    assert good == {"export.zip/fine.txt": b"fine"}
    assert sum("points outside the zip" in why for why in bad.values()) == 5
    assert "no name" in bad["export.zip/\\"]
    assert "link" in bad["export.zip/link.fit"]
    assert "password" in bad["export.zip/locked.fit"]
    assert not (tmp_path.parent / "up.fit").exists()


def test_a_zip_three_deep_is_refused(tmp_path: Path) -> None:
    data = zipped({"2.zip": zipped({"3.zip": zipped({"x.txt": b"x"}), "y.txt": b"y"})})
    good, bad = walked(at(tmp_path, data))
    assert good == {"export.zip/2.zip/y.txt": b"y"}
    assert list(bad) == ["export.zip/2.zip/3.zip"]


def test_a_bomb_is_refused_without_being_unpacked(tmp_path: Path) -> None:
    zeros = b"\0" * 40_000_000
    good, bad = walked(at(tmp_path, zipped({"bomb.xml": zeros, "fine.txt": b"fine"})))
    assert good == {"export.zip/fine.txt": b"fine"}
    assert "zip bomb" in bad["export.zip/bomb.xml"]
    found = next(iter(walk([at(tmp_path, gzip.compress(zeros), "bomb.gz")])))
    assert found.head() == b"\0" * 4096
    with pytest.raises(UnreadableFile, match="zip bomb"):
        found.read()


def test_a_zip_that_lies_about_a_length_is_caught_while_unpacking(tmp_path: Path) -> None:
    data = bytearray(zipped({"bomb.xml": b"\0" * 40_000_000}))
    listed = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, listed + 24, 1000)
    good, bad = walked(at(tmp_path, bytes(data)))
    assert good == {}
    assert list(bad) == ["export.zip/bomb.xml"]


def test_overlapping_files_are_refused(tmp_path: Path) -> None:
    data = zipped({"a": os.urandom(10_000)}, zipfile.ZIP_STORED)
    listed, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[listed:end]
    many = bytearray(data[:listed] + entry * 50 + data[end:])
    struct.pack_into("<HHI", many, len(many) - 14, 50, 50, len(entry) * 50)
    _, bad = walked(at(tmp_path, bytes(many)))
    assert "overlap" in bad["export.zip"]


def test_an_archive_may_not_unzip_to_more_than_its_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = at(tmp_path, zipped({f"{n}": os.urandom(50_000) for n in range(4)}))
    monkeypatch.setattr(archives.Budget.__init__, "__defaults__", (160_000,))
    good, bad = walked(path)
    assert 1 <= len(good) < 4
    assert len(good) + len(bad) == 4
    assert all("unzips to more than" in why for why in bad.values())


def test_what_is_too_large_for_memory_can_still_be_streamed(tmp_path: Path) -> None:
    body = os.urandom(3_000_000)
    (found,) = walk([at(tmp_path, zipped({"export.xml": body}))])
    with pytest.raises(UnreadableFile, match="larger than"):
        found.read(limit_b=1_000_000)
    assert b"".join(found.chunks()) == body


def test_empty_truncated_and_missing_files_have_one_sentence_each(tmp_path: Path) -> None:
    empty = at(tmp_path, b"", "empty.fit")
    broken = at(tmp_path, gzip.compress(os.urandom(50_000))[:-5000], "broken.fit.gz")
    nothing = tmp_path / "nothing.fit"
    fine = at(tmp_path, b"fine", "fine.txt")
    good, bad = walked(empty, broken, nothing, fine)
    assert good == {"fine.txt": b"fine"}
    assert bad == {
        "empty.fit": "the file is empty (0 bytes)",
        "broken.fit.gz": "the gzip file breaks off before its end",
        "nothing.fit": "there is no such file or folder",
    }


def test_links_pipes_and_sockets_in_a_folder(tmp_path: Path) -> None:
    top = tmp_path / "folder"
    top.mkdir()
    outside = at(tmp_path, b"secret", "outside.txt")
    (top / "real.txt").write_bytes(b"real")
    (top / "inside.txt").symlink_to(top / "real.txt")
    (top / "outside.txt").symlink_to(outside)
    (top / "loop").symlink_to(top)
    (top / "gone.txt").symlink_to(top / "nowhere")
    os.mkfifo(top / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(top / "socket"))
        good, bad = walked(top)
    assert good == {"folder/real.txt": b"real", "folder/inside.txt": b"real"}
    assert set(bad) == {"folder/outside.txt", "folder/gone.txt", "folder/pipe", "folder/socket"}


def test_a_file_one_may_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, yours = at(tmp_path, b"x", "mine.fit"), at(tmp_path, b"x", "yours.fit")
    opened = Path.open

    def guarded(path: Path, *how: str) -> IO[bytes]:
        if path == mine:
            raise PermissionError(13, "Permission denied")
        return opened(path, *how)  # type: ignore[return-value]

    monkeypatch.setattr(Path, "open", guarded)  # root may read everything, so chmod would prove nothing
    good, bad = walked(mine, yours)
    assert set(good) == {"yours.fit"}
    assert "not allowed" in bad["mine.fit"]


def test_office_documents_are_not_taken_for_archives(shared: Path) -> None:
    (found,) = walk([shared / "validation" / "pmdata" / "participant-overview.xlsx"])
    assert found.problem is not None
    assert "Excel" in found.problem.message


def test_a_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    (found,) = walk([at(tmp_path, zipped({"\x1b[2Jrun.fit": b"x"}))])
    assert found.name.endswith("?[2Jrun.fit")


def test_the_whole_corpus_is_walked_without_a_refusal(corpus: Path) -> None:
    found = [item for item in walk([corpus]) if item.problem is None]
    whole = {item.name for item in found if "export.xml/" not in item.name}
    assert len(whole) + 2 == sum(path.is_file() for path in corpus.rglob("*"))  # two exports are taken apart
    assert all(isinstance(item, Found) for item in found)


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"", "an empty file"),
        (b"dear diary", "a text file"),
        (b"%PDF-1.4", "a PDF document"),
        (b'{"a": 1}', "a JSON file of an unknown kind"),
        (b"<html>", "a web page"),
        (b"\0\1\2\3" * 20, "a file of an unknown kind"),
    ],
)
def test_what_a_file_looks_like(head: bytes, what: str) -> None:
    assert sources.describe(head) == what
