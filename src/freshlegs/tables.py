"""Every table, declared once: column, type, unit, allowed range, meaning.

Validation, the store's schema, the reference pages and the made data are all derived from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from freshlegs import vocabulary as v

INSTANT: Final = pl.Datetime("us", "UTC")
NUMBER: Final = pl.Float64()
TEXT: Final = pl.String()
YES_NO: Final = pl.Boolean()
DAY: Final = pl.Date()
WORDS: Final = pl.List(pl.String())


class Row(dict[str, Any]):
    """A mapping whose keys are attributes too: ``run.distance_m`` is ``run["distance_m"]``.

    >>> Row(distance_m=5000.0).distance_m
    5000.0
    """

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name carries its unit; ``low`` and ``high`` are what is possible, not what is usual."""

    name: str
    dtype: pl.DataType
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    key: bool = False

    def refuse(self, value: Any) -> str | None:
        """Why this value cannot be, in one sentence; None if it can (missing always can)."""
        if value is None:
            return None
        if self.choices:
            given = value if isinstance(value, (list, tuple)) else [value]
            strange = [item for item in given if item not in self.choices]
            if strange:
                return f"{self.name} cannot be {strange[0]!r}; it is one of {', '.join(self.choices)}"
        if self.dtype == NUMBER:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                return f"{self.name} must be a number, not {value!r}"
            if value != value or value in (float("inf"), float("-inf")):
                return f"{self.name} must be a finite number"
            if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
                if self.low is None or self.high is None:
                    limit = f"at least {self.low:g}" if self.high is None else f"at most {self.high:g}"
                    return f"{self.name} must be {limit}, not {value:g}"
                return f"{self.name} must lie between {self.low:g} and {self.high:g}, not {value:g}"
        if self.dtype == YES_NO and not isinstance(value, bool):
            return f"{self.name} must be true or false, not {value!r}"
        return None


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, what a row is, its columns in order."""

    name: str
    row_is: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column name to Polars type."""
        return {column.name: column.dtype for column in self.columns}

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def frame(self, rows: Iterable[Mapping[str, Any]] = ()) -> pl.DataFrame:
        """Rows (mappings; keys that are no column are left out) as a frame of all columns."""
        names = self.names
        return pl.DataFrame([{name: row.get(name) for name in names} for row in rows], schema=self.schema)

    def conform(self, frame: pl.DataFrame, *, fill: bool = False) -> pl.DataFrame:
        """The frame with known columns cast to their declared type; with ``fill``, missing ones as nulls.

        Columns that are not declared are kept as they are. A column that cannot be cast raises
        ``polars.exceptions.InvalidOperationError`` naming it.
        """
        schema = self.schema
        casts = [
            pl.col(name).cast(schema[name])
            for name, dtype in frame.schema.items()
            if name in schema and dtype != schema[name]
        ]
        out = frame.with_columns(casts) if casts else frame
        if fill:
            missing = [
                pl.lit(None, dtype=dtype).alias(name) for name, dtype in schema.items() if name not in frame.columns
            ]
            out = out.with_columns(missing) if missing else out
        return out


def _answer(name: str, meaning: str) -> Column:
    return Column(name, NUMBER, meaning, "points", 0, 10)


ATHLETE: Final = Column("athlete", TEXT, "whose row it is", key=True)

RECORDS: Final = Table(
    "records",
    "one sample of an activity",
    (
        Column("time_utc", INSTANT, "instant of the sample", key=True),
        Column("elapsed_s", NUMBER, "since the first sample; negative where a clock ran back", "s"),
        Column("distance_m", NUMBER, "covered since the start", "m", 0),
        Column("speed_mps", NUMBER, "speed", "m/s", 0),
        Column("hr_bpm", NUMBER, "heart rate", "beats/min", 0, 255),
        Column("cadence_spm", NUMBER, "steps of both feet (revolutions when cycling)", "1/min", 0, 510),
        Column("power_w", NUMBER, "power", "W", 0),
        Column("altitude_m", NUMBER, "above sea level", "m"),
        Column("lat_deg", NUMBER, "latitude, north positive", "deg", -90, 90),
        Column("lon_deg", NUMBER, "longitude, east positive", "deg", -180, 180),
        Column("temperature_c", NUMBER, "at the sensor", "°C"),
        Column("ground_contact_ms", NUMBER, "stance time", "ms", 0),
        Column("vertical_oscillation_mm", NUMBER, "rise and fall of the trunk", "mm", 0),
    ),
)

