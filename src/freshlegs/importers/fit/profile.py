"""What the numbers in a FIT file mean: base types, messages, fields, sports. Facts only, no code.

Numbers, scales and units are those of the public FIT profile; only what Freshlegs uses is listed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from freshlegs.units import DEG_PER_SEMICIRCLE


class Base(NamedTuple):
    """A base type: NumPy and `struct` letters, size in bytes, and the value that means "not measured".

    ``invalid`` is None where nothing (byte, string) or NaN (floats) says so.
    """

    numpy: str
    struct: str
    size: int
    invalid: int | None


BYTE: Final = Base("u1", "B", 1, 0xFF)
STRING_CODE: Final = 7
BASES: Final[dict[int, Base]] = {
    0: Base("u1", "B", 1, 0xFF),  # enum
    1: Base("i1", "b", 1, 0x7F),
    2: Base("u1", "B", 1, 0xFF),
    3: Base("i2", "h", 2, 0x7FFF),
    4: Base("u2", "H", 2, 0xFFFF),
    5: Base("i4", "i", 4, 0x7FFFFFFF),
    6: Base("u4", "I", 4, 0xFFFFFFFF),
    STRING_CODE: Base("S1", "s", 1, None),
    8: Base("f4", "f", 4, None),
    9: Base("f8", "d", 8, None),
    10: Base("u1", "B", 1, 0),  # the z types: 0 means "not measured"
    11: Base("u2", "H", 2, 0),
    12: Base("u4", "I", 4, 0),
    13: BYTE,
    14: Base("i8", "q", 8, 0x7FFFFFFFFFFFFFFF),
    15: Base("u8", "Q", 8, 0xFFFFFFFFFFFFFFFF),
    16: Base("u8", "Q", 8, 0),
}
"""By the low five bits of the type byte; the high bits only say that byte order matters."""

# Messages.
FILE_ID: Final = 0
SPORT: Final = 12
SESSION: Final = 18
LAP: Final = 19
RECORD: Final = 20
EVENT: Final = 21
WORKOUT: Final = 26
WORKOUT_STEP: Final = 27
SCHEDULE: Final = 28
WEIGHT_SCALE: Final = 30
ACTIVITY: Final = 34
BLOOD_PRESSURE: Final = 51
HRV: Final = 78
MONITORING_INFO: Final = 103
HR: Final = 132
TIMESTAMP_CORRELATION: Final = 162
FIELD_DESCRIPTION: Final = 206
MONITORING_HR: Final = 211
SLEEP_INFO: Final = 273
SLEEP_LEVEL: Final = 275
HRV_SUMMARY: Final = 370
HRV_VALUE: Final = 371

TIMESTAMP: Final = 253
MIN_DATE_TIME: Final = 0x10000000
"""Smaller timestamps count seconds since the device was switched on, not since 1989."""
NO_TIMESTAMP: Final = 0xFFFFFFFF


class Measure(NamedTuple):
    """A column taken from one field: raw · factor / scale − shift."""

    column: str
    field: int
    scale: float = 1.0
    shift: float = 0.0
    factor: float = 1.0


RECORD_MEASURES: Final = (
    Measure("distance_m", 5, 100),
    Measure("speed_mps", 73, 1000),
    Measure("speed_mps", 6, 1000),
    Measure("hr_bpm", 3),
    Measure("cadence_spm", 4),
    Measure("cadence_spm", 52, 256),
    Measure("_cadence_fraction", 53, 128),
    Measure("power_w", 7),
    Measure("altitude_m", 78, 5, 500),
    Measure("altitude_m", 2, 5, 500),
    Measure("lat_deg", 0, factor=DEG_PER_SEMICIRCLE),
    Measure("lon_deg", 1, factor=DEG_PER_SEMICIRCLE),
    Measure("temperature_c", 13),
    Measure("ground_contact_ms", 41, 10),
    Measure("vertical_oscillation_mm", 39, 10),
)
"""Where two fields give one column the first goes first and the second fills its gaps."""

COMPRESSED_SPEED_DISTANCE: Final = 8
"""Three bytes: 12 bits of speed (1/100 m/s), 12 bits of distance (1/16 m, running over at 256 m)."""

_SPAN_MEASURES: Final = (
    Measure("elapsed_s", 7, 1000),
    Measure("moving_s", 8, 1000),
    Measure("distance_m", 9, 100),
)
SPAN_FIELDS: Final = tuple(measure.field for measure in _SPAN_MEASURES)
"""Of laps and sessions alike."""
LAP_MEASURES: Final = (
    *_SPAN_MEASURES,
    Measure("speed_mean_mps", 110, 1000),
    Measure("speed_mean_mps", 13, 1000),
    Measure("hr_mean_bpm", 15),
    Measure("hr_max_bpm", 16),
    Measure("cadence_mean_spm", 17),
    Measure("_cadence_fraction", 80, 128),
    Measure("power_mean_w", 19),
    Measure("climb_m", 21),
    Measure("descent_m", 22),
    Measure("temperature_c", 50),
)
SESSION_MEASURES: Final = (
    *_SPAN_MEASURES,
    Measure("speed_mean_mps", 124, 1000),
    Measure("speed_mean_mps", 14, 1000),
    Measure("hr_mean_bpm", 16),
    Measure("hr_max_bpm", 17),
    Measure("cadence_mean_spm", 18),
    Measure("_cadence_fraction", 92, 128),
    Measure("power_mean_w", 20),
    Measure("climb_m", 22),
    Measure("descent_m", 23),
    Measure("temperature_c", 57),
    Measure("rpe", 193, 10),
)

START_TIME: Final = 2  # of laps and sessions
LAP_SPORT, LAP_SUB_SPORT = 25, 39
SESSION_SPORT, SESSION_SUB_SPORT = 5, 6

WANTED: Final[dict[int, frozenset[int]]] = {
    FILE_ID: frozenset({0, 1, 2, 3, 4}),
    SPORT: frozenset({0, 1}),
    SESSION: frozenset({TIMESTAMP, START_TIME, SESSION_SPORT, SESSION_SUB_SPORT})
    | {measure.field for measure in SESSION_MEASURES},
    LAP: frozenset({TIMESTAMP, START_TIME, LAP_SPORT, LAP_SUB_SPORT}) | {measure.field for measure in LAP_MEASURES},
    EVENT: frozenset({TIMESTAMP, 0, 1}),
    WORKOUT: frozenset({4, 6, 8}),
    WORKOUT_STEP: frozenset({0, 1, 2, 3, 4, 5, 6, 7, 254}),
    SCHEDULE: frozenset({1, 2, 3, 4, 6}),
    WEIGHT_SCALE: frozenset({TIMESTAMP, 0, 12}),
    ACTIVITY: frozenset({TIMESTAMP, 5}),
    BLOOD_PRESSURE: frozenset({TIMESTAMP, 0, 1, 10}),
    MONITORING_INFO: frozenset({TIMESTAMP, 0}),
    TIMESTAMP_CORRELATION: frozenset({TIMESTAMP, 3}),
    MONITORING_HR: frozenset({TIMESTAMP, 0, 1}),
    SLEEP_INFO: frozenset({TIMESTAMP, 2}),
    SLEEP_LEVEL: frozenset({TIMESTAMP, 0}),
    HRV_SUMMARY: frozenset({TIMESTAMP, 1}),
    HRV_VALUE: frozenset({TIMESTAMP, 0}),
    FIELD_DESCRIPTION: frozenset({0, 1, 2, 3, 6, 7}),
}
"""The fields that are read of messages that come a few times a file."""

TEXTS: Final[dict[int, frozenset[int]]] = {
    FIELD_DESCRIPTION: frozenset({3}),
    WORKOUT: frozenset({8}),
    WORKOUT_STEP: frozenset({0}),
}
"""Those of them that are strings; all others are integers."""

FILE_TYPE_ACTIVITY: Final = 4
HEALTH_FILES: Final[dict[int, str]] = {
    9: "weight",
    14: "blood pressure",
    15: "monitoring",
    28: "monitoring",
    32: "monitoring",
    44: "health",
    49: "sleep",
    68: "heart-rate variability",
}
"""Files that are no activity and are read for what they say of the body."""
SLEEPING: Final = 74
"""The event between whose start and stop Garmin's watches saw a sleep."""
LOCAL_TIMES: Final[dict[int, int]] = {MONITORING_INFO: 0, TIMESTAMP_CORRELATION: 3, SLEEP_INFO: 2, ACTIVITY: 5}
"""Messages that tell the local clock beside their timestamp, and in which field."""
MAKERS: Final[dict[int, str]] = {1: "garmin", 23: "suunto", 32: "wahoo", 123: "polar", 294: "coros"}
"""Makers of devices by their number: what a night of theirs is called in every other export of theirs."""
FILE_TYPE_WORKOUT: Final = 5
FILE_TYPE_SCHEDULE: Final = 7
FILE_TYPES: Final[dict[int, str]] = {
    1: "a FIT device file (what a watch can do)",
    2: "a FIT settings file",
    3: "a FIT sport settings file",
    5: "a FIT workout file (a planned session)",
    6: "a FIT course file (a route to follow)",
    7: "a FIT schedule file",
    9: "a FIT weight file",
    10: "a FIT totals file",
    11: "a FIT goals file",
    14: "a FIT blood pressure file",
    15: "a FIT monitoring file (steps and heart rate of a day)",
    20: "a FIT activity summary file (no samples)",
    28: "a FIT daily monitoring file",
    32: "a FIT monitoring file (steps and heart rate of a day)",
    34: "a FIT segment file",
    35: "a FIT segment list",
    40: "a FIT display configuration file",
    44: "a FIT health metrics file",
    49: "a FIT sleep file",
    68: "a FIT heart-rate variability file",
}
"""The kinds of file; the last three are what Garmin's watches write beyond the public list."""

