"""Files made to do harm: each is refused with a sentence, in little memory, and comes back.

Every one is read by a process of its own, which tells the most memory it took. Its time is bounded too, generously:
each of these would otherwise keep a machine busy for hours or fill it.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .fit_bytes import UINT32, Fit, crc16, file_id

MEMORY_MB = 900
READ = """
import json, resource, sys
from pathlib import Path
from freshlegs import importers
from freshlegs.importers.sources import walk
from freshlegs.problems import UnreadableFile
told = []
for found in walk(sys.argv[1]):
    if found.problem is not None:
        told.append(found.problem.message)
        continue
    try:
        reading = importers.read(importers.Source(found.name, found.read()))
        told.append(f"read: {len(reading.problems)} problems")
    except UnreadableFile as error:
        told.append(str(error))
status = Path("/proc/self/status")
if status.is_file():  # ru_maxrss begins at what the starting process held
    kb = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
else:
    kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"told": told, "mb": kb / 1024}))
"""


def read_apart(path: Path) -> dict[str, Any]:
    """What a process of its own says of the file, and the most memory it took."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def quoted_zip(copies: int) -> bytes:
    """A zip whose table of contents names one packed file many times over, as the densest bombs do."""
    one = zipped({"a.csv": b"date,energy\n" * 100_000})
    end = one.rfind(b"PK\5\6")
    at = struct.unpack_from("<I", one, end + 16)[0]
    listed = one[at:end] * copies
    return one[:at] + listed + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, copies, copies, len(listed), at, 0)


def lying_header() -> bytes:
    """A FIT file that says it is 4 GB long, with a definition of 255 fields of 255 bytes, and few bytes in it."""
    part = file_id(Fit())
    part.define(1, 20, [(number, 255, UINT32) for number in range(255)])
    body = part.bytes()[14:-2]
    head = struct.pack("<BBHI4s", 14, 0x20, 2132, 0xFFFF_FFF0, b".FIT")
    return head + struct.pack("<H", crc16(head)) + body


GPX = b"<gpx><trk><trkseg><trkpt lat='1' lon='2'>"
LAUGHS = b'<!DOCTYPE g [<!ENTITY a "ha">%s]><gpx>&z;</gpx>' % b"".join(
    b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(ord("b"), ord("z") + 1)
)
DIARY = b"date,energy\n2026-05-04,6\n"
WELLNESS = b'[{"id":"2026-05-04","restingHR":50,"sleepSecs":27000}'

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb.zip": (lambda: zipped({"a.fit": bytes(400 * 2**20)}), "zip bomb"),
    "bomb-in-a-zip.zip": (lambda: zipped({"b.zip": zipped({"a.fit": bytes(400 * 2**20)})}), "zip bomb"),
    "overlapping.zip": (lambda: quoted_zip(50_000), "overlap"),
    "bomb.gz": (lambda: gzip.compress(bytes(64 * 2**20)) * 30, "zip bomb"),
    "twice.gz": (lambda: gzip.compress(gzip.compress(b"date,energy\n2026-05-04,6\n")), "gzip file within a gzip file"),
    "laughs.gpx": (lambda: LAUGHS, "entities"),
    "outside.gpx": (lambda: b'<!DOCTYPE g [<!ENTITY a SYSTEM "file:///etc/passwd">]><gpx>&a;</gpx>', "entities"),
    "attribute.gpx": (lambda: GPX.replace(b"lat='1'", b"lat='%s'" % (b"1" * 60_000_000)), "GPX|XML|points|read:"),
    "attributes.tcx": (
        lambda: (
            b"<TrainingCenterDatabase %s></TrainingCenterDatabase>" % b"".join(b"a%d='1' " % n for n in range(10**6))
        ),
        "TCX|XML|activity",
    ),
    "deep.gpx": (lambda: GPX + b"<a>" * 10_000_000, "nested|no end|XML"),
    "deep-list.json": (lambda: WELLNESS + b"," + b"[" * 30_000_000, "nested|damaged|breaks off|read: [1-9]"),
    "deep-object.json": (lambda: b'{"resource_state":' * 3_000_000, "nested"),
    "entries.json": (lambda: WELLNESS + b",{}" * 20_000_000 + b"]", "more than|read: [1-9]"),
    "number.json": (lambda: b'{"resource_state":' + b"9" * 30_000_000 + b"}", "too long|damaged|nested"),
    "columns.csv": (lambda: DIARY * 400 + b"2026-05-04,6" + b",1" * 10**6, "columns"),
    "cells.csv": (lambda: DIARY * 400 + (b"2026-05-04,6" + b",12" * 4_000 + b"\n") * 5_000, "cells"),
    "lines.csv": (lambda: b"date,energy\n" + b"2026-05-04,6\n" * 4_000_000, "lines"),
    "lying.fit": (lying_header, "holds|ends|read: [1-9]|samples"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_with_a_sentence_in_little_memory(name: str, tmp_path: Path) -> None:
    make, why = HOSTILE[name]
    path = tmp_path / name
    path.write_bytes(make())
    found = read_apart(path)
    assert found["told"]

    assert any(re.search(why, said) for said in found["told"]), found["told"]
    assert all("\n" not in said and len(said) < 500 for said in found["told"])
    assert found["mb"] < MEMORY_MB, found


def test_an_import_goes_on_after_each_of_them(tmp_path: Path) -> None:
    """All small ones and a good file, in one folder, through the diary."""
    import freshlegs as fl

    for name in ("twice.gz", "laughs.gpx", "outside.gpx", "lying.fit", "overlapping.zip"):
        (tmp_path / name).write_bytes(HOSTILE[name][0]())
    before = bytearray(zipped({"a.csv": b"date,energy\n2026-05-04,6\n"}))
    at = before.rfind(b"PK\5\6")
    before[at + 16 : at + 20] = struct.pack("<I", 10_000)  # the list of contents lies before the file begins
    (tmp_path / "negative.zip").write_bytes(before)
    (tmp_path / "good.csv").write_bytes(b"date,energy\n2026-05-04,6\n2026-05-05,7\n")
    with fl.Diary.open(tmp_path / "home") as diary:
        report = diary.import_files(tmp_path)
        assert diary.checkins()["energy"].to_list() == [6.0, 7.0]
    assert len(report.refused) >= 5
