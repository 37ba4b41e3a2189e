"""Charts from a few rows: what is drawn, what is said, and that both say the same."""

import math
import re
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

import freshlegs as fl
from freshlegs import charts, look, tables
from freshlegs import vocabulary as v
from freshlegs.charts.bins import binned
from freshlegs.charts.spec import Bars, Line, Spans, Stacked
from freshlegs.problems import WrongRequest

DAY = timedelta(days=1)
MAY = date(2026, 5, 1)
SVG = "{http://www.w3.org/2000/svg}"


def mornings(days: int, **columns: list[Any]) -> pl.DataFrame:
    """Rows of table STORY from 1 May 2026 on; what is not given is not known."""
    rows = [{"athlete": "me", "date": MAY + n * DAY} for n in range(days)]
    for name, values in columns.items():
        for row, value in zip(rows, values, strict=True):
            row[name] = value
    return tables.STORY.frame(rows)


def calm(days: int, **columns: list[Any]) -> pl.DataFrame:
    chances = {"p_fresh": 0.2, "p_cumulative": 0.7, "p_excessive": 0.1, "p_possible_overtraining": 0.0}
    known: dict[str, list[Any]] = {"state": ["cumulative"] * days}
    return mornings(days, **(known | {name: [p] * days for name, p in chances.items()} | columns))


def parsed(chart: charts.Chart, width: int = 760) -> ET.Element:
    return ET.fromstring(chart.svg(width))


def words(root: ET.Element) -> str:
    return " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))


def panel(chart: charts.Chart, title: str) -> Any:
    assert isinstance(chart.figure, Stacked)
    return next(one for one in chart.figure.panels if one.title == title)


def every(days: pl.DataFrame, last: date) -> list[charts.Chart]:
    events = tables.EVENTS.frame([{"date": MAY, "kind": "note", "text": "<b>&"}])
    return [
        charts.story(days, events, MAY, last),
        charts.nights(days, MAY, last),
        charts.signs(days, MAY, last),
        charts.balance(days, MAY, last),
    ]


# --- the story ----------------------------------------------------------------------------------------------------


def test_the_story_counts_the_mornings_and_names_the_last() -> None:
    days = calm(10).with_columns(
        pl.Series("state", ["insufficient_data"] * 2 + ["cumulative"] * 5 + ["watch"] * 3),
    )
    chart = charts.story(days, tables.EVENTS.frame(), MAY, MAY + 9 * DAY)
    assert "10 mornings: not enough data on 2, normal on 5 and watch on 3." in chart.says
    assert "The last, 10 May 2026: watch." in chart.says


def test_a_missing_night_breaks_the_line() -> None:
    hearts: list[Any] = [46.0, 47.0, None, 46.0, 45.0]
    chart = charts.nights(calm(5, hr_rest_bpm=hearts), MAY, MAY + 4 * DAY)
    line = next(mark for mark in panel(chart, "Resting heart rate").marks if isinstance(mark, Line))
    assert [math.isnan(y) for y in line.y] == [False, False, True, False, False]
    own = [p.get("d") or "" for p in parsed(chart).iter(f"{SVG}path") if p.get("class") == "s-own"]
    assert [path.count("M") for path in own if path.count(",") == 4] == [2]


def test_a_day_without_a_row_is_a_gap_and_no_bridge() -> None:
    days = calm(5, sleep_s=[25_200.0] * 5).filter(pl.col("date") != MAY + 2 * DAY)
    sleep = next(m for m in panel(charts.nights(days, MAY, MAY + 4 * DAY), "Sleep").marks if isinstance(m, Line))
    assert np.isnan(sleep.y[2])
    assert np.isfinite(sleep.y[[0, 1, 3, 4]]).all()


