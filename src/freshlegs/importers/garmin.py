"""Garmin Connect: the JSON of the export (``DI_CONNECT``) and the payloads of its API.

Read are activities, sleep, resting heart rate, nightly HRV and weight; an entry is known by its names, whatever the
file is called. The export counts milliseconds and centimetres where the API has seconds and metres; which of
them a file uses is found from its own runs, because exports have differed.

* A night has the date of waking, which is Garmin's ``calendarDate``. Asleep is deep, light and REM sleep; a night
  without stages (the watch not worn, a default window) gives no sleep. In bed is from falling asleep to waking,
  because Garmin knows no more; the time it takes to fall asleep is missing in it.
* The resting heart rate of a date, the lowest half-hour of that day, is given to the night that ended on it, where it
  nearly always lies. Of the two in the export that of the day counts, unless it lies far from the smoothed one: then
  it is an artefact.
* ``lastNightAvg`` (in the export the day's ``HRV``) is the night's RMSSD. The weekly average is not used.
* Garmin's stress is worked out from heart rate and is no answer of the runner; it has no place in the tables.
* Of several weights of a day the first counts, the morning's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

import numpy as np

from freshlegs import tables
from freshlegs.importers import nights, payload, sports
from freshlegs.importers.contract import Reading, Source
from freshlegs.importers.delimited import Faults
from freshlegs.importers.payload import number
from freshlegs.problems import UnreadableFile
from freshlegs.vocabulary import RUNNING_SPORTS

KIND: Final = "Garmin Connect"
YIELDS: Final = frozenset({"runs", "nights", "checkins"})
SERVICE: Final = "garmin"

_EXPORTED: Final = "summarizedActivitiesExport"

_ONE_NAME: Final = frozenset(
    {
        *(_EXPORTED, "dailySleepDTO", "hrvSummary", "hrvSummaries", "dailyWeightSummaries", "dateWeightList"),
        *("calendarDate", "userProfilePK", "userProfilePk", "activityTypeDTO", "bodyBatteryValuesArray"),
        *("weeklyTrainingStatus", "monthlyTrainingStatus", "mostRecentTrainingStatus"),
    }
)
_TWO_NAMES: Final = (
    frozenset({"activityId", "startTimeLocal"}),
    frozenset({"activityId", "startLocal"}),
    frozenset({"activityId", "beginTimestamp"}),
    frozenset({"zone1Floor", "maxHeartRateUsed"}),
)

_NOT_NEEDED: Final[Mapping[str, str]] = {
    "valueInML": "what was drunk",
    "hydrationSource": "what was drunk",
    "zone1Floor": "heart-rate zones; freshlegs profile takes your own",
    "startLocal": "a list of activities without their length",
    "bodyBatteryValuesArray": "body battery",
    "bodyBatteryImpact": "body battery",
    "overallStressLevel": "stress, worked out from heart rate; Freshlegs asks you instead",
    "stressChartValueOffset": "stress, worked out from heart rate; Freshlegs asks you instead",
    "acwrFactorPercent": "training readiness",
    "weeklyTrainingStatus": "Garmin's verdict on training",
    "monthlyTrainingStatus": "Garmin's verdict on training",
    "vo2MaxWeeklyStatistics": "Garmin's verdict on training",
    "vo2MaxMonthlyStatistics": "Garmin's verdict on training",
    "mostRecentVO2Max": "Garmin's verdict on training",
    "trainingStatus": "Garmin's verdict on training",
    "vo2MaxValue": "an estimate of VO2max",
    "totalSteps": "steps",
    "stepGoal": "steps",
    "averageSteps": "steps",
    "moderateValue": "minutes of intensity",
    "value": "daily figures that do not say of what",
}
"""A name that gives a kind of entry away: what Garmin's entries of that kind are, in the order they are tried."""

_NO_HRV: Final = frozenset({0.0, 255.0, 511.0})
_NO_HEART_RATE: Final = frozenset({-1.0, 0.0, 255.0})
"""What Garmin writes where it knows nothing."""

_GRAMS_FROM: Final = 1000.0

