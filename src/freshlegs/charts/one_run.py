"""One run: its way on the ground, and pace, heart rate and altitude over the distance, with its laps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from freshlegs.charts.chart import Chart
from freshlegs.charts.spec import Band, Floats, Level, Line, Mark, Panel, Stacked, Track
from freshlegs.charts.words import Lengths, System

POINTS: Final = 320
"""A run is shown in at most so many stretches of equal length."""
STILL_MPS: Final = 0.5
LONGEST_STEP_S: Final = 30.0
"""A longer step between two samples is a pause, and a gap in the line."""
SLOWEST_LAP: Final = 1.5
"""A lap this much slower than the run (a rest) stands at the panel's lower edge."""
TRACK_POINTS: Final = 1200
SHADES: Final = 5
HOME_M: Final = 50.0
"""A route whose ends lie no farther apart ends where it began: positions are true to some metres."""
EARTH_M: Final = 6_371_008.8
_BARS: Final[dict[str, tuple[float, ...]]] = {
    "m": (50.0, 100.0, 200.0, 500.0),
    "km": (1.0, 2.0, 5.0, 10.0, 20.0, 50.0),
    "ft": (200.0, 500.0, 1000.0),
    "mi": (0.5, 1.0, 2.0, 5.0, 10.0, 30.0),
}
"""Round lengths for the bar beside a route."""


@dataclass(frozen=True, slots=True)
class _Stretches:
    """A run in stretches: where each ends (in units of the axis), seconds, metres, and means."""

    x: Floats
    metres: Floats
    seconds: Floats
    hr_bpm: Floats
    altitude_m: Floats
    by_distance: bool


def run(
    records: pl.DataFrame,
    laps: pl.DataFrame | None = None,
    *,
    hr_bounds: tuple[float, float] | None = None,
    system: System = "metric",
) -> Chart:
    """Pace, heart rate and altitude of one run, over distance if it is known, else over time.

    ``records`` and ``laps`` are those of `freshlegs.importers.activity.Activity`; ``hr_bounds``: the heart rates that
    part easy from grey and grey from hard. Stretches without samples, and pauses, are gaps.
    """
    lengths = Lengths(system)
    found = _stretches(records, lengths)
    panels = [_pace(found, records, laps, lengths), _heart(found, hr_bounds), _altitude(found, lengths)]
    axis = lengths.far if found.by_distance else "min"
    pace = _seconds_a_unit(found, lengths)
    return Chart(
        name="run",
        title="Pace, heart rate, altitude",
        says=_says(found, lengths),
        table=pl.DataFrame(
            {
                axis: np.round(found.x, 3),
                f"pace_s_per_{lengths.far}": np.round(pace, 1),
                "hr_bpm": np.round(found.hr_bpm, 1),
                f"altitude_{lengths.high}": np.round(found.altitude_m / lengths.metres_a_height, 1),
            },
            nan_to_null=True,
        ),
        figure=Stacked(panels, 0.0, float(found.x[-1]) if len(found.x) else 1.0, "number", axis),
    )


