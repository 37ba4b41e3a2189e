"""A fast look through an export of any size: only what is wanted is found and parsed, block by block.

Nine tenths of an export are steps and calories. NumPy finds where records begin and which of them are wanted; heart
rates, a quarter of the file, lie at a fixed distance from the end of their tag and are taken in columns; the rest goes
through the parser. A file that is not laid out as Apple's are (comments, another encoding) goes through it whole, and
both ways give the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final
from xml.parsers import expat

import numpy as np
import numpy.typing as npt

from freshlegs.importers.apple import elements as e
from freshlegs.importers.apple import parse
from freshlegs.importers.apple.elements import TOO_FAST_BPM, Export, HeartRate
from freshlegs.importers.apple.parse import CONTROLS, Collector
from freshlegs.importers.tracks import number
from freshlegs.problems import UnreadableFile

BLOCK_B: Final = 8 * 2**20
ELEMENT_AT_MOST_B: Final = 64 * 2**20
"""No element is longer; a day's workout with its route inside is a tenth of it."""

Places = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

_PREFIX: Final = len('<Record type="HKQuantityTypeIdentifier')
_HEART_RATE: Final = f'<Record type="{e.HEART_RATE}" sourceName="'.encode()
_TOP: Final = (b"<Record ", b"<Workout ", b"<ActivitySummary ", b"<Correlation ", b"<Audiogram ", b"<ClinicalRecord ")
_ENCODING: Final = re.compile(rb"""\sencoding\s*=\s*["'](utf-?8|(us-)?ascii)["']""", re.IGNORECASE)

_TAIL: Final = b'startDate="dddd-dd-dd dd:dd:dd sdddd" endDate="dddd-dd-dd dd:dd:dd sdddd" value="'
"""What stands before the value of a record, digits as ``d`` and the sign of the offset as ``s``."""
_MARKS: Final = np.array([at for at, letter in enumerate(_TAIL) if letter not in b"ds" or at < len('startDate="') - 1])
_START: Final = len('startDate="')
_VALUE_B: Final = 24


def _code(text: bytes) -> int:
    return int.from_bytes(text, "little")


_WANTED: Final = np.array(
    sorted({_code(kind.encode()[24:32].ljust(8, b'"')) for kind in (*e.RECORDS, e.HEART_RATE)} | {_code(b'Height" ')}),
    np.uint64,
)
"""The first eight letters of the wanted types after what all types share."""
_RARE: Final = np.array([_code(b"<Workout"), _code(b"<Me HKCh")], np.uint64)
_HEART: Final = _code(b"HeartRat")
_KINDS: Final = np.array([_code(b"HKQuanti"), _code(b"HKCatego")], np.uint64)


class NotPlain(Exception):
    """The file is not laid out as Apple writes it."""


def gather(chunks: Callable[[], Iterator[bytes]]) -> Export:
    """What is wanted of an export, whose bytes ``chunks`` gives from the beginning each time it is called.

    Memory goes by what is wanted: 13 bytes for each heart rate, a few hundred for each night's stages and workouts.
    Damage is a fault in the result, and the rest is read; UnreadableFile when there is nothing to read.
    """
    try:
        return _Scan().run(chunks())
    except NotPlain:
        return parse.careful(chunks(), Export())


