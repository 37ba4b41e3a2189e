"""What plans say in words: the kind of a session, its time, its distance, its load, in the languages plans come in.

English, German, French, Spanish, Italian, Dutch, Swedish, Norwegian, Danish, Portuguese and Finnish. A word that
means two things (French ``course``, Spanish ``carrera``, Norwegian ``løp`` are a race and a run) tells a run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from freshlegs.units import KM_PER_MILE


def _any(words: str) -> re.Pattern[str]:
    """Any of these words (regular expressions, one blank between them; none inside), each from its beginning on."""
    return re.compile(r"(?<!\w)(?:" + "|".join(words.split(" ")) + ")", re.IGNORECASE)


_REST: Final = _any(
    r"rest(?:\b|ing\b) recovery\Wday day\Woff off\b ruhetag ruhe\b trainingsfrei pausentag repos\b jour\Wde\Wrepos"
    r" descanso riposo rustdag rust\b vilodag vila\b hviledag hvile\b fridag lepopäivä lepo\b folga\b"
)
_RACE: Final = _any(
    r"races?\b(?!\W+(?:pace|prep|effort|specific|simulation|tempo|week)) wettkampf(?!tempo) compétition competición"
    r" competencia gara\b wedstrijd tävling konkurranse konkurrence prova\b kilpailu race\Wday"
)
_EVENT: Final = _any(r"(?:\w+)?(?:half\W?)?marathon(?!\w)(?!\W+(?:pace|effort|tempo)) parkrun ultra\b semi-marathon")
"""A race if nothing else is said."""

_STRENGTH: Final = _any(
    r"strength gym\b weights?\b weight\Wtraining core\b plyo mobility pilates kraft(?!los) rumpf stabi(?:\b|li)"
    r" athletik renforcement musculation ppg\b fuerza gimnasio forza\b palestra kracht styrka styrke força"
    r" musculação voima lihaskunto s&c\b"
)
_CROSS: Final = _any(
    r"bike\b biking cycling ride\b spin(?:ning)?\b swim row(?:ing)?\b elliptical cross\W?train ski(?:ing)?\b"
    r" yoga aqua radfahren rad(?:tour|training|einheit)?\b rennrad schwimm vélo natation bici ciclismo natación nuoto"
    r" fiets zwemm cyk(?:el|ling) simning sykkel sykling svøm uinti pyörä crosstrainer langlauf"
)
_WALK: Final = _any(
    r"walk hik(?:e|ing) spazier wander(?:n|ung) gehen\b marche\b randonnée camina camminata wandel(?:en|ing)"
    r" promenad gåtur caminhada kävely"
)
_WALK_RUN: Final = _any(r"walk\W*(?:and\W*)?(?:run|jog) (?:run|jog)\W*(?:and\W*)?walk lauf\W*geh geh\W*lauf")
_INTERVALS: Final = _any(
    r"interval intervall fartlek repeats?\b reps?\b \d+\s*[x×*]\s*\(?\d vo2 hills?\b hill\Wrep bergsprint berglauf"
    r" hügel track\b bahn(?:training)?\b fractionn séries? series ripetute vma\b speed(?!\W*:) backintervall bakkedrag"
    r" sprint pyramid yasso 30/30 tiro\b intervalos vedot"
)
_TEMPO: Final = _any(
    r"tempo threshold schwelle seuil umbral soglia drempel tröskel terskel tærskel limiar steady progress"
    r" steigerungslauf cruise (?:half\W)?marathon\W+(?:pace|effort|tempo) race\W+(?:pace|effort|specific|simulation)"
    r" goal\W+pace h?mp\b sweet\W?spot allure ritmo\W+(?:de\W+)?(?:carrera|umbral|medio|gara) lactate lt\d?\b"
    r" z(?:one)?\W?[34]\b wettkampftempo time\Wtrial vauhtikestävyys"
)
_LONG: Final = _any(
    r"long\b long\W?run lsd\b lang(?:er|e|es|tur|pass)?\b sortie\Wlongue longue\b tirada\Wlarga rodaje\Wlargo largo\b"
    r" lungo lunghissimo långpass longão pitkä(?:lenkki)?\b"
)
_EASY: Final = _any(
    r"easy recover(?:y|ing) aerobic base\b foundation endurance regenerat locker gemütlich ruhig(?:er)? ga\W?1\b"
    r" grundlage dauerlauf dl\b facile footing récup suave rodaje fácil recuperación lento rigenerante rustig herstel"
    r" duurloop lugn återhämtning distans rolig restitusjon restitution regenerativo kevyt peruskestävyys"
    r" z(?:one)?\W?[12]\b conversational shake\W?out strides? steigerungen\b"
)
_RUN: Final = _any(
    r"runs?\b running runna jog(?:ging)?\b lauf(?:en)?\b \w+lauf\b course\b correr carrera corsa hardlopen loop\b"
    r" löpning löppass løp(?:etur)?\b løb(?:etur)?\b corrida juoksu trail\b treadmill laufband 🏃"
)

_STRIDES: Final = re.compile(
    r"\d+\s*[x×*]\s*\d+\s*(?:s|sec|sek|m|min|meters?)?\w*\W*(?:strides?|steigerung\w*|lignes?\b|progresiv\w+|allunghi)",
    re.IGNORECASE,
)
_MARKS: Final = re.compile(r"^[\W_]+")


def kind_of(text: str) -> str | None:
    """The kind of session that a title tells; None when it tells none.

    >>> [kind_of(text) for text in ("Rest day", "6x800m, 2 min rest", "🏃 Easy Run • 5km", "Langer Lauf", "Dentist")]
    ['rest', 'intervals', 'easy', 'long', None]
    """
    bare = _STRIDES.sub("strides", text)
    if _REST.match(_MARKS.sub("", bare)):
        return "rest"
    run = _RUN.search(bare)
    for kind, pattern in (("strength", _STRENGTH), ("cross", _CROSS)):
        other = pattern.search(bare)
        if other is not None and (run is None or other.start() < run.start()):
            return kind
    if _WALK_RUN.search(bare):
        return "easy"
    walk = _WALK.search(bare)
    if walk is not None and run is None:
        return "walk"
    for kind, pattern in (
        ("race", _RACE),
        ("intervals", _INTERVALS),
        ("tempo", _TEMPO),
        ("long", _LONG),
        ("easy", _EASY),
        ("race", _EVENT),
    ):
        if pattern.search(bare):
            return kind
    return None


def is_run(text: str) -> bool:
    """Whether a text tells of running at all, or of a length that is run.

    >>> is_run("Run 8 km"), is_run("Team meeting, 45 min")
    (True, False)
    """
    return _RUN.search(text) is not None or read_size(text).distance_m is not None


# --- how long, how far, how heavy ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Size:
    """What a text says of a session's size; ``several``: it named several and the largest was taken."""

    duration_s: float | None = None
    distance_m: float | None = None
    load_lu: float | None = None
    several: bool = False


