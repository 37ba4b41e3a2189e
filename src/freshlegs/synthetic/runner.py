"""A seeded made runner whose truth is known: half a year that ends in excessive fatigue.

Sixteen good weeks, then short nights and easy days run too hard; fatigue beyond the normal builds up from both.
The model knows nothing of this file; it sees files, nights and answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import numpy as np

from freshlegs.synthetic.body import Body, Condition, Samples, Segment, run
from freshlegs.synthetic.course import Course, make_course
from freshlegs.units import zone

ZONE: Final = "Europe/Oslo"
WEEKS: Final = 26
SLEEP_NEED_H: Final = 7.75
SLIDE_D: Final = 70
"""Days before the end at which nights shorten and easy days harden."""
SETTLE_D: Final = 14
"""Days over which both habits set in."""
EXCESS_AT: Final = 0.5
"""Excess fatigue from which the planted state is *excessive*."""
GRAVITY: Final = {"sleep": 0.6, "training": 0.4}
"""How much one day of each habit at full strength adds to the excess, relative to the other."""
BUILD_D: Final = 48.0
"""Days of both habits at full strength that bring the excess to 1, were nothing lost on the way."""
FADE_D: Final = 90.0
SLOWER: Final = 0.065
"""Share of speed lost at full excess."""

CLOCK_H: Final = {"easy": 17.4, "tempo": 17.2, "intervals": 17.2, "trial": 9.0, "long": 9.2}


@dataclass(slots=True)
class Truth:
    """What was planted: the state of every morning, the causes' shares, when each habit and state began."""

    seed: int
    first: date
    last: date
    profile: dict[str, Any]
    state: dict[date, str] = field(default_factory=dict)
    excess: dict[date, float] = field(default_factory=dict)
    causes: dict[str, float] = field(default_factory=dict)
    onset: dict[str, date] = field(default_factory=dict)
    runs: int = 0
    nights: int = 0
    checkins: int = 0
    """Mornings answered; on some other days there is only a word after the run."""


@dataclass(frozen=True, slots=True)
class Run:
    """One made run: when, what, its samples, and the answers after it."""

    start_utc: datetime
    utc_offset_s: float
    kind: str
    samples: Samples
    segments: tuple[Segment, ...]
    rpe: float
    after: dict[str, Any]

    @property
    def day(self) -> date:
        """The local day of the start."""
        return self.start_utc.astimezone(zone(ZONE)).date()


@dataclass(slots=True)
class Life:
    """Everything that happened: runs, nights, answers (rows of the house's tables), and the truth."""

    truth: Truth
    body: Body
    runs: list[Run] = field(default_factory=list)
    nights: list[dict[str, Any]] = field(default_factory=list)
    checkins: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class _Shape:
    """What a day carries over to the next."""

    excess: float = 0.0
    acute: float = 45.0
    chronic: float = 45.0
    legs: float = 0.0
    ill_d: int = 0
    shares: dict[str, float] = field(default_factory=lambda: {"sleep": 0.0, "training": 0.0})


def live(
    end: date,
    seed: int = 7,
    weeks: int = WEEKS,
    *,
    keep: Callable[[Run], None] | None = None,
    skipped: float = 0.03,
) -> Life:
    """The weeks up to the morning of ``end`` (no run on that day: it is a morning).

    Runs are handed to ``keep`` one by one as they are made (samples of ten years do not fit in memory), or
    gathered in `Life.runs`; ``skipped`` is the share of planned runs that did not happen.
    """
    rng = np.random.default_rng(seed)
    body = Body()
    days = weeks * 7
    first = end - timedelta(days=days - 1)
    life = Life(Truth(seed, first, end, _profile(end, body)), body)
    truth, shape, courses = life.truth, _Shape(), _courses(rng)
    slide = end - timedelta(days=SLIDE_D)
    truth.onset = {"short_sleep": slide, "hard_easy_days": slide + timedelta(days=4)}
    for number in range(days):
        today = first + timedelta(days=number)
        sleep_s = _night(life, today, _settled(today, truth.onset["short_sleep"]), shape, rng)
        ill = _illness(number, shape)
        answers = _morning(shape, sleep_s, ill, rng)
        kind = _kind(number, today, end)
        load = 0.0
        if kind is not None and today < end and not ill and rng.random() >= skipped:
            hard = _settled(today, truth.onset["hard_easy_days"])
            made, load = _train(body, kind, today, number, hard, shape, courses[kind], rng)
            (keep or life.runs.append)(made)
            truth.runs += 1
            answers |= made.after
        if answers:
            life.checkins.append({"date": today} | answers)
        _carry(truth, today, shape, sleep_s, load)
    _close(life, shape)
    return life