class _Scan:
    def __init__(self) -> None:
        self.export = Export()
        self.collector = Collector(self.export)
        self.odd = 0

    def run(self, chunks: Iterator[bytes]) -> Export:
        front, rest = parse.front_of(chunks)
        if b"encoding" in front and not _ENCODING.search(front):
            raise NotPlain
        pieces, size_b, carried = [rest], len(rest), 0
        whole = True
        while True:
            chunk = b""
            try:
                chunk = next(chunks, b"")
            except UnreadableFile as error:
                whole = False
                self.export.faults.append(("", f"{error}; what stood before was read"))
            pieces.append(chunk)
            size_b += len(chunk)
            if chunk and size_b - carried < BLOCK_B:
                continue
            block = b"".join(pieces)
            left = self._block(block, last=not chunk)
            if not chunk:
                break
            if len(left) > ELEMENT_AT_MOST_B:
                raise NotPlain
            pieces, size_b, carried = [left], len(left), len(left)
        if whole and b"</HealthData" not in block[-4096:]:
            self.export.faults.append(("", "the file breaks off before its end; what stood before was read"))
        if self.odd:
            entries = "1 entry is" if self.odd == 1 else f"{self.odd:,} entries are"
            self.export.faults.append(("", f"{entries} damaged and left out"))
        return self.collector.finish()

    def _block(self, block: bytes, last: bool) -> bytes:
        """Take what is whole in a block; gives back the rest."""
        cut = len(block) if last else _cut(block)
        letters = np.frombuffer(block, np.uint8)
        begins = np.flatnonzero(letters[: max(cut - 1, 0)] == ord("<"))
        second = letters[begins + 1]
        if ((second == ord("!")) | (second == ord("?"))).any():
            raise NotPlain
        starts = begins[second == ord("R")]
        starts = starts[: np.searchsorted(starts, len(block) - _PREFIX - 10)]
        fragments = list(self._records(block, letters, starts))
        fragments += self._rare(block, begins[(second == ord("W")) | (second == ord("M"))])
        if fragments:
            self._parse(fragments)
        return block[cut:]

    def _records(self, block: bytes, letters: Bytes, starts: Places) -> Iterator[bytes]:
        """Take the heart rates among the records, and give the other wanted ones as fragments."""
        if not len(starts):
            return
        words = np.ndarray((len(block) - 7,), "<u8", block, 0, (1,))
        plain = np.isin(words[starts + 14], _KINDS) & (words[starts] == _code(b"<Record "))
        if not plain.all():
            raise NotPlain
        names = words[starts + _PREFIX]
        chosen = np.isin(names, _WANTED)
        starts, names = starts[chosen], names[chosen]
        beats = (names == _HEART) & (
            np.ndarray((len(block) - 1,), "<u2", block, 0, (1,))[starts + _PREFIX + 8] == _code(b'e"')
        )
        others = starts[~beats].tolist()
        if beats.any():
            others += self._heart_rates(block, letters, starts[beats]).tolist()
        for at in others:
            kind = block[at + 14 : block.find(b'"', at + 14)].decode("ascii", "replace")
            if kind in e.CHILDLESS:
                yield from self._whole(_fragment(block, at, b""))
            elif kind in e.RECORDS:
                yield from self._whole(_fragment(block, at, b"</Record>"))

    def _rare(self, block: bytes, starts: Places) -> Iterator[bytes]:
        """The workouts and what is said of the runner, as fragments."""
        words = np.ndarray((max(len(block) - 7, 0),), "<u8", block, 0, (1,))
        starts = starts[: np.searchsorted(starts, len(words))]
        for at in starts[np.isin(words[starts], _RARE)].tolist():
            name = b"Me" if block.startswith(b"<Me ", at) else b"Workout"
            if block.startswith(b"<%s " % name, at):
                yield from self._whole(_fragment(block, at, b"</%s>" % name))

    def _whole(self, fragment: bytes | None) -> Iterator[bytes]:
        if fragment is None:
            self.odd += 1
        else:
            yield fragment

    def _parse(self, fragments: list[bytes]) -> None:
        """Fragments through the parser, together; if one of them is damaged, each by itself."""
        before = self.collector.mark()
        if self._parsed(b"".join(fragments)):
            return
        self.collector.back_to(before)
        for fragment in fragments:
            self.odd += not self._parsed(fragment.translate(None, CONTROLS))

    def _parsed(self, text: bytes) -> bool:
        parser = parse.parser_for(self.collector)
        try:
            parser.Parse(b"<all>" + text + b"</all>", True)
        except expat.ExpatError:
            self.collector.forget()
            return False
        return True

    def _heart_rates(self, block: bytes, letters: Bytes, starts: Places) -> Places:
        """Take the heart rates that are laid out as usual; gives back where the others begin."""
        ends = np.flatnonzero(letters == ord(">"))
        at = np.searchsorted(ends, starts)
        inside = at < len(ends)
        starts, at = starts[inside], at[inside]
        close = ends[at] - 1
        close = close - (letters[close] == ord("/"))
        back = letters[close[:, None] - np.arange(1, _VALUE_B + 1)]
        is_quote = back == ord('"')
        length = is_quote.argmax(axis=1)
        value = close - length
        tails = _windows(block, value - len(_TAIL), len(_TAIL))
        heads = _windows(block, starts, len(_HEART_RATE))
        good = (
            (letters[close] == ord('"'))
            & is_quote.any(axis=1)
            & (length > 0)
            & (tails[:, _MARKS] == np.frombuffer(_TAIL, np.uint8)[_MARKS]).all(axis=1)
            & (heads == np.frombuffer(_HEART_RATE, np.uint8)).all(axis=1)
        )
        at_us, timed = _instants(tails[:, _START : _START + 25])
        bpm = _numbers(block, back, value, length)
        source, named = self._sources(block, letters, starts + len(_HEART_RATE), good)
        good &= timed & named & (bpm > 0)
        self.collector.keep(
            HeartRate(at_us[good], np.minimum(bpm[good], TOO_FAST_BPM).astype(np.float32), source[good])
        )
        others: Places = starts[~good]
        return others

    def _sources(self, block: bytes, letters: Bytes, at: Places, good: npt.NDArray[np.bool_]) -> tuple[Any, Any]:
        """The number of each record's source, and whether it was found."""
        source = np.zeros(len(at), np.uint16)
        left = np.flatnonzero(good)
        for _ in range(64):
            if not len(left):
                break
            first = int(at[left[0]])
            name = block[first : block.find(b'"', first) + 1]
            same = (_windows(block, at[left], len(name)) == np.frombuffer(name, np.uint8)).all(axis=1)
            if not same[0]:
                break
            told = e.text_of(name[:-1].replace(b"\n", b" ").replace(b"\t", b" "))
            source[left[same]] = self.collector.source(e.source_of({"sourceName": told}))
            left = left[~same]
        named = np.ones(len(at), bool)
        named[left] = False
        return source, named