_SPAN: Final = (
    Column("start_utc", INSTANT, "first instant", key=True),
    Column("sport", TEXT, "running, trail_running, treadmill_running, cycling, …"),
    Column("distance_m", NUMBER, "distance", "m", 0),
    Column("moving_s", NUMBER, "time without pauses", "s", 0),
    Column("elapsed_s", NUMBER, "time from start to end", "s", 0),
    Column("hr_mean_bpm", NUMBER, "mean heart rate", "beats/min", 20, 250),
    Column("hr_max_bpm", NUMBER, "highest heart rate", "beats/min", 20, 255),
    Column("climb_m", NUMBER, "metres climbed", "m", 0),
)

LAPS: Final = Table("laps", "one lap of an activity", _SPAN)
SESSIONS: Final = Table("sessions", "one sport of an activity", _SPAN)

RUNS: Final = Table(
    "runs",
    "one training session (of any sport)",
    (
        ATHLETE,
        Column("start_utc", INSTANT, "start", key=True),
        Column("utc_offset_s", NUMBER, "local time minus UTC at the start", "s", -50_400, 50_400),
        Column("sport", TEXT, "running, trail_running, treadmill_running, cycling, strength, …"),
        Column("distance_m", NUMBER, "distance", "m", 0, 1_000_000),
        Column("moving_s", NUMBER, "time without pauses", "s", 0, 864_000),
        Column("elapsed_s", NUMBER, "time from start to end", "s", 0, 2_592_000),
        Column("hr_mean_bpm", NUMBER, "mean heart rate", "beats/min", 20, 250),
        Column("hr_max_bpm", NUMBER, "highest heart rate", "beats/min", 20, 255),
        Column("climb_m", NUMBER, "metres climbed", "m", 0, 50_000),
        Column("temperature_c", NUMBER, "mean at the sensor", "°C", -60, 70),
        Column("race", YES_NO, "an all-out effort"),
        Column("rpe", NUMBER, "effort of the whole session", "points", 0, 10),
        Column("legs", NUMBER, "legs after the run, 10 springy", "points", 0, 10),
        Column("hit_pace", TEXT, "was the planned pace held", choices=v.HIT_PACE),
        Column("harder_than_it_should", YES_NO, "felt harder than it should"),
        Column("load_lu", NUMBER, "load; 100 is 60 min at the second threshold", "LU", 0, 5_000),
        Column("load_quality", NUMBER, "how good the load figure is", "0..1", 0, 1),
        Column("load_method", TEXT, "which way of science A.11 gave the load"),
        Column("z1_s", NUMBER, "time below the first threshold", "s", 0),
        Column("z2_s", NUMBER, "time between the thresholds", "s", 0),
        Column("z3_s", NUMBER, "time above the second threshold", "s", 0),
        Column("graded_speed_mps", NUMBER, "normalised graded speed", "m/s", 0, 15),
        Column("quality_session", YES_NO, "hard on purpose: race, tempo, intervals"),
        Column("flags", WORDS, "what may be wrong with the recording", choices=v.RUN_FLAGS),
    ),
)

NIGHTS: Final = Table(
    "nights",
    "one night as one source saw it",
    (
        ATHLETE,
        Column("date", DAY, "local date of waking", key=True),
        Column("source", TEXT, "device or service; a baseline never mixes two", key=True),
        Column("fell_asleep_utc", INSTANT, "fell asleep"),
        Column("woke_utc", INSTANT, "woke"),
        Column("utc_offset_s", NUMBER, "local time minus UTC on waking", "s", -50_400, 50_400),
        Column("sleep_s", NUMBER, "asleep", "s", 0, 86_400),
        Column("in_bed_s", NUMBER, "in bed", "s", 0, 86_400),
        Column("hr_night_bpm", NUMBER, "mean heart rate asleep", "beats/min", 25, 150),
        Column("hr_rest_bpm", NUMBER, "resting heart rate", "beats/min", 25, 150),
        Column("rmssd_ms", NUMBER, "heart-rate variability, RMSSD", "ms", 1, 400),
        Column("sdnn_ms", NUMBER, "heart-rate variability, SDNN; never taken for RMSSD", "ms", 1, 500),
        Column("hrv_source", TEXT, "where the RMSSD comes from"),
        Column("hr_source", TEXT, "where the resting and night heart rates come from"),
    ),
)