def track(records: pl.DataFrame, *, system: System = "metric") -> Chart:
    """The way of one run from its own positions, shaded by pace; nothing is fetched, there is no map behind it.

    Metres east and north of the middle: equirectangular, true to shape to a few parts in a thousand over a run.
    """
    lengths = Lengths(system)
    lat, lon = _column(records, "lat_deg"), _column(records, "lon_deg")
    known = np.flatnonzero(np.isfinite(lat) & np.isfinite(lon))
    if len(known) < 2:
        table = pl.DataFrame(schema={lengths.far: pl.Float64, "lat_deg": pl.Float64, "lon_deg": pl.Float64})
        empty = Stacked([Panel("The route", [], empty="this run has no positions")], 0.0, 1.0, "number")
        return Chart("track", "The route", "This run has no positions.", table, empty)
    chosen = known[np.unique(np.linspace(0, len(known) - 1, min(TRACK_POINTS, len(known))).astype(np.intp))]
    lat, lon = lat[chosen], lon[chosen]
    middle = np.radians((lat.max() + lat.min()) / 2.0)
    turned = np.radians((lon - lon[0] + 180.0) % 360.0 - 180.0)  # a run may cross the date line
    east, north = EARTH_M * np.cos(middle) * turned, EARTH_M * np.radians(lat - lat[0])
    metres = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(east), np.diff(north)))])
    seconds = _elapsed(records)[chosen]
    shade, words = _shades(metres, seconds, lengths)
    bar_m, bar_words = _bar(float(np.hypot(np.ptp(east), np.ptp(north))) / 6, lengths)
    whole = np.searchsorted(metres, np.arange(1, int(metres[-1] // lengths.metres_a_unit) + 1) * lengths.metres_a_unit)
    every = max(1, -(-len(whole) // 12))
    named = [
        (float(east[n]), float(north[n]), f"{k}") for k, n in enumerate(whole, 1) if k % every == 0 and n < len(east)
    ]
    return Chart(
        name="track",
        title="The route",
        says=_says_track(metres, east, north, lengths),
        table=pl.DataFrame({lengths.far: np.round(metres / lengths.metres_a_unit, 3), "lat_deg": lat, "lon_deg": lon}),
        figure=Track(east, north, shade, words, bar_m, bar_words, named),
    )


def _bar(least_m: float, lengths: Lengths) -> tuple[float, str]:
    """A round length of at least that, in metres and in words; the longest for more than that.

    >>> _bar(140.0, Lengths()), _bar(400.0, Lengths("imperial"))[1]
    ((200.0, '200 m'), '0.5 mi')
    """
    metres = {lengths.high: lengths.metres_a_height, lengths.far: lengths.metres_a_unit}
    bars = [(one * metres[unit], f"{one:g} {unit}") for unit in metres for one in _BARS[unit]]
    return next((bar for bar in bars if bar[0] >= least_m), bars[-1])


# --- samples ------------------------------------------------------------------------------------------------------


def _column(records: pl.DataFrame, name: str) -> Floats:
    if name not in records.columns:
        return np.full(records.height, np.nan)
    return records.get_column(name).cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _elapsed(records: pl.DataFrame) -> Floats:
    if "elapsed_s" in records.columns:
        return _column(records, "elapsed_s")
    if "time_utc" in records.columns and records.height:
        stamps = records.get_column("time_utc").dt.timestamp("us").cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return np.asarray((stamps - np.nanmin(stamps)) / 1e6)
    return np.full(records.height, np.nan)


def _stretches(records: pl.DataFrame, lengths: Lengths) -> _Stretches:
    """The samples in stretches of equal length along the axis."""
    time, distance = _elapsed(records), _column(records, "distance_m")
    if not np.isfinite(distance).any():
        distance = _from_speed(time, _column(records, "speed_mps"))
    kept = np.isfinite(time)
    time, distance = time[kept], distance[kept]
    by_distance = bool(np.isfinite(distance).any()) and float(np.nanmax(distance, initial=0.0)) > 0.0
    along = np.maximum.accumulate(np.nan_to_num(distance)) if by_distance else time
    heart, high = _column(records, "hr_bpm")[kept], _column(records, "altitude_m")[kept]
    if len(along) < 2 or along[-1] <= along[0]:
        nothing = np.full(0, np.nan)
        return _Stretches(nothing, nothing, nothing, nothing, nothing, by_distance)
    count = int(min(POINTS, len(along) - 1))
    edges = np.linspace(along[0], along[-1], count + 1)
    place = np.clip(np.searchsorted(edges, along, side="right") - 1, 0, count - 1)
    step_s = np.diff(time, prepend=time[0])
    paused = step_s > LONGEST_STEP_S
    step_m = np.diff(distance, prepend=distance[0]) if np.isfinite(distance).all() else np.full(len(time), np.nan)
    seconds = np.bincount(place, np.where(paused, 0.0, step_s), count)
    metres = np.bincount(place, np.where(paused, 0.0, step_m), count)
    unit = lengths.metres_a_unit if by_distance else 60.0
    return _Stretches(
        x=(edges[:-1] + edges[1:]) / 2.0 / unit,
        metres=np.asarray(metres, dtype=np.float64),
        seconds=np.asarray(seconds, dtype=np.float64),
        hr_bpm=_means(heart, place, count),
        altitude_m=_means(high, place, count),
        by_distance=by_distance,
    )


def _from_speed(time: Floats, speed: Floats) -> Floats:
    if not np.isfinite(speed).any():
        return np.full(len(time), np.nan)
    step = np.clip(np.diff(np.nan_to_num(time), prepend=0.0), 0.0, LONGEST_STEP_S)
    return np.cumsum(step * np.nan_to_num(speed))


def _means(values: Floats, place: np.ndarray, count: int) -> Floats:
    known = np.isfinite(values)
    total = np.bincount(place[known], values[known], count)
    number = np.bincount(place[known], minlength=count)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(number > 0, total / number, np.nan)


def _seconds_a_unit(found: _Stretches, lengths: Lengths) -> Floats:
    """Pace of each stretch, seconds a kilometre or mile; NaN where it stood still."""
    with np.errstate(invalid="ignore", divide="ignore"):
        speed = np.where(found.seconds > 0, found.metres / found.seconds, np.nan)
        return np.where(speed > STILL_MPS, lengths.metres_a_unit / speed, np.nan)


# --- panels -------------------------------------------------------------------------------------------------------


def _pace(found: _Stretches, records: pl.DataFrame, laps: pl.DataFrame | None, lengths: Lengths) -> Panel:
    pace = _smooth(_seconds_a_unit(found, lengths))
    known = pace[np.isfinite(pace)]
    marks: list[Mark] = []
    steps = _lap_steps(records, laps, lengths) if found.by_distance else None
    if steps is not None:
        marks.append(Line(steps[0], steps[1], "second", "lap", 1.1, dashed=True))
    marks.append(Line(found.x, pace, "own", "pace", 1.6))
    if not known.size:
        return Panel("Pace", marks, f"min a {lengths.far}", 90.0, 0.0, 1.0, (), empty="no speed in this run")
    fast, slow = np.percentile(known, [1, 97])
    if steps is not None:
        laps_pace = steps[1][np.isfinite(steps[1]) & (steps[1] < SLOWEST_LAP * slow)]
        fast, slow = min(fast, *laps_pace, fast), max(slow, *laps_pace, slow)
    room = max((slow - fast) * 0.15, 10.0)
    low, high = float(fast - room), float(slow + room)
    step = next((one for one in (5, 10, 15, 30, 60, 120, 300, 600) if (high - low) / one <= 4), 1200)
    ticks = [(float(n), lengths.pace(n)) for n in range(int(-(-low // step) * step), int(high) + 1, step)]
    marks = [_within(mark, low, high) if isinstance(mark, Line) else mark for mark in marks]
    return Panel("Pace", marks, f"min a {lengths.far}, faster is higher", 110.0, low, high, ticks, turned=True)


def _within(line: Line, low: float, high: float) -> Line:
    """The line held within the panel: a walk at the lights stands at its lower edge."""
    return Line(line.x, np.clip(line.y, low, high), line.role, line.label, line.weight, line.dashed)


def _smooth(values: Floats, width: int = 3) -> Floats:
    """Mean of the known values around each; gaps stay."""
    known = np.isfinite(values)
    kernel = np.ones(width)
    total = np.convolve(np.nan_to_num(values), kernel, "same") if len(values) >= width else np.nan_to_num(values)
    number = np.convolve(known.astype(float), kernel, "same") if len(values) >= width else known.astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, total / number, np.nan)


def _lap_steps(records: pl.DataFrame, laps: pl.DataFrame | None, lengths: Lengths) -> tuple[Floats, Floats] | None:
    """Each lap's pace as a step over its part of the axis; None with fewer than two laps."""
    if laps is None or laps.height < 2 or "distance_m" not in laps.columns:
        return None
    metres = _column(laps, "distance_m")
    seconds = _column(laps, "moving_s") if "moving_s" in laps.columns else np.full(laps.height, np.nan)
    seconds = np.where(np.isfinite(seconds), seconds, _column(laps, "elapsed_s"))
    if not (np.isfinite(metres).all() and np.isfinite(seconds).all()):
        return None
    ends = np.cumsum(metres) / lengths.metres_a_unit
    starts = np.concatenate([[0.0], ends[:-1]])
    with np.errstate(invalid="ignore", divide="ignore"):
        pace = np.where(metres > 0, seconds / metres * lengths.metres_a_unit, np.nan)
    gap = np.full(len(ends), np.nan)
    return np.stack([starts, ends, gap], 1).ravel(), np.stack([pace, pace, gap], 1).ravel()


def _heart(found: _Stretches, bounds: tuple[float, float] | None) -> Panel:
    marks: list[Mark] = []
    if bounds is not None and np.isfinite(found.hr_bpm).any():
        easy, hard = bounds
        ends = np.array([found.x[0], found.x[-1]])
        marks += [
            Band(ends, np.full(2, easy), np.full(2, hard)),
            Level(easy, "easy"),
            Level(hard, "hard"),
        ]
    marks.append(Line(found.x, _smooth(found.hr_bpm), "own", "heart", 1.6))
    note = "beats a minute" + ("; band: the grey zone as known today" if bounds is not None else "")
    return Panel("Heart rate", marks, note, 90.0, empty="no heart rate in this run")


def _altitude(found: _Stretches, lengths: Lengths) -> Panel:
    high = found.altitude_m / lengths.metres_a_height
    known = high[np.isfinite(high)]
    low = float(known.min()) - 5.0 if known.size else 0.0
    top = max(float(known.max()) + 5.0, low + 40.0) if known.size else 1.0
    ground = np.full(len(high), low)
    marks: list[Mark] = [Band(found.x, ground, high), Line(found.x, high, "own", "", 1.2)]
    return Panel("Altitude", marks, lengths.high, 56.0, low, top, empty="no altitude in this run")


# --- the way ------------------------------------------------------------------------------------------------------


def _shades(metres: Floats, seconds: Floats, lengths: Lengths) -> tuple[np.ndarray, list[str]]:
    """A shade for each step by its pace, smoothed; and the words of the slowest and the fastest shade."""
    ahead = max(1, len(metres) // 150)
    at = np.arange(len(metres))
    low, high = np.maximum(at - ahead, 0), np.minimum(at + ahead, len(metres) - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        speed = (metres[high] - metres[low]) / (seconds[high] - seconds[low])
    known = speed[np.isfinite(speed) & (speed > STILL_MPS)]
    if not known.size:
        return np.full(len(metres), 2), []
    edges = np.percentile(known, [10, 90])
    if edges[1] - edges[0] < 0.1:  # as good as even: one shade says so
        middle = float(np.median(known))
        edges = np.array([middle - 0.25, middle + 0.25])
    place = np.nan_to_num((speed - edges[0]) / (edges[1] - edges[0]) * SHADES)
    words = [f"{lengths.pace(lengths.metres_a_unit / edge)}" for edge in edges]
    between = [""] * (SHADES - 2)
    return np.clip(place.astype(np.int64), 0, SHADES - 1), [words[0], *between, f"{words[1]} min/{lengths.far}"]


def _apart(metres: float, lengths: Lengths) -> str:
    """A distance that may be short: under a tenth of a unit in metres or feet."""
    if metres < 0.1 * lengths.metres_a_unit:
        return f"{metres / lengths.metres_a_height:.0f} {lengths.high}"
    return f"{metres / lengths.metres_a_unit:.1f} {lengths.far}"


def _says_track(metres: Floats, east: Floats, north: Floats, lengths: Lengths) -> str:
    long = metres[-1] / lengths.metres_a_unit
    back = float(np.hypot(east[-1] - east[0], north[-1] - north[0]))
    home = "ends where it began" if back <= HOME_M else f"ends {_apart(back, lengths)} from where it began"
    wide, tall = np.ptp(east) / lengths.metres_a_unit, np.ptp(north) / lengths.metres_a_unit
    size = f"{wide:.1f} {lengths.far} from west to east and {tall:.1f} {lengths.far} from south to north"
    return f"A route of {long:.1f} {lengths.far} that {home}, {size}."


def _says(found: _Stretches, lengths: Lengths) -> str:
    parts = []
    metres, seconds = float(np.nansum(found.metres)), float(found.seconds.sum())
    if found.by_distance and metres > 0 and seconds > 0:
        pace = _seconds_a_unit(found, lengths)
        whole = lengths.pace(seconds / metres * lengths.metres_a_unit)
        parts.append(f"{metres / lengths.metres_a_unit:.1f} {lengths.far} at {whole} min/{lengths.far}.")
        if np.isfinite(pace).any():
            quick, slow = np.nanpercentile(pace, [5, 95])
            parts.append(f"Most of it between {lengths.pace(slow)} and {lengths.pace(quick)}.")
    heart = found.hr_bpm[np.isfinite(found.hr_bpm)]
    if heart.size:
        parts.append(f"Heart rate {heart.mean():.0f} on average, between {heart.min():.0f} and {heart.max():.0f} bpm.")
    high = found.altitude_m[np.isfinite(found.altitude_m)] / lengths.metres_a_height
    if high.size:
        parts.append(f"Altitude between {high.min():.0f} and {high.max():.0f} {lengths.high}.")
    return " ".join(parts) or "This run came without samples that can be drawn."
