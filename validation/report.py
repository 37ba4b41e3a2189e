"""What was found, in words and tables; the same tables stand in the terminal and in the model card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from freshlegs.vocabulary import STATES
from validation import alarms, felt, tomorrow
from validation.rules import RULES

HOPED_GAIN = 0.04
EXCESSIVE_LIMIT = 0.03
STATE_WORDS = {
    "insufficient_data": "not enough data",
    "fresh": "fresh",
    "cumulative": "normal training fatigue",
    "watch": "watch",
    "excessive": "excessive",
    "possible_overtraining": "possible overtraining",
}
QUESTION_WORDS = {
    "low": "Low tomorrow: 2 of 5 or less",
    "own": "Tired tomorrow: a full own spread below usual",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, sentences, and perhaps a table with sentences after it."""

    title: str
    before: Sequence[str] = ()
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    after: Sequence[str] = ()


def _with(interval: Sequence[float | None], sign: bool = False) -> str:
    """A figure with its interval."""
    found, low, high = interval
    form = "{:+.3f}" if sign else "{:.3f}"
    if found is None:
        return "–"
    if low is None or high is None:
        return form.format(found)
    return f"{form.format(found)} ({form.format(low)} to {form.format(high)})"


def _number(value: float | None, form: str = ".3f") -> str:
    return "–" if value is None else format(value, form)


def sections(found: Mapping[str, Any]) -> Iterator[Section]:
    """Everything, part by part."""
    yield _people(found)
    for question in tomorrow.QUESTIONS:
        yield _next_day(found["next_day"], question)
    yield _ceiling(found["ceiling"])
    yield from _calibration(found["calibration"])
    yield _energy_by_state(found["felt"])
    yield _correlations(found["felt"])
    yield _states(found)
    yield _alarms(found["alarms"], found["shuffled_alarms"])
    yield _variants(found)
    if found["sensitivity"] is not None:
        yield _sensitivity(found["sensitivity"])


def _people(found: Mapping[str, Any]) -> Section:
    days = found["alarms"]["days"]
    return Section(
        "The people",
        [
            f"{found['people']} people, {days['all']} days, {days['answered']} answered mornings,"
            f" {days['judged']} days with enough data for a verdict."
            f" {found['next_day']['mornings']} mornings were told the day before by every rule.",
            "Intervals (95 of 100): people and weeks of days drawn anew"
            f" {found['draws']} times. They are wide, because the people are few.",
        ],
    )


def _next_day(scores: Mapping[str, Any], question: str) -> Section:
    one = scores[question]
    gain = one["rules"]["p_tired"]["gain"]
    hoped = "That is what was hoped for" if gain[0] >= HOPED_GAIN else f"That is below the {HOPED_GAIN} hoped for"
    sure = "" if gain[1] > 0 else ", and it may be nothing at all"
    told, pooled, mean = one["people"], one["pooled"], _means(one["rules"])
    return Section(
        QUESTION_WORDS[question],
        [
            f"{one['tired']} of {scores['mornings']} mornings. AUC within person over all pairs of mornings;"
            " 0.5 is a coin. *Shuffled*: the same with everybody's mornings in random order, so that nothing can be"
            " known; judge a rule by its distance from its own."
        ],
        ["", "AUC within person", "gain on the EWMA", "mean of people", "shuffled"],
        [
            [
                title,
                _with(one["rules"][rule]["auc"]),
                _with(one["rules"][rule]["gain"], sign=True),
                _number(one["rules"][rule]["mean_of_people"][0]),
                _number(one["rules"][rule]["shuffled"]),
            ]
            for rule, title in RULES.items()
        ],
        [
            f"The forecast gains {_with(gain, sign=True)} on the EWMA. {hoped}{sure}."
            f" Counting everybody the same, instead of every pair of mornings, it gains {mean:+.3f}."
            f" Person by person it reaches {told['lowest']:.2f} to {told['highest']:.2f}"
            f" ({told['told']} people with at least {tomorrow.OFTEN} mornings of each kind).",
            f"Thrown together, a rule that only knows *who* it is reaches {pooled['who']:.2f}, the EWMA"
            f" {pooled['ewma']:.2f} and the forecast {pooled['p_tired']:.2f}: pooled figures mislead.",
        ],
    )


def _means(rules: Mapping[str, Any]) -> float:
    """The forecast's gain on the EWMA in the plain mean of the people's AUCs."""
    return float(rules["p_tired"]["mean_of_people"][0] - rules["ewma"]["mean_of_people"][0])