def test_mornings_without_enough_data_are_hatched_and_have_no_share() -> None:
    days = pl.concat([mornings(3, state=["insufficient_data"] * 3), calm(6).tail(3)])
    chart = charts.story(days, tables.EVENTS.frame(), MAY, MAY + 5 * DAY)
    ribbon = panel(chart, "How likely each state was").marks
    hatched = next(mark for mark in ribbon if isinstance(mark, Spans))
    assert hatched.hatched
    assert len(hatched.start) == 3
    top = [mark.high[-1] for mark in ribbon if isinstance(mark, Bars)]
    assert top == pytest.approx([0.0, 0.1, 0.8, 1.0])
    assert "hatch)" in chart.svg()


def test_a_run_stands_on_its_own_day_in_the_chart() -> None:
    """The row of a morning holds the run of the day before."""
    days = calm(4, load_lu=[None, 60.0, 0.0, 90.0])
    assert binned(days, MAY, MAY + 3 * DAY).frame["load_lu"].to_list() == [60.0, 0.0, 90.0, None]


def test_weeks_add_up_loads_and_average_hearts() -> None:
    days = calm(280, load_lu=[10.0] * 280, hr_rest_bpm=[50.0, 52.0] * 140)
    bins = binned(days, MAY, MAY + 279 * DAY)
    assert bins.every == "week"
    first_whole = bins.frame.row(1, named=True)
    assert first_whole["date"] == date(2026, 5, 4)  # a Monday
    assert first_whole["load_lu"] == 70.0
    assert first_whole["hr_rest_bpm"] == pytest.approx(51, abs=0.2)
    assert bins.width.sum() == 280


def test_a_week_of_unknown_loads_is_unknown_and_not_nought() -> None:
    loads: list[Any] = [10.0] * 280
    loads[4:11] = [None] * 7  # of 4 to 10 May, told on the mornings after
    found = binned(calm(280, load_lu=loads), MAY, MAY + 279 * DAY).frame
    assert found.filter(pl.col("date") == date(2026, 5, 4))["load_lu"].to_list() == [None]


def test_ten_years_are_drawn_by_months() -> None:
    days = calm(3650)
    chart = charts.story(days, tables.EVENTS.frame(), MAY, MAY + 3649 * DAY)
    assert chart.table.height == 120
    assert len(chart.svg()) < 60_000


def test_marks_are_told_in_words_too() -> None:
    events = tables.EVENTS.frame(
        [
            {"date": MAY + DAY, "kind": "race", "text": "race over 10.0 km"},
            {"date": MAY, "kind": "ill", "text": "fever"},
        ]
    )
    chart = charts.story(calm(5), events, MAY, MAY + 4 * DAY)
    assert chart.table["marked"].to_list() == ["fever", "race over 10.0 km", None, None, None]
    assert "1 race and 1 day ill." in chart.says
    assert "2 May 2026: race over 10.0 km" in "".join(parsed(chart).itertext())


# --- signs, evidence, balance -------------------------------------------------------------------------------------


def test_signs_say_since_when_and_for_how_long() -> None:
    days = calm(30, strength_heavy_legs=[0.9] * 30, since_heavy_legs=[MAY] * 30, strength_low_energy=[0.1] * 30)
    chart = charts.signs(days, MAY, MAY + 29 * DAY)
    assert "1 of 15 signs are there on 30 May 2026: heavy legs, since 1 May, 30 days." in chart.says
    assert "soreness that stays" in chart.says.split("Not measured:")[1]
    shown = words(parsed(chart))
    assert "since 1 May, 30 days" in shown
    assert shown.count("not measured") == 13 + 1  # and once in what the shades mean
    assert "not there now" in shown


def test_evidence_adds_up_in_the_order_of_its_weight() -> None:
    document = {
        "date": "2026-05-04",
        "groups": [
            {"group": "mood", "log_ratio": -math.log(2)},
            {"group": "muscle", "log_ratio": math.log(3)},
            {"group": "performance", "log_ratio": math.log(4)},
            {"group": "gut", "log_ratio": None},
        ],
        "signs": [{"sign": "heavy_legs", "group": "muscle", "strength": 0.9, "why": "heavy on 5 of 5"}],
    }
    chart = charts.evidence(document)
    assert chart.table["odds"].to_list() == ["4.0 : 1", "3.0 : 1", "1 : 2.0", "not known"]
    assert (
        "speak 6.0 : 1 for excessive against normal fatigue; most of it comes from performance (4.0 : 1)" in chart.says
    )
    assert chart.table["signs"].to_list()[1] == "heavy legs 0.90"
    assert "not known" in words(parsed(chart))