_ANSWERS: Final = (
    _answer("energy", "10 full, 0 empty"),
    _answer("leg_freshness", "10 springy, 0 dead-heavy"),
    _answer("soreness", "10 worst"),
    _answer("sleep_quality", "10 best"),
    _answer("stress", "10 worst"),
    _answer("stress_work", "10 worst"),
    _answer("stress_home", "10 worst"),
    _answer("mood", "10 best"),
    _answer("relax", "10 easy to switch off"),
    _answer("wish_to_run", "10 keen"),
    _answer("readiness", "10 ready; feeds no sign"),
    _answer("appetite", "10 hungry as usual"),
    Column("bowel", TEXT, "stool", choices=v.BOWEL),
    Column("ate_enough", TEXT, "yesterday", choices=v.ATE_ENOUGH),
    Column("ill", TEXT, "illness and where", choices=v.ILLNESS),
    _answer("pain", "10 worst"),
    Column("pain_where", TEXT, "place of the pain, in the runner's words"),
    Column("pain_sharp", YES_NO, "sharp, localised or limping"),
    Column("weight_kg", NUMBER, "body weight", "kg", 25, 250),
    Column("systolic_mmhg", NUMBER, "upper blood pressure", "mmHg", 60, 260),
    Column("diastolic_mmhg", NUMBER, "lower blood pressure", "mmHg", 30, 160),
    Column("period_started", YES_NO, "true on day one"),
    Column("sleep_habits", WORDS, "the habits kept", choices=v.SLEEP_HABITS),
    Column("strength_done", YES_NO, "a strength session yesterday"),
    Column("stretching_done", YES_NO, "stretching yesterday"),
    Column("rest_test", TEXT, "after the two easy days of a rest test: are the legs back", choices=v.REST_TEST),
    Column("symptoms", WORDS, "something worrying", choices=v.SYMPTOMS),
    Column("checked_by_doctor", YES_NO, "answers the same-week flags open that day"),
)

CHECKINS: Final = Table(
    "checkins",
    "one morning's answers",
    (
        ATHLETE,
        Column("date", DAY, "local date", key=True),
        *_ANSWERS,
        Column("note", TEXT, "in the runner's words"),
        Column("feels", TEXT, "against yesterday's verdict", choices=("better", "worse")),
        Column("looking_back", TEXT, "about an earlier date's verdict", choices=("right", "wrong")),
    ),
)

AFTER_RUN_ITEMS: Final = ("rpe", "legs", "hit_pace", "harder_than_it_should")
"""Answers given on a day about its run; they wait for the run if it is not here yet."""

ANSWER_COLUMNS: Final = (
    *(column for column in CHECKINS.columns if not column.key),
    *(RUNS.column(name) for name in AFTER_RUN_ITEMS),
)
"""Everything that can be said in one check-in."""

PROFILE: Final = Table(
    "profile",
    "what is known of the runner",
    (
        Column("birth_date", DAY, "date of birth"),
        Column("formula_sex", TEXT, "for formulas only", choices=("female", "male")),
        Column("height_cm", NUMBER, "height", "cm", 100, 250),
        Column("weight_kg", NUMBER, "body weight", "kg", 25, 250),
        Column("hr_max_bpm", NUMBER, "highest heart rate", "beats/min", 120, 240),
        Column("hr_rest_bpm", NUMBER, "resting heart rate", "beats/min", 25, 110),
        Column("hr_threshold_bpm", NUMBER, "heart rate at the second threshold", "beats/min", 90, 230),
        Column("threshold_mps", NUMBER, "speed sustainable for an hour", "m/s", 1.2, 7),
        Column("sleep_need_h", NUMBER, "hours to feel rested", "h", 4, 12),
        Column("home_time_zone", TEXT, "IANA name, such as Europe/Oslo"),
        Column("units", TEXT, "of what is shown", choices=("metric", "imperial")),
        Column(
            "cycle",
            TEXT,
            "menstrual cycle",
            choices=("natural", "hormonal", "none", "perimenopause", "pregnant", "postpartum", "off"),
        ),
        Column("hr_medication", YES_NO, "medication that changes heart rate"),
        Column("chronic_condition", YES_NO, "a condition a doctor follows"),
        Column("overtrained_before", DAY, "when an earlier overtraining began"),
        Column("overload_until", DAY, "last day of a planned camp"),
        Column("new_normal_since", DAY, "restarts the slow anchor"),
        Column("show_weight", YES_NO, "weight is shown"),
        Column("show_energy", YES_NO, "calories are shown"),
    ),
)