def _ceiling(found: Mapping[str, Any]) -> Section:
    """What there is to be told of the next morning by anybody."""
    return Section(
        "How much there is to tell",
        [
            f"One morning's energy and the next one's go together by a correlation of"
            f" {found['today_and_tomorrow']:.2f} within person. A rule that weighs {found['inputs']} numbers of a"
            " morning (every answer, sleep, heart rate at rest and load, with their last days and weeks, and the"
            " weekday), fitted on the other people, explains"
            f" {100 * found['explained_of_others']:.0f} % of how the next morning differs from the person's mean.",
        ],
        ["AUC within person", "low", "own"],
        [
            [title, *(_number(found[question][key]) for question in tomorrow.QUESTIONS)]
            for key, title in (
                ("forecast", "the forecast, four weights"),
                ("of_others", "everything known, fitted on the others, at its best strength"),
                ("by_heart", "the same fitted on the mornings it is judged by"),
                ("nothing_by_heart", "the same on mornings in random order"),
            )
        ],
        [
            "What can be carried from person to person is not more than the forecast carries. What a rule of so many"
            " numbers seems to know of the mornings it was fitted on, it seems to know of random ones nearly as well."
            " A felt tiredness of five steps has little in it that lasts over night.",
        ],
    )


def _calibration(found: Mapping[str, Any]) -> Iterator[Section]:
    yield Section(
        "Is the forecast's probability true?",
        [
            "`p_tired` against how often such a morning came, and the Brier score (lower is better) beside that of the"
            " rate so far."
        ],
        ["days ahead", "mornings", "told", "came", "Brier", "rate so far", "AUC within person"],
        [
            [
                str(day["days"]),
                str(day["mornings"]),
                _number(day["told"]),
                _number(day["came"]),
                _number(day["brier"], ".4f"),
                _number(day["brier_rate_so_far"], ".4f"),
                _number(day["auc"]),
            ]
            for day in found["days_ahead"]
        ],
        ["Beyond the next day the forecast is hardly more than the runner's own rate."],
    )
    yield Section(
        "Is it true at every level?",
        ["Next mornings in five equal lots by the probability told."],
        ["mornings", "told", "came"],
        [[str(lot["mornings"]), _number(lot["told"]), _number(lot["came"])] for lot in found["reliability"]],
        [
            f"{100 * found['within_one_sd']:.0f} % of answers came within one `energy_sd` of `energy_mean`"
            f" (68 % if it were a normal curve), {100 * found['within_two_sd']:.0f} % within two (95 %)."
        ],
    )


def _energy_by_state(found: Mapping[str, Any]) -> Section:
    return Section(
        "Energy by state",
        ["How far energy was from the person's own mean, in own spreads, on the mornings of each state."],
        ["state", "mornings", "people", "own spreads from own mean"],
        [
            [STATE_WORDS[state], str(one["mornings"]), str(one["people"]), _with(one["spreads"], sign=True)]
            for state, one in found["energy_by_state"].items()
        ],
    )


def _correlations(found: Mapping[str, Any]) -> Section:
    return Section(
        "Does the belief go with a tired week?",
        [
            "Rank correlation within person with how tired the week was (mean energy of seven days, turned round)."
            " The model is built on the same answers, so the last week says that it does what it should, not that it is"
            " right; the next week is not in it."
        ],
        ["", "last seven days", "shuffled", "next seven days", "shuffled"],
        [
            [
                title,
                *(
                    text
                    for week in felt.WEEKS
                    for text in (
                        _with(found["correlation"][rule][week]["found"], sign=True),
                        _number(found["correlation"][rule][week]["shuffled"], "+.3f"),
                    )
                ),
            ]
            for rule, title in felt.RULES.items()
        ],
    )


def _states(found: Mapping[str, Any]) -> Section:
    one = found["alarms"]
    judged = one["days"]["judged"]
    severe = sum(one["states"][state] for state in STATES[4:])
    limit = "under" if severe < EXCESSIVE_LIMIT * judged else "NOT under"
    flagged, most = one["people_flagged"], one["people_flagged_at_most"]
    return Section(
        "Days by state",
        [],
        ["state", "days", "% of days with a verdict"],
        [
            [
                STATE_WORDS[state],
                str(one["states"][state]),
                "" if state == "insufficient_data" else f"{100 * one['states'][state] / max(1, judged):.1f}",
            ]
            for state in STATES
        ],
        [
            f"Excessive or worse: {100 * severe / max(1, judged):.1f} % of days with a verdict, {limit}"
            f" {100 * EXCESSIVE_LIMIT:.0f} %. Nobody knows how many it should be.",
            f"{flagged['watch_or_worse']} of {flagged['of']} people were ever at watch or worse. With so few people"
            f" that goes with anything up to {100 * most['watch_or_worse']:.0f} % of all runners.",
        ],
    )