def test_evidence_of_nothing_says_so() -> None:
    chart = charts.evidence({"date": "2026-05-04", "groups": [{"group": g, "log_ratio": None} for g in v.GROUPS]})
    assert chart.says == "On 4 May 2026 no sign is known well enough to speak for anything."
    parsed(chart)


def test_balance_says_how_much_was_easy_and_which_run_stood_out() -> None:
    spikes: list[Any] = [1.0] * 9 + [1.6]
    days = calm(10, z1_s=[2400.0] * 10, z2_s=[300.0] * 10, z3_s=[300.0] * 10, session_spike=spikes)
    chart = charts.balance(days, MAY, MAY + 9 * DAY)
    assert "80 % was easy, 10 % grey and 10 % hard" in chart.says
    assert (
        "1 run was more than 1.3 times the longest of the 30 days before, the largest 1.6 times, on 9 May 2026"
        in chart.says
    )


# --- one run ------------------------------------------------------------------------------------------------------


def samples(seconds: int, *, mps: float = 3.0, pause_at: int | None = None, **more: Any) -> pl.DataFrame:
    time = np.arange(seconds, dtype=float)
    if pause_at is not None:
        time[pause_at:] += 300.0
    metres = np.arange(seconds) * mps
    start = datetime(2026, 5, 4, 6, tzinfo=UTC)
    frame = {"time_utc": [start + timedelta(seconds=float(s)) for s in time], "elapsed_s": time, "distance_m": metres}
    return pl.DataFrame(frame | more)


def test_pace_is_that_of_moving_and_a_pause_does_not_slow_it() -> None:
    chart = charts.run(samples(2000, mps=1000 / 300, pause_at=1000))
    pace = chart.table["pace_s_per_km"].drop_nulls()
    assert pace.median() == pytest.approx(300, abs=1)
    assert pace.max() < 330
    assert "6.7 km at 5:00 min/km" in chart.says


def test_a_treadmill_without_distance_is_drawn_over_time() -> None:
    chart = charts.run(samples(1200, hr_bpm=np.linspace(120, 160, 1200)).drop("distance_m"))
    assert chart.table.columns[0] == "min"
    assert chart.table["min"][-1] == pytest.approx(20, abs=0.2)
    assert "Heart rate 140 on average" in chart.says
    assert "no speed in this run" in words(parsed(chart))


def test_miles_for_who_wants_miles() -> None:
    chart = charts.run(samples(1610, mps=3.0), system="imperial")
    assert chart.table.columns[1] == "pace_s_per_mi"
    assert chart.table["pace_s_per_mi"].median() == pytest.approx(1609.344 / 3.0, abs=2)


def test_laps_stand_behind_the_pace() -> None:
    laps = pl.DataFrame({"distance_m": [1500.0, 1500.0], "elapsed_s": [450.0, 600.0]})
    chart = charts.run(samples(1000), laps)
    lap = next(mark for mark in panel(chart, "Pace").marks if isinstance(mark, Line) and mark.label == "lap")
    assert lap.x[:5].tolist()[:2] == [0.0, 1.5]
    assert lap.y[[0, 3]].tolist() == [300.0, 400.0]


def test_a_way_keeps_its_shape_far_north() -> None:
    """A square of a kilometre at 70° north, where a degree of longitude is a third of one of latitude."""
    corner = 1000 / 111_195
    lat = np.concatenate([np.full(50, 70.0), np.linspace(70, 70 + corner, 50)])
    far = 25 + corner / math.cos(math.radians(70))
    lon = np.concatenate([np.linspace(25, far, 50), np.full(50, far)])
    chart = charts.track(samples(100, lat_deg=lat, lon_deg=lon))
    assert chart.figure.east_m.max() == pytest.approx(1000, rel=0.01)  # type: ignore[union-attr]
    assert chart.figure.north_m.max() == pytest.approx(1000, rel=0.01)  # type: ignore[union-attr]
    assert "ends 1.4 km from where it began" in chart.says