_YESTERDAY: Final = (
    Column("load_lu", NUMBER, "load of yesterday; 0 rested, null unknown", "LU", 0, 5_000),
    Column("load_quality", NUMBER, "how good that figure is", "0..1", 0, 1),
    Column("distance_m", NUMBER, "run yesterday", "m", 0, 1_000_000),
    Column("longest_run_m", NUMBER, "longest single run of yesterday", "m", 0, 1_000_000),
    Column("moving_s", NUMBER, "moving time of yesterday", "s", 0, 864_000),
    Column("z1_s", NUMBER, "easy time of yesterday", "s", 0),
    Column("z2_s", NUMBER, "grey time of yesterday", "s", 0),
    Column("z3_s", NUMBER, "hard time of yesterday", "s", 0),
    Column("rpe", NUMBER, "effort of yesterday's hardest session", "points", 0, 10),
    Column("legs", NUMBER, "legs after yesterday's run, 10 springy", "points", 0, 10),
    Column("hit_pace", TEXT, "planned pace held yesterday", choices=v.HIT_PACE),
    Column("harder_than_it_should", YES_NO, "yesterday's run felt harder than it should"),
    Column("quality_session", YES_NO, "yesterday held a session hard on purpose"),
    Column("performance_ln", NUMBER, "log of the speed index of a near-maximal effort yesterday"),
    Column("performance_sd", NUMBER, "its standard deviation", "", 0, 1),
    Column("hr_residual_sd", NUMBER, "heart rate above what pace and heat explain", "SD", -20, 20),
    Column("rpe_residual_sd", NUMBER, "effort above what pace and length explain", "SD", -20, 20),
    Column("temperature_c", NUMBER, "mean of yesterday's runs", "°C", -60, 70),
)

DAYS: Final = Table(
    "days",
    "one athlete's morning: that morning's answers and night, and the runs up to the day before",
    (
        ATHLETE,
        Column("date", DAY, "local date", key=True),
        *_ANSWERS,
        Column("sleep_s", NUMBER, "asleep last night", "s", 0, 86_400),
        Column("in_bed_s", NUMBER, "in bed last night", "s", 0, 86_400),
        Column("hr_night_bpm", NUMBER, "mean heart rate last night", "beats/min", 25, 150),
        Column("hr_rest_bpm", NUMBER, "resting heart rate", "beats/min", 25, 150),
        Column("rmssd_ms", NUMBER, "RMSSD of last night", "ms", 1, 400),
        Column("hrv_source", TEXT, "where the RMSSD comes from"),
        Column("hr_source", TEXT, "where the resting and night heart rates come from"),
        Column(
            "fell_asleep_min",
            NUMBER,
            "fell asleep, minutes after local midnight (negative before it)",
            "min",
            -1440,
            1440,
        ),
        Column("woke_min", NUMBER, "woke, minutes after local midnight", "min", -1440, 2880),
        *_YESTERDAY,
    ),
)

VERDICTS: Final = Table(
    "verdicts",
    "one athlete's verdict of one morning",
    (
        ATHLETE,
        Column("date", DAY, "local date", key=True),
        Column("state", TEXT, "what the runner is told", choices=v.STATES),
        *(Column(f"p_{state}", NUMBER, f"probability of {state}", "", 0, 1) for state in v.CHAIN_STATES),
        *(Column(f"strength_{sign}", NUMBER, f"strength of {sign}", "0..1", 0, 1) for sign in v.SIGNS),
        *(Column(f"log_ratio_{group}", NUMBER, f"log-evidence of {group}") for group in v.GROUPS),
    ),
)

