"""Write FIT files, column by column: the other way round from the importer, and independent of it.

Only what Freshlegs itself writes: workouts for a watch, and the made runner's activities with samples, laps, a session
and beat-to-beat intervals. Values go in as SI units and POSIX seconds; NaN becomes the field's "invalid".
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import fastcrc
import numpy as np
import numpy.typing as npt

from freshlegs.units import DEG_PER_SEMICIRCLE, FIT_EPOCH_S

PROFILE_VERSION: Final = 2158
HEADER_SIZE: Final = 14
INVALID_TEXT: Final = b"\x00"


@dataclass(frozen=True, slots=True)
class BaseType:
    """A FIT base type: its code, its NumPy type, and the value that means "not known"."""

    code: int
    dtype: str
    invalid: int


ENUM: Final = BaseType(0x00, "u1", 0xFF)
SINT8: Final = BaseType(0x01, "i1", 0x7F)
UINT8: Final = BaseType(0x02, "u1", 0xFF)
SINT16: Final = BaseType(0x83, "<i2", 0x7FFF)
UINT16: Final = BaseType(0x84, "<u2", 0xFFFF)
SINT32: Final = BaseType(0x85, "<i4", 0x7FFFFFFF)
UINT32: Final = BaseType(0x86, "<u4", 0xFFFFFFFF)
TEXT: Final = BaseType(0x07, "S", 0)
UINT32Z: Final = BaseType(0x8C, "<u4", 0)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: stored as ``(value + offset) * scale`` in its base type."""

    number: int
    base: BaseType
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Definition:
    """One kind of message: its global number and the fields we write."""

    number: int
    fields: Mapping[str, Field]


def _when(number: int) -> Field:
    return Field(number, UINT32, 1.0, -float(FIT_EPOCH_S))


def _angle(number: int) -> Field:
    return Field(number, SINT32, 1.0 / DEG_PER_SEMICIRCLE)


DEFINITIONS: Final[dict[str, Definition]] = {
    "file_id": Definition(
        0,
        {
            "type": Field(0, ENUM),
            "manufacturer": Field(1, UINT16),
            "product": Field(2, UINT16),
            "serial_number": Field(3, UINT32Z),
            "time_created": _when(4),
        },
    ),
    "event": Definition(21, {"timestamp": _when(253), "event": Field(0, ENUM), "event_type": Field(1, ENUM)}),
    "record": Definition(
        20,
        {
            "timestamp": _when(253),
            "position_lat": _angle(0),
            "position_long": _angle(1),
            "distance": Field(5, UINT32, 100.0),
            "enhanced_speed": Field(73, UINT32, 1000.0),
            "enhanced_altitude": Field(78, UINT32, 5.0, 500.0),
            "heart_rate": Field(3, UINT8),
            "cadence": Field(4, UINT8),
            "power": Field(7, UINT16),
            "temperature": Field(13, SINT8),
        },
    ),
    "hrv": Definition(78, {"time": Field(0, UINT16, 1000.0)}),
    "lap": Definition(
        19,
        {
            "message_index": Field(254, UINT16),
            "timestamp": _when(253),
            "start_time": _when(2),
            "total_elapsed_time": Field(7, UINT32, 1000.0),
            "total_timer_time": Field(8, UINT32, 1000.0),
            "total_distance": Field(9, UINT32, 100.0),
            "enhanced_avg_speed": Field(110, UINT32, 1000.0),
            "avg_heart_rate": Field(15, UINT8),
            "max_heart_rate": Field(16, UINT8),
            "total_ascent": Field(21, UINT16),
            "event": Field(0, ENUM),
            "event_type": Field(1, ENUM),
            "intensity": Field(23, ENUM),
            "lap_trigger": Field(24, ENUM),
            "sport": Field(25, ENUM),
        },
    ),
    "session": Definition(
        18,
        {
            "message_index": Field(254, UINT16),
            "timestamp": _when(253),
            "start_time": _when(2),
            "start_position_lat": _angle(3),
            "start_position_long": _angle(4),
            "total_elapsed_time": Field(7, UINT32, 1000.0),
            "total_timer_time": Field(8, UINT32, 1000.0),
            "total_distance": Field(9, UINT32, 100.0),
            "enhanced_avg_speed": Field(124, UINT32, 1000.0),
            "total_ascent": Field(22, UINT16),
            "first_lap_index": Field(25, UINT16),
            "num_laps": Field(26, UINT16),
            "event": Field(0, ENUM),
            "event_type": Field(1, ENUM),
            "trigger": Field(28, ENUM),
            "sport": Field(5, ENUM),
            "sub_sport": Field(6, ENUM),
            "avg_heart_rate": Field(16, UINT8),
            "max_heart_rate": Field(17, UINT8),
            "avg_cadence": Field(18, UINT8),
            "avg_temperature": Field(57, SINT8),
            "workout_feel": Field(192, UINT8),
            "workout_rpe": Field(193, UINT8, 10.0),
        },
    ),
    "activity": Definition(
        34,
        {
            "timestamp": _when(253),
            "local_timestamp": _when(5),
            "total_timer_time": Field(0, UINT32, 1000.0),
            "num_sessions": Field(1, UINT16),
            "type": Field(2, ENUM),
            "event": Field(3, ENUM),
            "event_type": Field(4, ENUM),
        },
    ),
    "workout": Definition(
        26, {"sport": Field(4, ENUM), "num_valid_steps": Field(6, UINT16), "wkt_name": Field(8, TEXT)}
    ),
    "workout_step": Definition(
        27,
        {
            "message_index": Field(254, UINT16),
            "wkt_step_name": Field(0, TEXT),
            "duration_type": Field(1, ENUM),
            "duration_value": Field(2, UINT32),
            "target_type": Field(3, ENUM),
            "target_value": Field(4, UINT32),
            "custom_target_value_low": Field(5, UINT32),
            "custom_target_value_high": Field(6, UINT32),
            "intensity": Field(7, ENUM),
        },
    ),
}
"""What each kind of message holds; numbers, base types and scales are facts of the FIT profile."""