def _from_to(days: Sequence[int], nothing: str) -> str:
    """The least and the most, once where they are the same."""
    return " to ".join(str(day) for day in dict.fromkeys(days)) or nothing


def _alarms(found: Mapping[str, Any], chance: Mapping[str, float]) -> Section:
    stretch, without = found["stretches"], found["stretches_without_verdict"]
    lengths = {kind: _from_to(days, "none") for kind, days in found["stretch_days"].items()}
    highest = [found["highest_belief_in_stretches"][kind] for kind in alarms.KINDS]
    return Section(
        "Long low stretches, and alarms",
        [
            f"A week and more of nothing but 2 of 5 or less: {stretch['low']} (days: {lengths['low']})."
            f" A week and more a full own spread below the person's own median: {stretch['own']}"
            f" (days: {lengths['own']}). In {without['low']} of the first kind and {without['own']} of the second there"
            " was too little data for any verdict.",
            "An alarm is a spell at watch or worse; spells at most a week apart are one. *Far*: no such stretch within"
            " a week. The plain rules are silent where the model has too little data.",
        ],
        ["", "days flagged", "alarms", "met, low", "met, own", "days until met", "far", "far, a runner-year"],
        [
            [
                title,
                f"{one['days']} ({100 * (one['share_of_judged'] or 0.0):.1f} %)",
                str(one["alarms"]),
                f"{one['met']['low']} of {stretch['low']}",
                f"{one['met']['own']} of {stretch['own']}",
                _from_to(one["days_until_met"]["low"], "–"),
                str(one["far_from_any"]),
                _number(one["far_from_any_a_year"], ".1f"),
            ]
            for rule, title in alarms.TITLES.items()
            for one in (found["rules"][rule],)
        ],
        [
            f"The highest belief in excessive fatigue in any such stretch was {highest[0]:.2f} and {highest[1]:.2f};"
            " watch begins at 0.25. One low answer for a week or two, with the other signs as usual, is no alarm by"
            " design.",
            f"With everybody's mornings in random order {100 * chance['share_of_judged']:.1f} % of days are flagged.",
        ],
    )


def _variants(found: Mapping[str, Any]) -> Section:
    alone, out, now = found["answers_alone"], found["left_out"], found["next_day"]
    belief = found["felt"]["correlation"]["p_bad"]["last"]["found"][0]
    flagged = [
        sum(one["states"][state] for state in STATES[3:]) / max(1, judged)
        for one, judged in ((found["alarms"], found["alarms"]["days"]["judged"]), (alone, alone["judged"]))
    ]

    def row(title: str, all_of_it: float, without: float, key: str = "", form: str = ".3f") -> list[str]:
        span = " to ".join(_number(value, form) for value in out[key]) if key else ""
        return [title, _number(all_of_it, form), _number(without, form), span]

    gains = {q: (now[q]["rules"]["p_tired"]["gain"][0], _gain(alone, q)) for q in tomorrow.QUESTIONS}
    aucs = {q: (now[q]["rules"]["p_tired"]["auc"][0], alone["auc"][q]["p_tired"]) for q in tomorrow.QUESTIONS}
    rows = [row(f"AUC of the forecast, {q}", *aucs[q], f"p_tired {q}") for q in tomorrow.QUESTIONS]
    rows += [row(f"its gain on the EWMA, {q}", *gains[q], f"gain {q}", "+.3f") for q in tomorrow.QUESTIONS]
    rows += [
        row("belief against the last week", belief, alone["agreement"]["p_bad"], "agreement", "+.3f"),
        row("share of days at watch or worse", flagged[0], flagged[1]),
        row("days with a verdict", found["alarms"]["days"]["judged"], alone["judged"], form=".0f"),
    ]
    return Section(
        "Without the watch, and without any one person",
        [],
        ["", "with the watch", "answers alone", "any one person left out"],
        rows,
    )


def _gain(alone: Mapping[str, Any], question: str) -> float:
    return float(alone["auc"][question]["p_tired"] - alone["auc"][question]["ewma"])