CARRY: Final = Table(
    "carry",
    "what an athlete's next day needs of all days before",
    (
        ATHLETE,
        Column("date", DAY, "the last day judged", key=True),
        Column("version", TEXT, "of the columns and of the model's numbers; another one is refused"),
        Column("layout", TEXT, "JSON: the columns of days ever measured, and which places of the lists hold what"),
        Column("numbers", pl.List(NUMBER), "the last values of each window looked back upon, and trends"),
        Column("counts", pl.List(pl.Int64()), "counts and days since"),
        Column("flags", pl.List(pl.UInt8()), "the last days of what holds (1) or not (0)"),
    ),
)

BATCH_VERDICTS: Final = Table(
    "batch_verdicts",
    "one athlete's verdict of one morning, as a batch writes it",
    (
        *VERDICTS.columns,
        Column("schema_version", pl.Int64(), "version of the documents and tables"),
        Column("parameters", TEXT, "hash of the table of parameters with which it was judged"),
    ),
)

REFUSED_ROWS: Final = Table(
    "refused_rows",
    "one fault in one row of a population's days",
    (
        Column("athlete", TEXT, "as it was given"),
        Column("date", TEXT, "as it was given"),
        Column("column", TEXT, "where the fault is"),
        Column("value", TEXT, "what stood there"),
        Column("reason", TEXT, "why it could not be used, and what was done instead"),
        Column("row", TEXT, "the whole row, as JSON"),
    ),
)

STORY: Final = Table(
    "story",
    "one morning of the long view: the verdict, every trend, and what is usual for the runner",
    (
        ATHLETE,
        Column("date", DAY, "local date", key=True),
        *VERDICTS.columns[2:7],
        Column("retrospective", YES_NO, "worked out afterwards, never told that morning"),
        *(Column(f"strength_{sign}", NUMBER, f"strength of {sign}", "0..1", 0, 1) for sign in v.SIGNS),
        *(Column(f"since_{sign}", DAY, f"first day of the present spell of {sign}") for sign in v.SIGNS),
        Column("load_lu", NUMBER, "load of yesterday; 0 rested, null unknown", "LU", 0, 5_000),
        Column("fitness_lu", NUMBER, "trend of load over six weeks", "LU", 0),
        Column("fatigue_lu", NUMBER, "trend of load over one week", "LU", 0),
        Column("monotony", NUMBER, "of the last seven days", "", 0, 10),
        Column("strain_lu", NUMBER, "of the last seven days", "LU", 0),
        Column("easy_share", NUMBER, "share of the zoned time of 28 days that was easy", "0..1", 0, 1),
        Column("hard_share", NUMBER, "share of the days with load of 28 that held a hard session", "0..1", 0, 1),
        Column("session_spike", NUMBER, "yesterday's longest run over the longest of 30 days", "", 0),
        Column("distance_m", NUMBER, "run yesterday", "m", 0, 1_000_000),
        Column("longest_run_m", NUMBER, "longest single run of yesterday", "m", 0, 1_000_000),
        Column("moving_s", NUMBER, "moving time of yesterday", "s", 0, 864_000),
        Column("z1_s", NUMBER, "easy time of yesterday", "s", 0),
        Column("z2_s", NUMBER, "grey time of yesterday", "s", 0),
        Column("z3_s", NUMBER, "hard time of yesterday", "s", 0),
        Column("sleep_s", NUMBER, "asleep last night", "s", 0, 86_400),
        Column("sleep_low_s", NUMBER, "a quarter of the last 42 nights were shorter", "s", 0, 86_400),
        Column("sleep_high_s", NUMBER, "a quarter of the last 42 nights were longer", "s", 0, 86_400),
        Column("sleep_need_h", NUMBER, "hours to feel rested, told or assumed", "h", 4, 12),
        Column("sleep_debt_h", NUMBER, "missing from it over seven nights", "h", 0),
        Column("sleep_regularity", NUMBER, "sleep regularity index of 14 nights", "", -100, 100),
        Column("hr_rest_bpm", NUMBER, "resting heart rate", "beats/min", 25, 150),
        Column("hr_rest_low_bpm", NUMBER, "a spread below the usual", "beats/min"),
        Column("hr_rest_high_bpm", NUMBER, "a spread above the usual", "beats/min"),
        Column("hr_night_bpm", NUMBER, "mean heart rate last night", "beats/min", 25, 150),
        Column("hr_night_low_bpm", NUMBER, "a spread below the usual", "beats/min"),
        Column("hr_night_high_bpm", NUMBER, "a spread above the usual", "beats/min"),
        Column("rmssd_ms", NUMBER, "RMSSD of last night", "ms", 1, 400),
        Column("rmssd_week_ms", NUMBER, "geometric mean of seven nights", "ms"),
        Column("rmssd_low_ms", NUMBER, "below it the week counts as low", "ms"),
        Column("rmssd_high_ms", NUMBER, "above it the week counts as high", "ms"),
        Column("ill", YES_NO, "ill that morning; null when it was not answered"),
    ),
)