_N: Final = r"(\d+(?:[.,]\d+)?)"
_KM: Final = r"(km|kms|kilomet(?:er|re)s?|kilómetros|k|mi|miles?|meilen|millas)"
_PACE: Final = re.compile(
    r"\d{1,2}:\d{2}(?:\s*[-–]\s*\d{1,2}:\d{2})?\s*(?:min\w*)?\s*(?:/|per|pro|je|al)\s*(?:\d+\s*)?(?:km|k|mi|mile|m)\b"
    r"|(?:/|per|pro)\s*(?:km|mi|mile)\b",
    re.IGNORECASE,
)
_REPEATED: Final = re.compile(
    rf"\d+\s*[x×*]\s*\(?\s*{_N}\s*(?:km|k|mi|miles?|m|min\w*|s|sec|sek|h|['′\"″])?", re.IGNORECASE
)
_PAUSE: Final = re.compile(
    r"\d+(?:[.,]\d+)?\s*(?:min\w*|s|sec\w*|sek\w*|m|['′\"″])\s*\W?\s*(?:rest|recover\w*|pausen?|jog\b|trab\w*|float|récup\w*|"
    r"recuper\w*|rust|vila|walking\s+rest)",
    re.IGNORECASE,
)
_DISTANCE: Final = re.compile(rf"(?<![\w.,:]){_N}(?:\s*(?:[-–]|to|bis|à)\s*{_N})?\s*{_KM}(?![\w/])", re.IGNORECASE)
_METRES: Final = re.compile(r"(?<![\w.,:])(\d{4,6})\s*m(?:et(?:er|re)s?)?(?![\w/])", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(?<![\d:.])(\d{1,2}):(\d{2}):(\d{2})(?![\d:])")
_HOURS: Final = re.compile(
    r"(?<![\w.,:])(\d{1,2}(?:[.,]\d+)?)\s*(?:h|hrs?|hours?|std|stunden?|heures?|horas?|ore|uur|timer?|timmar)"
    r"(?:\s*(\d{1,2})(?!\d)\s*(?:m(?:in\w*)?)?)?(?![\w/])",
    re.IGNORECASE,
)
_MINUTES: Final = re.compile(
    rf"(?<![\w.,:]){_N}\s*(?:m(?:in\w*)?\s*)?(?:(?:[-–]|to|bis|à)\s*{_N}\s*)?(?:min(?:s|utes?|uten|uti|utos)?|['′])(?![\w/])"
    r"|(?<![\w.,:])(\d{1,3})m\s*[-–]\s*(\d{1,3})m(?![\w/])|(?<![\w.,:])(\d{2,3})m(?=\s|$)",
    re.IGNORECASE,
)
_LABELLED: Final = re.compile(
    r"(?:planned\s+|total\s+|estimated\s+|geplante?\s+|gesamt)?"
    r"(?P<what>duration|time|dauer|zeit|durée|duración|durata|duur|distance|distanz|strecke|distancia|distanza|afstand|total|"
    r"tss|training\s+load|load)\s*(?::|=|\s)\s*(?P<value>[^\n;|]{1,40})",
    re.IGNORECASE,
)
_LOAD_WORDS: Final = re.compile(r"(?:\btss|training\s+load|\bload)\s*[:=]?\s*(\d+(?:[.,]\d+)?)", re.IGNORECASE)


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _middle(low: str, high: str | None) -> float:
    return _number(low) if not high else (_number(low) + _number(high)) / 2


def read_size(text: str) -> Size:
    """Time, distance and load of one line; paces and repeats (``6 x 800 m``) are no totals, a range means its middle.

    >>> read_size("Easy Run • 8-10 km at 5:30/km"), read_size("1h15 locker").duration_s
    (Size(duration_s=None, distance_m=9000.0, load_lu=None, several=False), 4500.0)
    """
    bare = _PAUSE.sub(" ", _REPEATED.sub(" ", _PACE.sub(" ", text)))
    metres = [
        _middle(low, high) * 1000.0 * (KM_PER_MILE if unit.lower().startswith(("mi", "mei")) else 1.0)
        for low, high, unit in _DISTANCE.findall(bare)
    ] + [float(found) for found in _METRES.findall(bare)]
    seconds = _times(bare)
    load = _LOAD_WORDS.search(text)
    return Size(
        max(seconds, default=None),
        max(metres, default=None),
        None if load is None else _number(load[1]),
        len(set(seconds)) > 1 or len(set(metres)) > 1,
    )


def _times(bare: str) -> list[float]:
    found = [3600.0 * int(h) + 60.0 * int(m) + int(s) for h, m, s in _CLOCK.findall(bare)]
    rest = _CLOCK.sub(" ", bare)
    found += [3600.0 * _number(h) + 60.0 * int(m or 0) for h, m in _HOURS.findall(rest)]
    rest = _HOURS.sub(" ", rest)
    for one, two, low, high, plain in _MINUTES.findall(rest):
        found.append(60.0 * (_middle(one, two) if one else _middle(low, high) if low else float(plain)))
    return found


def read_labelled(text: str) -> Size:
    """Totals that a description names (``Planned Time: 0:45:00``, ``Distance: 10 km``, ``TSS: 60``, ``Total 9km``).

    >>> read_labelled("Planned Time: 1:10:00").duration_s, read_labelled("Total 9km").distance_m
    (4200.0, 9000.0)
    """
    duration = distance = load = None
    for found in _LABELLED.finditer(text):
        what, value = found["what"].lower(), found["value"]
        if what == "tss" or "load" in what:
            number = re.match(r"\s*(\d+(?:[.,]\d+)?)", value)
            load = load if number is None or load is not None else _number(number[1])
            continue
        size = read_size(value)
        seconds = size.duration_s if size.duration_s is not None else _hours_minutes(value)
        duration = seconds if duration is None else duration
        distance = size.distance_m if distance is None else distance
    return Size(duration, distance, load)


def _hours_minutes(value: str) -> float | None:
    """``0:45`` behind a label is hours and minutes."""
    found = re.match(r"\s*(\d{1,2}):(\d{2})(?![\d:])(?!\s*(?:/|min))", value)
    return None if found is None else 3600.0 * int(found[1]) + 60.0 * int(found[2])