def _sensitivity(found: Mapping[str, Any]) -> Section:
    span, shipped = found["range"], found["shipped"]
    return Section(
        "How much rests on judged numbers",
        [
            f"Each judged cell of the emission table ± 0.10, each judged threshold of the state model ± 20 %, one at a"
            f" time: {found['changes']} changes, {found['without_effect']} without any effect on these figures."
            " Signs that nobody here measured are left out. Shares are of days with a verdict.",
            f"Over all changes: days with a verdict {span['judged'][0]:.0f} to {span['judged'][1]:.0f}; watch or worse"
            f" {100 * span['flagged'][0]:.1f} to {100 * span['flagged'][1]:.1f} %; excessive"
            f" {100 * span['excessive'][0]:.1f} to {100 * span['excessive'][1]:.1f} %; agreement with the last week"
            f" {span['agreement'][0]:+.2f} to {span['agreement'][1]:+.2f}; highest belief in excessive fatigue"
            f" {span['highest'][0]:.2f} to {span['highest'][1]:.2f}.",
        ],
        ["the changes that move most", "watch or worse", "fresh", "agreement", "highest belief"],
        [
            _moved("as shipped", shipped),
            *(_moved(f"`{one['change']}`", one) for one in found["largest"]),
        ],
    )


def _moved(title: str, one: Mapping[str, float]) -> list[str]:
    shares = [f"{100 * one[key]:.1f} %" for key in ("flagged", "fresh")]
    return [title, *shares, _number(one["agreement"], "+.3f"), _number(one["highest"], ".2f")]


def text(found: Mapping[str, Any]) -> str:
    """The report for a terminal."""
    return "\n\n".join(_plain(section) for section in sections(found)) + "\n"


def _plain(section: Section) -> str:
    lines = [section.title, "-" * len(section.title), *_wrapped(section.before)]
    if section.rows:
        table = [[cell.replace("`", "") for cell in row] for row in (section.header, *section.rows)]
        width = [max(len(row[at]) for row in table) for at in range(len(section.header))]
        lines += ["", *("  ".join(cell.ljust(w) for cell, w in zip(row, width, strict=True)).rstrip() for row in table)]
    return "\n".join([*lines, *([""] if section.after else []), *_wrapped(section.after)]).replace("`", "")


def _wrapped(sentences: Sequence[str]) -> list[str]:
    import textwrap

    return [line for sentence in sentences for line in textwrap.wrap(sentence.replace("*", ""), 118)]


def headline(found: Mapping[str, Any]) -> str:
    """What was found in four sentences, for the top of the model card."""
    scores, state, felt_week = found["next_day"], found["alarms"], found["felt"]["correlation"]
    one = scores["own"]["rules"]
    judged = state["days"]["judged"]
    flagged = sum(state["states"][name] for name in STATES[3:])
    severe = sum(state["states"][name] for name in STATES[4:])
    met, of = state["rules"]["model"]["met"], state["stretches"]
    gain = one["p_tired"]["gain"]
    return "\n".join(
        [
            f"- **Forecast of the next morning**: AUC within person {_with(one['p_tired']['auc'])}, where an average of"
            f" the last three days reaches {one['ewma']['auc'][0]:.3f} and a coin 0.5. The gain is"
            f" {_with(gain, sign=True)}; {HOPED_GAIN} was hoped for"
            f"{' and not reached' if gain[0] < HOPED_GAIN else ''}.",
            f"- **The belief in excessive fatigue** is not meant to tell tomorrow; its AUC is"
            f" {_with(one['p_bad']['auc'])}. With how tired the last week was it goes by a rank correlation of"
            f" {_with(felt_week['p_bad']['last']['found'], sign=True)}.",
            f"- **Days flagged**: {flagged} of {judged} at watch or worse, {severe} of them excessive or worse.",
            f"- **Long low stretches**: {met['own']} of {of['own']} of a week and more far below the person's own usual"
            f" were met by watch or worse, and {met['low']} of {of['low']} of nothing but low answers.",
        ]
    )


def markdown(found: Mapping[str, Any]) -> str:
    """The same for the model card."""
    return "\n\n".join(_marked_down(section) for section in sections(found)) + "\n"


def _marked_down(section: Section) -> str:
    parts = [f"### {section.title}", *section.before]
    if section.rows:
        lines = [section.header, ["---"] * len(section.header), *section.rows]
        parts.append("\n".join("| " + " | ".join(row) + " |" for row in lines))
    return "\n\n".join([*parts, *section.after])