def _profile(end: date, body: Body) -> dict[str, Any]:
    return {
        "birth_date": date(end.year - 38, 3, 14),
        "formula_sex": "female",
        "height_cm": 170.0,
        "hr_max_bpm": body.hr_max_bpm,
        "hr_threshold_bpm": round(body.hr_at_zero_bpm + body.hr_per_mps * body.threshold_mps),
        "sleep_need_h": SLEEP_NEED_H,
        "home_time_zone": ZONE,
        "cycle": "hormonal",
    }


def _courses(rng: np.random.Generator) -> dict[str, Course]:
    return {
        "easy": make_course(rng, 8200.0, 0.8),
        "tempo": make_course(rng, 2600.0, 0.15),
        "intervals": make_course(rng, 2000.0, 0.1),
        "trial": make_course(rng, 2500.0, 0.05),
        "long": make_course(rng, 17_500.0, 1.0),
    }


def _settled(today: date, onset: date) -> float:
    """How far a habit has set in, 0 to 1."""
    return float(np.clip((today - onset).days / SETTLE_D, 0.0, 1.0))


def _illness(number: int, shape: _Shape) -> bool:
    """A cold of four days in the eighth week, and every half year after it."""
    since = number % 190 - 51
    shape.ill_d = since if 0 <= since < 4 else -1
    return shape.ill_d >= 0


def _night(life: Life, today: date, short: float, shape: _Shape, rng: np.random.Generator) -> float:
    """The night that ends this morning; gives the sleep (s), also when the watch was not worn."""
    weekend = today.weekday() >= 5
    asleep_h = float(np.clip(rng.normal(7.7 - 1.75 * short + 0.4 * weekend, 0.45), 4.0, 9.5))
    in_bed_h = asleep_h / float(np.clip(rng.normal(0.925 - 0.03 * short, 0.015), 0.75, 0.99))
    bed_at = 22.9 + 1.1 * short + 0.4 * weekend + rng.normal(0.0, 0.3 + 0.2 * short)
    worn = rng.random() > 0.05
    ill = 5.0 if shape.ill_d >= 0 else 0.0
    heart = 49.0 + 2.6 * shape.excess + 0.02 * (shape.acute - shape.chronic) + ill + rng.normal(0.0, 1.1)
    lnrmssd = 4.1 - 0.10 * shape.excess - 0.05 * (ill > 0) + rng.normal(0.0, 0.12)
    if not worn:
        return asleep_h * 3600.0
    slept_off = _instant(today - timedelta(days=1), bed_at + 0.5 * (in_bed_h - asleep_h))
    woke = slept_off + timedelta(hours=asleep_h + 0.4 * (in_bed_h - asleep_h))
    life.nights.append(
        {
            "date": today,
            "source": "watch",
            "fell_asleep_utc": slept_off,
            "woke_utc": woke,
            "utc_offset_s": _offset(woke),
            "sleep_s": round(asleep_h * 60.0) * 60.0,
            "in_bed_s": round(in_bed_h * 60.0) * 60.0,
            "hr_night_bpm": round(heart, 1),
            "hr_rest_bpm": float(round(heart - 3.5 + rng.normal(0.0, 0.6))),
            "rmssd_ms": round(float(np.exp(lnrmssd)), 1),
            "hrv_source": "watch_night",
        }
    )
    return asleep_h * 3600.0


def _instant(day: date, hour: float) -> datetime:
    """The UTC instant of a local clock time (hours, may pass midnight) of a day at home, to the minute."""
    start = datetime.combine(day, time(12), zone(ZONE)).astimezone(UTC)
    instant = start + timedelta(minutes=round((hour - 12.0) * 60.0))
    return instant.astimezone(UTC)