SPORTS: Final[dict[int, str]] = {
    0: "generic",
    1: "running",
    2: "cycling",
    3: "transition",
    4: "fitness_equipment",
    5: "swimming",
    6: "basketball",
    7: "soccer",
    8: "tennis",
    9: "american_football",
    10: "training",
    11: "walking",
    12: "cross_country_skiing",
    13: "alpine_skiing",
    14: "snowboarding",
    15: "rowing",
    16: "mountaineering",
    17: "hiking",
    18: "multisport",
    19: "paddling",
    20: "flying",
    21: "e_biking",
    22: "motorcycling",
    23: "boating",
    24: "driving",
    25: "golf",
    26: "hang_gliding",
    27: "horseback_riding",
    28: "hunting",
    29: "fishing",
    30: "inline_skating",
    31: "rock_climbing",
    32: "sailing",
    33: "ice_skating",
    34: "sky_diving",
    35: "snowshoeing",
    36: "snowmobiling",
    37: "stand_up_paddleboarding",
    38: "surfing",
    39: "wakeboarding",
    40: "water_skiing",
    41: "kayaking",
    42: "rafting",
    43: "windsurfing",
    44: "kitesurfing",
    45: "tactical",
    46: "jumpmaster",
    47: "boxing",
    48: "floor_climbing",
    49: "baseball",
    53: "diving",
    56: "shooting",
    58: "winter_sport",
    59: "grinding",
    62: "hiit",
    63: "video_gaming",
    64: "racket",
    65: "wheelchair_push_walk",
    66: "wheelchair_push_run",
    67: "meditation",
    68: "para_sport",
    69: "disc_golf",
    70: "team_sport",
    71: "cricket",
    72: "rugby",
    73: "hockey",
    74: "lacrosse",
    75: "volleyball",
    76: "water_tubing",
    77: "wakesurfing",
    78: "water_sport",
    79: "archery",
    80: "mixed_martial_arts",
    81: "motor_sports",
    82: "snorkeling",
    83: "dance",
    84: "jump_rope",
    85: "pool_apnea",
    86: "mobility",
    87: "geocaching",
    88: "canoeing",
}