_RACE: Final = 1
"""Garmin's type of event 1 is a race."""

_SCALES: Final = ((1000.0, 100.0), (1.0, 1.0), (1000.0, 1.0), (1.0, 100.0))
"""Units of a file in a second and in a metre: the export's, the API's, and mixtures."""

_RUN_MPS: Final = (0.8, 7.0)
_RUN_S: Final = (60.0, 2 * 86_400.0)
"""A run that can be: what tells the scale of a file."""


def recognise(head: bytes, name: str) -> bool:
    """Whether it is JSON with names that only Garmin uses, or uses together."""
    names = payload.names_in(head)
    return not names.isdisjoint(_ONE_NAME) or any(pair <= names for pair in _TWO_NAMES)


def read(source: Source) -> Reading:
    """Runs, nights and weights of one file; UnreadableFile for the figures that Freshlegs does not need.

    A file of a kind that is read but without a value (no weight that day) gives nothing, and no fault.
    """
    faults = Faults(source.name)
    found = _Found(faults)
    others: list[dict[str, Any]] = []
    known = 0
    for place, entry in payload.entries(source.data, faults, _EXPORTED):
        for one in _unwrapped(entry):
            if not isinstance(one, dict):
                continue
            if found.take(one, place):
                known += 1
            elif not others:
                others.append(one)
    if not known:
        raise UnreadableFile(_refusal(others[0] if others else {}))
    reading = Reading(KIND)
    reading.runs = found.runs()
    reading.nights = [night for _, night in sorted(found.nights.items()) if len(night) > len(("date", "source"))]
    reading.checkins = [
        row
        for on, (_, kg) in sorted(found.weights.items())
        if len(row := payload.possible({"date": on, "weight_kg": kg}, tables.CHECKINS, f"weight of {on}", faults)) > 1
    ]
    reading.problems = faults.listed()
    return reading