def _offset(instant: datetime) -> float:
    local = instant.astimezone(zone(ZONE)).utcoffset()
    return local.total_seconds() if local is not None else 0.0


def _morning(shape: _Shape, sleep_s: float, ill: bool, rng: np.random.Generator) -> dict[str, Any]:
    """The answers of a morning; some mornings none, some items only now and then."""
    e, tired = shape.excess, shape.legs
    short = max(0.0, 7.2 - sleep_s / 3600.0)
    sick = 1.5 if ill else 0.0
    wanted = {
        "energy": 7.0 - 2.9 * e - 0.7 * tired - 0.35 * short - 2 * sick,
        "leg_freshness": 6.9 - 2.8 * e - 1.3 * tired - 0.5 * sick,
        "soreness": 2.2 + 1.8 * e + 1.3 * tired,
        "sleep_quality": 7.2 - 1.0 * short - 0.6 * e - sick,
        "stress": 3.2 + 0.2 * e,
        "mood": 7.2 - 1.5 * e - 0.2 * short - 0.5 * sick,
        "relax": 7.0 - 0.6 * e,
        "wish_to_run": 7.4 - 1.9 * e - 0.3 * tired - 2 * sick,
        "appetite": 7.6 - 0.5 * e - sick,
    }
    noise = rng.normal(0.0, 0.75, len(wanted))
    asked = rng.random(len(wanted)) < np.array([1, 1, 1, 1, 0.75, 0.75, 0.45, 0.5, 0.4])
    answered = rng.random() < 0.92
    answers: dict[str, Any] = {
        item: float(np.clip(round(value + wobble), 0, 10))
        for (item, value), wobble, yes in zip(wanted.items(), noise, asked, strict=True)
        if yes
    }
    answers["ill"] = "above_neck" if ill else "none"
    answers["ate_enough"] = "yes" if rng.random() < 0.93 else "unsure"
    return answers if answered else {}