RUNNING, FITNESS_EQUIPMENT, TRAINING, WALKING, HIKING = 1, 4, 10, 11, 17
FOOT_SPORTS: Final = frozenset({RUNNING, WALKING, HIKING})
TREADMILL: Final = 1
RUNNING_KINDS: Final[dict[int, str]] = {
    TREADMILL: "treadmill_running",
    3: "trail_running",
    4: "track_running",
    45: "indoor_running",
    58: "virtual_running",
}
"""Running by its sub-sport; street, ultra, obstacle and the rest are ``running``."""

SUB_SPORTS: Final[dict[int, str]] = {
    1: "treadmill",
    2: "street",
    3: "trail",
    4: "track",
    5: "spin",
    6: "indoor_cycling",
    7: "road",
    8: "mountain",
    9: "downhill",
    10: "recumbent",
    11: "cyclocross",
    12: "hand_cycling",
    13: "track_cycling",
    14: "indoor_rowing",
    15: "elliptical",
    16: "stair_climbing",
    17: "lap_swimming",
    18: "open_water",
    19: "flexibility_training",
    20: "strength_training",
    21: "warm_up",
    22: "match",
    23: "exercise",
    24: "challenge",
    25: "indoor_skiing",
    26: "cardio_training",
    27: "indoor_walking",
    28: "e_bike_fitness",
    29: "bmx",
    30: "casual_walking",
    31: "speed_walking",
    32: "bike_to_run_transition",
    33: "run_to_bike_transition",
    34: "swim_to_bike_transition",
    37: "backcountry",
    42: "skate_skiing",
    43: "yoga",
    44: "pilates",
    45: "indoor_running",
    46: "gravel_cycling",
    47: "e_bike_mountain",
    48: "commuting",
    49: "mixed_surface",
    58: "virtual_activity",
    59: "obstacle",
    62: "breathing",
    67: "ultra",
    68: "indoor_climbing",
    69: "bouldering",
    70: "hiit",
    78: "triathlon",
    79: "duathlon",
    80: "brick",
    81: "swim_run",
    82: "adventure_race",
    84: "pickleball",
    85: "padel",
    94: "squash",
    95: "badminton",
    124: "rucking",
}

NAMED_BY_SUB_SPORT: Final[dict[int, str]] = {
    14: "rowing",
    15: "elliptical",
    16: "stair_climbing",
    19: "flexibility",
    20: "strength",
    26: "cardio",
    27: "walking",
    43: "yoga",
    44: "pilates",
    62: "breathing",
    70: "hiit",
}
"""What people do under the sports ``generic``, ``fitness_equipment`` and ``training``."""
