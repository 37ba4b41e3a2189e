"""What the fuzzers begin with: our own small files of every kind, found by asking the registry.

A new importer is fuzzed as soon as it is in the registry; its samples in ``tests/importers/samples`` are its seeds.
"""

from __future__ import annotations

import gzip
import io
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from freshlegs.importers import IMPORTERS, Importer, identify
from freshlegs.importers.contract import HEAD_BYTES

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "tests" / "importers" / "samples"
CORPUS = ROOT.parent / "shared" / "corpus"
LARGEST_B = 64 * 1024

ARCHIVES = "archives"
"""The readers of zip and gzip, which stand before all importers."""

KINDS = [*(importer.KIND for importer in IMPORTERS), ARCHIVES]

TCX = b"""<?xml version="1.0" encoding="UTF-8"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
 xmlns:x="http://www.garmin.com/xmlschemas/ActivityExtension/v2"><Activities><Activity Sport="Running">
<Id>2026-05-04T06:00:00Z</Id><Lap StartTime="2026-05-04T06:00:00Z"><TotalTimeSeconds>120.0</TotalTimeSeconds>
<DistanceMeters>360.5</DistanceMeters><Calories>20</Calories><AverageHeartRateBpm><Value>140</Value>
</AverageHeartRateBpm><Intensity>Active</Intensity><TriggerMethod>Manual</TriggerMethod><Track>
<Trackpoint><Time>2026-05-04T06:00:00Z</Time><Position><LatitudeDegrees>59.9</LatitudeDegrees>
<LongitudeDegrees>10.7</LongitudeDegrees></Position><AltitudeMeters>12.5</AltitudeMeters>
<DistanceMeters>0.0</DistanceMeters><HeartRateBpm><Value>120</Value></HeartRateBpm></Trackpoint>
<Trackpoint><Time>2026-05-04T06:02:00.500+02:00</Time><DistanceMeters>360.5</DistanceMeters>
<HeartRateBpm><Value>150</Value></HeartRateBpm><Extensions><x:TPX><x:Speed>3.0</x:Speed>
<x:RunCadence>85</x:RunCadence><x:Watts>210</x:Watts></x:TPX></Extensions></Trackpoint>
</Track></Lap></Activity></Activities></TrainingCenterDatabase>
"""
GPX = b"""<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"
 xmlns:g="http://www.garmin.com/xmlschemas/TrackPointExtension/v1"><metadata><time>2026-05-04T06:00:00Z</time></metadata>
<trk><name>Morning</name><type>running</type><trkseg>
<trkpt lat="59.9" lon="10.7"><ele>12.5</ele><time>2026-05-04T06:00:00Z</time><extensions>
<g:TrackPointExtension><g:hr>120</g:hr><g:cad>85</g:cad><g:atemp>9</g:atemp></g:TrackPointExtension></extensions></trkpt>
<trkpt lat="59.901" lon="10.701"><ele>13</ele><time>2026-05-04T06:00:30.250Z</time><extensions><power>210</power>
</extensions></trkpt></trkseg><trkseg><trkpt lat="59.91" lon="10.71"/></trkseg></trk></gpx>
"""
TABLES = {
    "wellness.csv": b"effective_time_frame,fatigue,mood,readiness,sleep_duration_h,sleep_quality,soreness,"
    b'soreness_area,stress\n2026-05-04T06:40:12.345Z,2,3,6,7,3,2,"[12921003, 21496003]",3\n'
    b"2026-05-05T07:01:00.000Z,4,2,5,6,2,4,[],4\n",
    "srpe.csv": b"end_date_time,activity_names,perceived_exertion,duration_min\n"
    b"2026-05-04T18:00:00.000Z,\"['individual', 'running']\",5,45\n",
    "diary.csv": b"date,energy,soreness,sleep_s,sleep_habits,strength_done\n"
    b"2026-05-03,6,3,27000,same_times;dark_room,true\n2026-05-04,4,6,24300,,false\n",
    "runs.csv": b"start_local;distance_m;moving_s;rpe;sport\n2026-05-03T18:00:00;10000,5;3000;6;running\n",
}


@cache
def _fit() -> tuple[bytes, ...]:
    from freshlegs.synthetic import live
    from freshlegs.synthetic.write import run_file

    found = spec_from_file_location("fit_bytes", ROOT / "tests" / "importers" / "fit_bytes.py")
    assert found is not None
    assert found.loader is not None
    builder = module_from_spec(found)
    sys.modules["fit_bytes"] = builder
    found.loader.exec_module(builder)
    return (builder.everything(), run_file(live(date(2025, 5, 4)).runs[-1])[: LARGEST_B // 2])


def made() -> Iterator[bytes]:
    """Every small file of ours."""
    yield from (*_fit(), TCX, GPX, *TABLES.values())
    for path in sorted(SAMPLES.rglob("*")):
        if path.is_file() and ".expected." not in path.name:
            yield path.read_bytes()


def of(kind: str) -> list[bytes]:
    """The seeds of one kind: ours, and those of ``../shared`` when it is there."""
    if kind == ARCHIVES:
        return list(_archives())
    found = [data[:LARGEST_B] for data in made() if _kind(data) == kind]
    if kind == "FIT" and CORPUS.is_dir():
        theirs = sorted(path for path in (CORPUS / "fit-fuzz-seeds").rglob("*") if path.is_file())
        found += [path.read_bytes()[:LARGEST_B] for path in theirs]
    return found


def importer(kind: str) -> Importer:
    """The importer of that name."""
    return next(one for one in IMPORTERS if kind == one.KIND)


def _kind(data: bytes) -> str | None:
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    found = identify(data[:HEAD_BYTES], "a name that says nothing")
    return found.KIND if found is not None else None


def _archives() -> Iterator[bytes]:
    for packing in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        inner, outer = io.BytesIO(), io.BytesIO()
        with zipfile.ZipFile(inner, "w", packing) as archive:
            archive.writestr("a/run.gpx", GPX)
            archive.writestr("b.csv", TABLES["diary.csv"])
        with zipfile.ZipFile(outer, "w", packing) as archive:
            archive.writestr("inner.zip", inner.getvalue())
            archive.writestr("c.gz", gzip.compress(TCX))
        yield from (inner.getvalue(), outer.getvalue())
    yield from (gzip.compress(GPX), gzip.compress(TCX) + gzip.compress(GPX))