def _train(
    body: Body,
    kind: str,
    today: date,
    number: int,
    hard: float,
    shape: _Shape,
    course: Course,
    rng: np.random.Generator,
) -> tuple[Run, float]:
    """Today's run and its load (LU)."""
    progress = number / (WEEKS * 7)
    form = 1.0 + 0.02 * min(progress / 0.55, 1.0) - SLOWER * shape.excess
    season = 6.0 - 9.5 * np.cos(2 * np.pi * (today.timetuple().tm_yday - 20) / 365.0)
    condition = Condition(form, shape.excess, float(season + rng.normal(0, 2.5)), float(rng.normal(0, 1.3)))
    light = (number // 7) % 4 == 3 and hard == 0.0
    segments = _segments(kind, body, form, hard, light, number, rng)
    samples = run(body, course, segments, condition, rng)
    start = _instant(today, CLOCK_H[kind] + rng.normal(0.0, 0.25)) + timedelta(seconds=int(rng.integers(60)))
    strain = float(np.mean((samples.graded_mps / (form * body.threshold_mps)) ** 4) ** 0.25)
    hours = samples.seconds / 3600.0
    rpe = _effort(kind, strain, hours, shape, rng)
    made = Run(start, _offset(start), kind, samples, tuple(segments), rpe, _after(kind, shape, rng))
    return made, 100.0 * hours * strain**2


def _kind(number: int, today: date, end: date) -> str | None:
    """The week's pattern; a five-kilometre trial instead of Saturday's easy run every other week."""
    weekday, week = today.weekday(), (end - today).days // 7
    if weekday == 5:
        return "trial" if week % 2 == 0 else "easy"
    pattern = {1: "easy", 2: "tempo" if week % 2 else "intervals", 3: "easy", 6: "long"}
    if weekday == 4 and number % 14 < 7:
        return "easy"
    return pattern.get(weekday)


def _segments(
    kind: str, body: Body, form: float, hard: float, light: bool, number: int, rng: np.random.Generator
) -> list[Segment]:
    """The plan of a session as it was run; easy days creep into the grey zone as ``hard`` goes to 1."""
    threshold = body.threshold_mps
    easy = threshold * (0.765 + 0.105 * hard) * (1.0 + rng.normal(0, 0.012))
    part = 0.72 if light else 1.0
    if kind in ("easy", "long"):
        metres = 8600.0 if kind == "easy" else 15_500.0 + 1500.0 * ((number // 7) % 4)
        metres = metres * part * (1.0 + rng.normal(0, 0.06))
        pace = easy * (0.985 if kind == "long" else 1.0)
        laps = int(metres // 1000)
        return [Segment(1000.0, pace)] * laps + [Segment(max(metres - 1000.0 * laps, 60.0), pace)]
    warm, cool = Segment(2000.0, 0.97 * easy), Segment(1500.0, 0.93 * easy)
    if kind == "tempo":
        return [warm, Segment(5000.0 * part, 0.985 * threshold * form, hard=True), cool]
    if kind == "trial":
        return [warm, Segment(5000.0, form * body.race_speed_mps(5000.0), hard=True), cool]
    repeats = 3 if light else 5
    work, jog = Segment(1000.0, 1.045 * threshold * form, hard=True), Segment(400.0, 0.68 * threshold)
    return [warm, *([work, jog] * repeats), cool]


def _effort(kind: str, strain: float, hours: float, shape: _Shape, rng: np.random.Generator) -> float:
    """Effort of the whole session, in halves: pace against form, length, tired legs, and the excess."""
    base = {"tempo": 6.0, "intervals": 7.0, "trial": 9.3}.get(kind)
    if base is None:
        base = 2.7 + 12.0 * (strain - 0.78) + 1.5 * np.log(max(hours, 0.3) / 0.9)
    felt = base + 0.3 * shape.legs + 1.7 * shape.excess + rng.normal(0, 0.4)
    return float(np.clip(round(2 * felt) / 2, 9 if kind == "trial" else 1, 10))


def _after(kind: str, shape: _Shape, rng: np.random.Generator) -> dict[str, Any]:
    """The answers after a run, four times of five."""
    e = shape.excess
    legs = float(np.clip(round(6.6 - 2.7 * e - 0.9 * shape.legs + rng.normal(0, 0.7)), 0, 10))
    harder = bool(rng.random() < 0.06 + 0.6 * e)
    missed = rng.random() < 0.05 + 0.42 * e
    answers: dict[str, Any] = {"legs": legs, "harder_than_it_should": harder}
    if kind in ("tempo", "intervals"):
        answers["hit_pace"] = ("no" if e > 0.6 else "partly") if missed else "yes"
    return answers if rng.random() < 0.8 else {}


def _carry(truth: Truth, today: date, shape: _Shape, sleep_s: float, load: float) -> None:
    """From today to tomorrow: normal fatigue comes and goes, the excess builds up from the two habits."""
    truth.excess[today] = shape.excess
    freshish = shape.acute < 0.9 * shape.chronic
    normal = "fresh" if shape.excess < 0.15 and freshish else "cumulative"
    truth.state[today] = "excessive" if shape.excess >= EXCESS_AT else normal
    short = float(np.clip((7.2 - sleep_s / 3600.0) / 1.2, 0.0, 1.5))
    grey = _settled(today, truth.onset["hard_easy_days"])
    gains = {"sleep": GRAVITY["sleep"] * short, "training": GRAVITY["training"] * grey}
    if _settled(today, truth.onset["short_sleep"]) > 0.0:
        for cause, gain in gains.items():
            shape.shares[cause] += gain
            shape.excess += gain / BUILD_D
    shape.excess = min(1.0, shape.excess * (1.0 - 1.0 / FADE_D))
    shape.acute += (1 - np.exp(-1 / 7)) * (load - shape.acute)
    shape.chronic += (1 - np.exp(-1 / 42)) * (load - shape.chronic)
    shape.legs = 0.45 * shape.legs * (1.0 + 0.4 * shape.excess) + load / 110.0


def _close(life: Life, shape: _Shape) -> None:
    """Sum up what was planted."""
    truth, total = life.truth, sum(shape.shares.values())
    truth.causes = {cause: gained / total for cause, gained in shape.shares.items()}
    bad = [day for day, state in truth.state.items() if state == "excessive"]
    if bad:
        truth.onset["excessive"] = bad[0]
    truth.nights = len(life.nights)
    truth.checkins = sum("energy" in row for row in life.checkins)