def _unwrapped(entry: Any) -> Iterable[Any]:
    """The entry, or the list it is only an envelope of."""
    if isinstance(entry, dict):
        for name in (_EXPORTED, "hrvSummaries", "dateWeightList"):
            if isinstance(entry.get(name), list):
                return entry[name] or [{name: []}]
        if isinstance(entry.get("dailyWeightSummaries"), list):
            return [
                weight
                for day in _dicts(entry["dailyWeightSummaries"])
                for weight in (_dicts(day.get("allWeightMetrics")) or _dicts([day.get("latestWeight")]))
            ] or [{"dateWeightList": []}]
    return (entry,)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _part(entry: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object within an entry; empty when there is none."""
    value = entry.get(name)
    return value if isinstance(value, dict) else {}


def _first(entry: Mapping[str, Any], *names: str) -> float | None:
    """The first of these that is a number."""
    return next((value for name in names if (value := number(entry.get(name))) is not None), None)


def _refusal(entry: Mapping[str, Any]) -> str:
    names = {*entry, *(name for value in entry.values() if isinstance(value, dict) for name in value)}
    what = next((what for name, what in _NOT_NEEDED.items() if name in names), "figures of another kind")
    return f"this is from Garmin: {what}; it is not needed and was not read"


class _Found:
    """What the entries of one file hold, day by day."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._activities: list[tuple[str, dict[str, Any]]] = []
        self.nights: dict[date, dict[str, Any]] = {}
        self.weights: dict[date, tuple[float, float]] = {}

    def take(self, entry: dict[str, Any], place: int) -> bool:
        """Keep what an entry holds; false when it is of no kind that is read."""
        for is_it, keep in _KINDS:
            if is_it(entry):
                keep(self, entry, f"entry {place}")
                return True
        return False

    # --- nights -------------------------------------------------------------------------------------------

    def _night(self, entry: Mapping[str, Any], values: Mapping[str, Any], where: str) -> None:
        """Add what is known of the night that ended on the entry's date; the first report of a value counts."""
        if all(value is None for value in values.values()):
            return
        on = payload.day(entry.get("calendarDate"))
        if on is None:
            self._faults.add(where, "it has no date, so it was left out")
            return
        kept = payload.possible(values, tables.NIGHTS, f"{where}, {on}", self._faults)
        night = self.nights.setdefault(on, {"date": on, "source": SERVICE})
        if "sleep_s" in kept and "sleep_s" in night:
            if kept["sleep_s"] <= night["sleep_s"]:
                return  # of two sleeps of a day the longer is the night
            for name in _OF_SLEEP:
                night.pop(name, None)
        for name, value in kept.items():
            night.setdefault(name, value)

    def sleep_payload(self, entry: Mapping[str, Any], where: str) -> None:
        """A day's sleep as the API gives it, with what stands around it."""
        night = _part(entry, "dailySleepDTO")
        self.sleep(night, where)
        rmssd = _known(_first(entry, "avgOvernightHrv"), _NO_HRV)
        around = {"hr_rest_bpm": _known(_first(entry, "restingHeartRate"), _NO_HEART_RATE), **_rmssd(rmssd)}
        self._night(night, around, where)

    def sleep(self, entry: Mapping[str, Any], where: str) -> None:
        """One sleep, of the API or the export."""
        stages = [_first(entry, f"{stage}SleepSeconds") for stage in ("deep", "light", "rem")]
        if "sleepTimeSeconds" in entry:
            asleep_s = _first(entry, "sleepTimeSeconds")
        else:
            asleep_s = None if stages[:2] == [None, None] else sum(one for one in stages if one is not None)
        if asleep_s is None or asleep_s <= 0:
            return
        began, ended = (payload.instant(entry.get(f"sleep{end}TimestampGMT")) for end in ("Start", "End"))
        in_bed_s = None if began is None or ended is None else (ended - began).total_seconds()
        if in_bed_s is not None and not 0 < in_bed_s <= 86_400:
            self._faults.add(where, "the sleep ends before it begins, or a day later; its times were left out")
            began = ended = in_bed_s = None
        asleep_hr = _first(entry, "avgHeartRate", "averageSpO2HRSleep")
        if asleep_hr is None:
            asleep_hr = _first(_part(entry, "spo2SleepSummary"), "averageHR")
        values = {
            "fell_asleep_utc": began,
            "woke_utc": ended,
            "utc_offset_s": payload.offset_s(payload.instant(entry.get("sleepEndTimestampLocal")), ended),
            "sleep_s": asleep_s,
            "in_bed_s": in_bed_s,
            "hr_night_bpm": _known(asleep_hr, _NO_HEART_RATE),
        }
        self._night(entry, values, where)

    def hrv_payload(self, entry: Mapping[str, Any], where: str) -> None:
        """One night's HRV with its five-minute values, of which only the mean is kept."""
        self.hrv(_part(entry, "hrvSummary"), where)

    def hrv(self, entry: Mapping[str, Any], where: str) -> None:
        """One night of the list of HRV."""
        self._night(entry, _rmssd(_known(_first(entry, "lastNightAvg"), _NO_HRV)), where)

    def health_status(self, entry: Mapping[str, Any], where: str) -> None:
        """The export's measures of a night, each under its type."""
        found = next((one for one in _dicts(entry.get("metrics")) if one.get("type") == "HRV"), {})
        self._night(entry, _rmssd(_known(_first(found, "value"), _NO_HRV)), where)

    def resting(self, entry: Mapping[str, Any], where: str) -> None:
        """The resting heart rate of a day."""
        smooth = _known(_first(entry, "restingHeartRate"), _NO_HEART_RATE)
        of_day = _known(_first(entry, "currentDayRestingHeartRate"), _NO_HEART_RATE)
        self._night(entry, {"hr_rest_bpm": nights.resting(of_day, smooth)}, where)

    # --- weight -------------------------------------------------------------------------------------------

    def weight(self, entry: Mapping[str, Any], where: str) -> None:
        """A weight of the API, in grams."""
        self._weigh(entry, entry, where)

    def biometrics(self, entry: Mapping[str, Any], where: str) -> None:
        """The export's measures of the body, among them the weight in grams."""
        self._weigh(_part(entry, "metaData"), _part(entry, "weight"), where)

    def _weigh(self, dated: Mapping[str, Any], weighed: Mapping[str, Any], where: str) -> None:
        given = _first(weighed, "weight")
        if given is None:
            return
        on = payload.day(dated.get("calendarDate"))
        if on is None:
            self._faults.add(where, "it has no date, so it was left out")
            return
        stamp = payload.instant(weighed.get("timestampGMT")) or payload.instant(dated.get("calendarDate"))
        at_s = stamp.timestamp() if stamp is not None else 0.0
        kg = given / 1000.0 if given >= _GRAMS_FROM else given
        if on not in self.weights or at_s < self.weights[on][0]:
            self.weights[on] = at_s, kg

    # --- activities ---------------------------------------------------------------------------------------

    def activity(self, entry: dict[str, Any], where: str) -> None:
        """Keep an activity until the scale of the file is known; of a detailed one the summary within it."""
        whole = {**entry, **_part(entry, "summaryDTO")}
        kept = {name: whole.get(name) for name in _OF_ACTIVITY}
        named = entry.get("activityId")
        self._activities.append((f"activity {named}" if isinstance(named, (int, str)) else where, kept))

    def runs(self) -> list[dict[str, Any]]:
        """The activities as rows of `tables.RUNS`, without those whose parts are listed too."""
        parents = {entry["parentId"] for _, entry in self._activities if isinstance(entry["parentId"], (int, str))}
        scale = _scale([entry for _, entry in self._activities])
        rows = []
        for where, entry in self._activities:
            named = entry["activityId"]
            if isinstance(named, (int, str)) and named in parents:
                continue
            start, offset_s = _start(entry)
            if start is None:
                self._faults.add(where, "it has no start time, so it was left out")
                continue
            row = {"start_utc": start, "utc_offset_s": offset_s, **_measured(entry, *scale)}
            rows.append(payload.possible(row, tables.RUNS, where, self._faults))
        return rows


_OF_ACTIVITY: Final = (
    *("activityId", "parentId", "activityType", "activityTypeDTO", "eventType", "eventTypeDTO", "eventTypeId"),
    *("startTimeGMT", "startTimeGmt", "beginTimestamp", "startTimeLocal"),
    *("distance", "duration", "elapsedDuration", "elevationGain", "averageHR", "avgHr", "maxHR", "maxHr"),
    *("averageTemperature", "directWorkoutRpe", "workoutRpe"),
)

_Keep = Callable[[_Found, dict[str, Any], str], None]

_OF_SLEEP: Final = ("fell_asleep_utc", "woke_utc", "utc_offset_s", "sleep_s", "in_bed_s", "hr_night_bpm")
"""What one sleep says; the rest of a night is said once a day."""

_KINDS: Final[tuple[tuple[Callable[[Mapping[str, Any]], bool], _Keep], ...]] = (
    (lambda entry: "dailySleepDTO" in entry, _Found.sleep_payload),
    (lambda entry: "hrvSummary" in entry, _Found.hrv_payload),
    (lambda entry: {"calendarDate", "lastNightAvg"} <= entry.keys(), _Found.hrv),
    (lambda entry: "calendarDate" in entry and isinstance(entry.get("metrics"), list), _Found.health_status),
    (lambda entry: {"calendarDate", "sleepStartTimestampGMT"} <= entry.keys(), _Found.sleep),
    (
        lambda entry: (
            "calendarDate" in entry and not {"restingHeartRate", "currentDayRestingHeartRate"}.isdisjoint(entry)
        ),
        _Found.resting,
    ),
    (lambda entry: {"calendarDate", "weight"} <= entry.keys(), _Found.weight),
    (lambda entry: "calendarDate" in _part(entry, "metaData"), _Found.biometrics),
    (
        lambda entry: (
            "activityId" in entry and ("summaryDTO" in entry or not {"duration", "elapsedDuration"}.isdisjoint(entry))
        ),
        _Found.activity,
    ),
    (
        lambda entry: any(entry.get(name) == [] for name in (_EXPORTED, "hrvSummaries", "dateWeightList")),
        lambda _found, _entry, _where: None,
    ),
)
"""What tells a kind of entry, and what is done with it; the first that fits."""


def _known(value: float | None, nothing: frozenset[float]) -> float | None:
    return None if value is None or value in nothing else value


def _rmssd(value: float | None) -> dict[str, Any]:
    return {} if value is None else {"rmssd_ms": value, "hrv_source": SERVICE}


def _sport(entry: Mapping[str, Any]) -> str:
    """The sport of an activity: its type is a word in the export, an object in the API."""
    kind = entry["activityType"] if entry["activityType"] is not None else entry["activityTypeDTO"]
    if isinstance(kind, dict):
        kind = kind.get("typeKey")
    return (sports.sport_of(kind) if isinstance(kind, str) else None) or "other"


def _is_race(entry: Mapping[str, Any]) -> bool:
    events = [entry["eventType"], entry["eventTypeDTO"]]
    return number(entry["eventTypeId"]) == _RACE or any(
        isinstance(event, dict) and event.get("typeKey") == "race" for event in events
    )


def _start(entry: Mapping[str, Any]) -> tuple[datetime | None, float | None]:
    """When an activity began, and what local time adds to UTC there."""
    stamps = (payload.instant(entry[name]) for name in ("startTimeGMT", "startTimeGmt", "beginTimestamp"))
    start = next((stamp for stamp in stamps if stamp is not None), None)
    return start, payload.offset_s(payload.instant(entry["startTimeLocal"]), start)


def _measured(entry: Mapping[str, Any], per_second: float, per_metre: float) -> dict[str, Any]:
    """The numbers of an activity in our units; nought stands for nothing measured, but for climb."""

    def scaled(name: str, per_unit: float) -> float | None:
        value = number(entry[name])
        return None if value is None else value / per_unit

    moving_s = scaled("duration", per_second)
    elapsed_s = scaled("elapsedDuration", per_second)
    effort = _known(_first(entry, "directWorkoutRpe", "workoutRpe"), frozenset({0.0}))
    return {
        "sport": _sport(entry),
        "distance_m": _known(scaled("distance", per_metre), frozenset({0.0})),
        "moving_s": moving_s if moving_s is not None else elapsed_s,
        "elapsed_s": elapsed_s if elapsed_s is not None else moving_s,
        "hr_mean_bpm": _known(_first(entry, "averageHR", "avgHr"), _NO_HEART_RATE),
        "hr_max_bpm": _known(_first(entry, "maxHR", "maxHr"), frozenset({0.0})),
        "climb_m": scaled("elevationGain", per_metre),
        "temperature_c": _first(entry, "averageTemperature"),
        "rpe": None if effort is None else effort / 10.0,
        "race": _is_race(entry) or None,
    }


def _scale(activities: list[dict[str, Any]]) -> tuple[float, float]:
    """Units of this file in a second and in a metre: those with which most of its runs can be.

    Without a run that tells, times as numbers mean the export, times as text the API.
    """
    is_api = any(isinstance(entry["startTimeGMT"], str) for entry in activities)
    ordered = sorted(_SCALES, key=lambda scale: scale != (_SCALES[1] if is_api else _SCALES[0]))
    runs = [
        (lasted, metres)
        for entry in activities
        if _sport(entry) in RUNNING_SPORTS
        and (lasted := number(entry["duration"])) is not None
        and (metres := number(entry["distance"])) is not None
        and lasted > 0
        and metres > 0
    ]
    if not runs:
        return ordered[0]
    lasted_all, metres_all = np.array(runs).T
    fitting = []
    for per_second, per_metre in ordered:
        seconds = lasted_all / per_second
        speed_mps = metres_all / per_metre / seconds
        can_be = (_RUN_MPS[0] <= speed_mps) & (speed_mps <= _RUN_MPS[1])
        fitting.append(int((can_be & (_RUN_S[0] <= seconds) & (seconds <= _RUN_S[1])).sum()))
    return ordered[int(np.argmax(fitting))]
