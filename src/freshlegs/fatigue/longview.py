"""The long view: one row a day of everything the verdicts rest on, for charts and tables. Nothing is judged anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from freshlegs import tables
from freshlegs import vocabulary as v
from freshlegs.fatigue.assessment import Assessment
from freshlegs.fatigue.decision import INSUFFICIENT
from freshlegs.fatigue.parameters import PARAMETERS as P
from freshlegs.fatigue.past import Floats
from freshlegs.fatigue.signs import hrv
from freshlegs.fatigue.signs.body import RATES
from freshlegs.fatigue.windows import spell_start
from freshlegs.metrics import trends
from freshlegs.metrics.body import regularity_of_nights

_AS_IT_IS: Final = ("load_lu", "distance_m", "longest_run_m", "moving_s", "z1_s", "z2_s", "z3_s", "sleep_s", *RATES)


def long_view(found: Sequence[Assessment], athlete: Any) -> pl.DataFrame:
    """Table `tables.STORY` of one athlete, a row for every date from the first day to the last.

    ``found`` is what `evaluate` gave. Run columns are of the day before, as in `tables.DAYS`; ``retrospective`` is
    null: only a diary knows. Empty for an athlete who is not there. A row depends on its own and earlier days only.
    """
    for assessment in found:
        if athlete in assessment.panel.athletes:
            return _view(assessment, assessment.panel.athletes.index(athlete))
    return tables.STORY.frame()


def _view(found: Assessment, a: int) -> pl.DataFrame:
    length = int(found.panel.alive[a].sum())
    first = int(found.panel.first[a])
    columns: dict[str, Any] = {"date": pl.Series(np.arange(first, first + length, dtype=np.int32)).cast(pl.Date)}
    columns |= _verdict(found, a)
    columns |= _signs(found, a)
    columns |= {name: found.panel[name][a] for name in _AS_IT_IS}
    columns |= _training(found, a) | _nights(found, a) | _hearts(found, a)
    ill = found.panel["ill"][a]
    columns["ill"] = np.where(np.isnan(ill), np.nan, (ill > 0).astype(np.float64))
    frame = pl.DataFrame({name: _kept(values, length) for name, values in columns.items()})
    frame = frame.with_columns(
        pl.lit(found.panel.athletes[a]).alias("athlete"),
        pl.col("ill").cast(pl.Boolean),
        *(
            pl.col("sleep_s")
            .rolling_quantile(
                quantile, "linear", P.whole("view.sleep_band_d"), min_samples=P.whole("view.sleep_band_min")
            )
            .alias(name)
            for name, quantile in (
                ("sleep_low_s", P.number("view.sleep_band_low")),
                ("sleep_high_s", P.number("view.sleep_band_high")),
            )
        ),
    )
    return tables.STORY.conform(frame, fill=True).select(tables.STORY.names)


def _kept(values: Any, length: int) -> pl.Series:
    """The athlete's own days of a row of the panel; NaN is null."""
    return values if isinstance(values, pl.Series) else pl.Series(values[:length], nan_to_null=True)


def _verdict(found: Assessment, a: int) -> dict[str, Any]:
    state = found.decision.state[a]
    spoken = state != INSUFFICIENT
    names = pl.Series(v.STATES).gather(pl.Series(state[: int(found.panel.alive[a].sum())]).cast(pl.UInt32))
    chances = {
        f"p_{name}": np.where(spoken, found.p[a, :, number], np.nan) for number, name in enumerate(v.CHAIN_STATES)
    }
    return {"state": names, **chances}


def _signs(found: Assessment, a: int) -> dict[str, Any]:
    strength = found.signs.strength[a]
    with np.errstate(invalid="ignore"):
        present = P.number("signs.present") < strength.T
    start = spell_start(present, P.whole("decision.picture_gap_d"))
    first, length = int(found.panel.first[a]), int(found.panel.alive[a].sum())
    out: dict[str, Any] = {}
    for number, sign in enumerate(v.SIGNS):
        out[f"strength_{sign}"] = strength[:, number]
        since = np.where(present[number] & (start[number] >= 0), first + start[number], -1)[:length]
        days = pl.Series(since.astype(np.int32))
        out[f"since_{sign}"] = days.set(days < 0, None).cast(pl.Date)
    return out


def _training(found: Assessment, a: int) -> dict[str, Floats]:
    hazards = found.hazards
    return {
        "fitness_lu": hazards.chronic[a],
        "fatigue_lu": hazards.acute[a],
        "monotony": hazards.monotony[a],
        "strain_lu": trends.strain7(found.panel["load_lu"][a]),
        "easy_share": hazards.easy_share[a],
        "hard_share": hazards.hard_share[a],
        "session_spike": hazards.spike[a],
    }


def _nights(found: Assessment, a: int) -> dict[str, Floats]:
    panel = found.panel
    need = panel.profiles[a].get("sleep_need_h") or P.number("sleep.need_h")
    return {
        "sleep_need_h": np.full(panel.shape[1], float(need)),
        "sleep_debt_h": found.hazards.sleep_debt_h[a],
        "sleep_regularity": regularity_of_nights(
            panel["fell_asleep_min"][a],
            panel["woke_min"][a],
            P.whole("view.regularity_d"),
            P.whole("view.regularity_min"),
        ),
    }


def _hearts(found: Assessment, a: int) -> dict[str, Floats]:
    """Heart rates and HRV with the band within which they count as usual."""
    out: dict[str, Floats] = {}
    for name in RATES:
        usual = found.signs.usual.get(name)
        if usual is not None:
            stem = name.removesuffix("_bpm")
            out[f"{stem}_low_bpm"] = usual.middle[a] - usual.scale[a]
            out[f"{stem}_high_bpm"] = usual.middle[a] + usual.scale[a]
    if found.panel.has("rmssd_ms"):
        week, middle, scale = (values[a] for values in hrv.against_usual(found.panel))
        reach = P.number("signs.hrv_low_z") * scale
        out["rmssd_ms"] = found.panel["rmssd_ms"][a]
        out["rmssd_week_ms"] = np.exp(week)
        out["rmssd_low_ms"], out["rmssd_high_ms"] = np.exp(middle - reach), np.exp(middle + reach)
    return out