def _cut(block: bytes) -> int:
    """Where the last element of the first rank begins: everything before it is whole."""
    for since in (max(0, len(block) - 2**20), 0):
        at = max(block.rfind(opening, since) for opening in _TOP)
        if at > 0:
            return at
    return 0


def _fragment(block: bytes, at: int, closing: bytes) -> bytes | None:
    """The element that begins here, whole (its tag alone when no closing one is given); None when it does not end."""
    end = block.find(b">", at)
    while end >= 0 and block.count(b'"', at, end) % 2:
        end = block.find(b">", end + 1)
    if end < 0:
        return None
    if block[end - 1] == ord("/"):
        return block[at : end + 1]
    if not closing:
        return block[at:end] + b"/>"
    end = block.find(closing, end)
    return None if end < 0 else block[at : end + len(closing)]


def _windows(block: bytes, at: Places, length: int) -> Bytes:
    """So many bytes from each of these places, one row each; places before the beginning give its first bytes."""
    at = np.clip(at, 0, max(len(block) - length, 0))
    views = np.ndarray((len(block) - length + 1,), f"V{length}", block, 0, (1,))
    return views[at].view(np.uint8).reshape(-1, length)


def _instants(texts: Bytes) -> tuple[Places, npt.NDArray[np.bool_]]:
    """``2026-05-04 06:40:00 +0200`` as microseconds since 1970 UTC, one a row, and whether it can be."""
    sign = texts[:, 20]
    digits = np.delete(texts, [4, 7, 10, 13, 16, 19, 20], axis=1).astype(np.int64) - 48
    fine = (digits >= 0).all(axis=1) & (digits <= 9).all(axis=1) & ((sign == ord("+")) | (sign == ord("-")))
    year = digits[:, :4] @ np.array([1000, 100, 10, 1])
    pairs = digits[:, 4:].reshape(-1, 7, 2) @ np.array([10, 1])
    month, day, hour, minute, second, ahead_h, ahead_min = pairs.T
    fine &= (year > 1970) & (year < 2200) & (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24)
    fine &= (minute < 60) & (second < 60) & (ahead_h * 60 + ahead_min < 24 * 60)
    months = np.where(fine, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    first = months.astype("datetime64[D]").astype(np.int64)
    fine &= day <= (months + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64) - first
    ahead = np.where(sign == ord("-"), -1, 1) * (ahead_h * 60 + ahead_min)
    seconds = ((first + day - 1) * 24 + hour) * 3600 + (minute - ahead) * 60 + second
    return seconds * 1_000_000, fine


def _numbers(block: bytes, back: Bytes, at: Places, length: Places) -> npt.NDArray[np.float64]:
    """The values, from their letters read backwards; NaN for what is no number."""
    out = np.full(len(at), np.nan)
    digits = back[:, :4].astype(np.int64) - 48
    used = np.arange(4) < length[:, None]
    whole = (length <= 4) & (((digits >= 0) & (digits <= 9)) | ~used).all(axis=1)
    out[whole] = (np.where(used, digits, 0) @ np.array([1, 10, 100, 1000]))[whole]
    for row in np.flatnonzero(~whole & (length > 0)).tolist():
        out[row] = number(block[at[row] : at[row] + length[row]])
    return out