def test_a_way_across_the_date_line_is_one_way() -> None:
    lon = np.linspace(179.99, 180.01, 100)
    chart = charts.track(samples(100, lat_deg=np.full(100, -17.0), lon_deg=np.where(lon > 180, lon - 360, lon)))
    assert np.ptp(chart.figure.east_m) < 3000  # type: ignore[union-attr]


def test_a_run_without_positions_says_so() -> None:
    chart = charts.track(samples(100))
    assert chart.says == "This run has no positions."
    assert "this run has no positions" in words(parsed(chart))


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_hardly_any_samples_are_drawn_all_the_same(rows: int) -> None:
    for chart in (charts.run(samples(rows)), charts.track(samples(rows))):
        parsed(chart)


# --- whatever the chart -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [120, 358, 760, 2000])
@pytest.mark.parametrize("days", [0, 1, 2, 40, 400])
def test_every_chart_is_whole_at_every_width(days: int, width: int) -> None:
    frame = calm(days, sleep_s=[25_000.0] * days, hr_rest_bpm=[48.0] * days, load_lu=[50.0] * days)
    for chart in every(frame, MAY + max(days - 1, 0) * DAY):
        svg = chart.svg(width)
        root = ET.fromstring(svg)
        assert root.get("aria-label") == f"{chart.title}. {chart.says}"
        assert not re.search(r"nan|inf[^o]|None", re.sub(r'aria-label="[^"]*"', "", svg))
        for attribute in ("style", "onclick", "href"):
            assert f" {attribute}=" not in svg
        assert "<script" not in svg
        assert "<style" not in svg
        known = {one for state in look.STATES.values() for one in (state.colour, state.on_light)}
        known |= {ink for ink, _ in look.INKS.values()}
        assert set(re.findall(r"#[0-9A-Fa-f]{6}", svg)) <= known


def test_the_words_of_a_runner_are_words_and_no_markup() -> None:
    svg = every(calm(3), MAY + 2 * DAY)[0].svg()
    assert "<b>" not in svg
    assert "&lt;b&gt;&amp;" in svg


def test_every_state_and_ink_has_a_colour_for_dark_ground() -> None:
    sheet = charts.stylesheet()
    for role in look.INKS:
        assert role == "ground" or f".f-{role}{{" in sheet
    assert "prefers-color-scheme: dark" in sheet


def test_a_chart_shows_itself_and_is_saved_by_its_ending(tmp_path: Any) -> None:
    chart = charts.nights(calm(3, sleep_s=[25_000.0] * 3), MAY, MAY + 2 * DAY)
    bundle = chart._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg ")
    assert chart.says in bundle["text/plain"]
    chart.save(tmp_path / "a.svg")
    assert "Nights" in words(ET.parse(tmp_path / "a.svg").getroot())
    chart.save(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(WrongRequest, match=r"\.svg or \.png, not \.gif"):
        chart.save(tmp_path / "a.gif")


def test_charts_are_part_of_the_package() -> None:
    assert fl.charts is charts


@pytest.mark.parametrize(
    ("apart_m", "system", "said"),
    [
        (30.0, "metric", "ends where it began"),
        (60.0, "metric", "ends 60 m from where it began"),
        (338.0, "metric", "ends 0.3 km from where it began"),
        (60.0, "imperial", "ends 197 ft from where it began"),
    ],
)
def test_a_route_ends_where_it_began_within_some_tens_of_metres(apart_m: float, system: Any, said: str) -> None:
    north = np.concatenate([np.linspace(0.0, 5000.0, 50), np.linspace(5000.0, apart_m, 50)])  # out and back
    records = samples(100, lat_deg=60.0 + np.degrees(north / 6_371_008.8), lon_deg=np.full(100, 11.0))
    assert said in charts.track(records, system=system).says