EVENTS: Final = Table(
    "events",
    "something that marks a day of the long view",
    (
        Column("date", DAY, "local date", key=True),
        Column("kind", TEXT, "what it is", choices=("race", "note", "ill", "action", "change"), key=True),
        Column("text", TEXT, "in words"),
    ),
)

FORECAST: Final = Table(
    "forecast",
    "how tired one day will feel, as seen from an earlier one",
    (
        ATHLETE,
        Column("date", DAY, "the morning it was made", key=True),
        Column("horizon_d", pl.Int64(), "days ahead", "d", key=True),
        Column("energy_mean", NUMBER, "expected energy", "points", 0, 10),
        Column("energy_sd", NUMBER, "its spread", "points", 0),
        Column("p_tired", NUMBER, "probability of a full own spread or more below the usual", "", 0, 1),
    ),
)

PLAN: Final = Table(
    "plan",
    "one planned session",
    (
        Column("uid", TEXT, "stable name of the session", key=True),
        Column("date", DAY, "local date"),
        Column("kind", TEXT, "kind of session", choices=v.PLAN_KINDS),
        Column("duration_s", NUMBER, "planned time", "s", 0, 172_800),
        Column("distance_m", NUMBER, "planned distance", "m", 0, 500_000),
        Column("load_lu", NUMBER, "planned load", "LU", 0, 5_000),
        Column("optional", YES_NO, "may be left out"),
        Column(
            "start_min",
            NUMBER,
            "planned start, minutes after local midnight; null for any time of the day",
            "min",
            0,
            1439,
        ),
        Column("title", TEXT, "what the plan calls it"),
        Column("note", TEXT, "what the plan says about it"),
    ),
)

CHANGES: Final = Table(
    "changes",
    "one proposed change of one planned session",
    (
        Column("uid", TEXT, "the session", key=True),
        Column("date", DAY, "its date"),
        Column("operator", TEXT, "what was done to it (science J.7)"),
        Column("rule", TEXT, "the rule that asked for it"),
        Column("why", TEXT, "the reason, in words"),
        Column("load_before_lu", NUMBER, "load before", "LU", 0, 5_000),
        Column("load_after_lu", NUMBER, "load after", "LU", 0, 5_000),
    ),
)

ALL: Final = (
    RECORDS,
    LAPS,
    SESSIONS,
    RUNS,
    NIGHTS,
    CHECKINS,
    PROFILE,
    DAYS,
    VERDICTS,
    STORY,
    EVENTS,
    FORECAST,
    PLAN,
    CHANGES,
    BATCH_VERDICTS,
    REFUSED_ROWS,
)

Profile = Mapping[str, Any] | pl.DataFrame | None
"""What is known of one runner (keys of `PROFILE`), or a frame of many with an ``athlete`` column."""


def profile_of(profile: Profile, athlete: str) -> dict[str, Any]:
    """The known entries of one athlete; a plain mapping holds for every athlete.

    >>> profile_of({"hr_max_bpm": 190.0, "weight_kg": None}, "me")
    {'hr_max_bpm': 190.0}
    """
    if profile is None:
        return {}
    if isinstance(profile, pl.DataFrame):
        rows = profile.filter(pl.col("athlete") == athlete).to_dicts()
        found: Mapping[str, Any] = rows[0] if rows else {}
    else:
        found = profile
    return {key: value for key, value in found.items() if value is not None and key != "athlete"}