@dataclass(frozen=True, slots=True)
class Message:
    """One or many messages of a kind: columns of equal length, or single values.

    A column may have two dimensions: then the field is an array of that width (`hrv.time`).
    """

    kind: str
    columns: Mapping[str, Any]


def raw(field: Field, values: Any) -> npt.NDArray[Any]:
    """Values in SI units as the integers (or bytes) of the file, rows first."""
    if field.base is TEXT:
        texts = [str(value).encode() + INVALID_TEXT for value in np.atleast_1d(values)]
        return np.array(texts, dtype=f"S{max(len(text) for text in texts)}")
    column = np.atleast_1d(np.asarray(values, dtype=np.float64))
    known = np.isfinite(column)
    stored = np.where(known, (column + field.offset) * field.scale, 0.0)
    limits = np.iinfo(np.dtype(field.base.dtype))
    whole = np.clip(np.rint(stored), limits.min, limits.max).astype(np.int64)
    whole[~known] = field.base.invalid
    return whole.astype(field.base.dtype)


def encode(message: Message, local: int) -> bytes:
    """The definition of a kind of message under a local number (0–15), and its rows."""
    definition = DEFINITIONS[message.kind]
    parts = [
        (name, definition.fields[name], raw(definition.fields[name], values))
        for name, values in message.columns.items()
    ]
    rows = max(len(column) for _, _, column in parts)
    layout: list[Any] = [("header", "u1")]
    sizes: list[bytes] = []
    for name, field, column in parts:
        layout.append((name, column.dtype, column.shape[1:]))
        sizes.append(bytes((field.number, _size(column), field.base.code)))
    table = np.empty(rows, dtype=np.dtype(layout))
    table["header"] = local
    for name, _, column in parts:
        table[name] = column
    head = struct.pack("<BBBHB", 0x40 | local, 0, 0, definition.number, len(sizes))
    return head + b"".join(sizes) + table.tobytes()


def _size(column: npt.NDArray[Any]) -> int:
    width = int(np.prod(column.shape[1:], dtype=np.int64)) * column.dtype.itemsize
    if width > 255:
        raise ValueError(f"a FIT field holds at most 255 bytes, not {width}")
    return width


def fit_file(messages: Sequence[Message]) -> bytes:
    """A whole FIT file: header, messages in this order, check sums."""
    body = b"".join(encode(message, number % 16) for number, message in enumerate(messages))
    header = struct.pack("<BBHI4s", HEADER_SIZE, 0x20, PROFILE_VERSION, len(body), b".FIT")
    header += struct.pack("<H", fastcrc.crc16.arc(header))
    whole = header + body
    return whole + struct.pack("<H", fastcrc.crc16.arc(whole))


def beat_messages(rr_ms: npt.NDArray[np.float64]) -> Message:
    """Beat-to-beat intervals (ms), five a message as watches write them."""
    count = -(-len(rr_ms) // 5) * 5
    padded = np.full(count, np.nan)
    padded[: len(rr_ms)] = rr_ms / 1000.0
    return Message("hrv", {"time": padded.reshape(-1, 5)})
