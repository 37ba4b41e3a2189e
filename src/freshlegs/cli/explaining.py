"""``explain``: the whole chain of a morning, step by step, from the week's numbers to the rule that bound."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from freshlegs import values, words
from freshlegs.cli.options import date_option, json_option
from freshlegs.cli.output import Head, Page, console, day_words, emit, print_table, weekday
from freshlegs.cli.session import Session
from freshlegs.look import QUIET, look
from freshlegs.telling import figure, odds

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Chain = Mapping[str, Any]


@click.command()
@date_option
@json_option
@click.pass_obj
def explain(session: Session, day: str | None, as_json: bool) -> None:
    """Show how a morning's verdict came about, step by step, from what was known that morning."""
    wanted = None if day is None else values.day(day, session.today)
    document = session.diary().explain(wanted)
    if as_json:
        emit(document)
        return
    print_chain(console(), document)


def print_chain(out: Console, chain: Chain) -> None:
    """All six steps, then what later data would change."""
    page = Page(out)
    _head(page, chain)
    if chain["shown"].get("from_memory"):
        _memory(page, chain["shown"])
    if not chain["usual"] and not chain["belief"]:
        page.line("No answer, night or run is known on or before this day.")
        return
    for step in (_usual, _signs, _groups, _risk, _belief, _decision):
        step(page, chain)
        page.blank()
    _after(page, chain)


def _head(page: Page, chain: Chain) -> None:
    from rich.text import Text

    shown = chain["shown"]
    seen = look(str(shown["state"]))
    page.line(Text(f"How the verdict of {weekday(chain['date'])} {day_words(chain['date'])} came about", style="bold"))
    page.line(Text(f"{seen.shape} {seen.word}", style=f"bold {seen.colour}"))
    page.line(str(shown["headline"]))
    if chain["retrospective"]:
        page.line("This day lies before the diary began: it is made from everything known now.", QUIET)
    elif chain["data_as_of"]:
        page.line(f"Made from what was known on that day, the last of it from {chain['data_as_of']}.", QUIET)
    page.blank()


def _memory(page: Page, shown: Chain) -> None:
    """What was told, and what the chain made of it."""
    from freshlegs.fatigue.parameters import PARAMETERS as P

    told = [sign for sign in shown["signs"] if sign.get("basis") == "memory"]
    noticed = [
        f"{words.name(words.SIGNS, sign['sign'])} since {day_words(sign['since'])}" for sign in told if sign["since"]
    ]
    page.section("From memory", [f"Told on {day_words(shown['told_on'])}: {', '.join(noticed) or 'nothing noticed'}."])
    page.section(
        "",
        [
            f"A told sign has strength {P.number('memory.ticked'):g}, one you did not notice "
            f"{P.number('memory.absent'):g}, both at quality {P.number('memory.quality'):g}; before the first of them "
            f"{P.whole('memory.lead_d')} days without any are assumed. The same chain as in step 5, run over those "
            "days, and the durations of step 6 give the verdict. What has been answered or measured since takes the "
            "place of what was told."
        ],
    )
    belief = ", ".join(
        f"{words.name(words.PROBABILITIES, state)} {_share(p)}" for state, p in (shown["probabilities"] or {}).items()
    )
    page.section("Belief", [f"{belief}."])
    page.section("Below", ["What is known without it."])
    page.blank()


def _title(page: Page, number: int, title: str, text: str) -> None:
    from rich.text import Text

    page.line(Text(f"{number}  {title}", style="bold"))
    page.line(text, QUIET)


# --- 1 your usual -----------------------------------------------------------------------------------------


def _usual(page: Page, chain: Chain) -> None:
    _title(
        page,
        1,
        "This week against your usual",
        "The last seven mornings, oldest first. A star marks a bad one: clearly worse than your usual, or than your "
        "better months. “~” means that your usual is still being learned.",
    )
    heads = [Head("what"), Head("usual", right=True), Head("spread", right=True, keep=1)]
    heads += [Head("best", right=True, keep=2), Head("last 7 mornings")]
    rows = [_item_row(entry) for entry in chain["usual"]]
    rows += _week_rows(chain["week"])
    if rows:
        _table(page, heads, rows)


def _item_row(entry: Chain) -> tuple[str, ...]:
    name = words.MEASURED.get(entry["item"]) or words.name(words.ITEMS, entry["item"])
    week = [figure(x) + ("*" if bad else "") for x, bad in zip(entry["last_7_days"], entry["bad"], strict=True)]
    usual = ("~" if entry["learning"] else "") + figure(entry["usual"])
    return name, usual, figure(entry["spread"]), figure(entry["slow_anchor"]), " ".join(f"{x:>4}" for x in week)


def _week_rows(week: Sequence[Chain]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name, key, unit in (("load of the day before", "load_lu", 1.0), ("hours asleep", "sleep_s", 3600.0)):
        told = [None if row[key] is None else row[key] / unit for row in week]
        if any(x is not None for x in told):
            rows.append((name, "", "", "", " ".join(f"{figure(x):>4}" for x in told)))
    return rows


# --- 2 signs ----------------------------------------------------------------------------------------------


def _signs(page: Page, chain: Chain) -> None:
    from rich.text import Text

    _title(
        page,
        2,
        "The fifteen signs",
        "Strength from 0 to 1; one half says nothing. Where several things tell of a sign, the strongest speaks (›), "
        "drawn towards one half if its weight is below 1. Quality is how far it may be trusted.",
    )
    why = {sign["sign"]: sign for sign in chain["shown"]["signs"] or ()}
    rows: list[tuple[Text | str, ...]] = []
    for sign in chain["signs"]:
        if sign["strength"] is None:
            continue
        told = why.get(sign["sign"], {})
        name = Text(words.name(words.SIGNS, sign["sign"]), style="bold")
        rows.append((Text(f"{sign['strength']:.2f}", style="bold"), "", f"{sign['quality']:.1f}", name))
        rows += [_branch_row(branch) for branch in sign["branches"] if branch["strength"] is not None]
        if told.get("why"):
            rows.append(("", "", "", Text(f"    {told['why']}", style=QUIET)))
    heads = (Head("strength", right=True), Head("weight", right=True, keep=1), Head("quality", right=True, keep=2))
    if rows:
        _print_wrapped(page, (*heads, Head("sign")), rows)
    missing = [words.name(words.SIGNS, s["sign"]) for s in chain["signs"] if s["strength"] is None]
    if missing:
        page.line(f"Not measured: {', '.join(missing)}.")


def _branch_row(branch: Chain) -> tuple[str, ...]:
    mark = "  › " if branch["speaks"] else "    "
    return f"{branch['strength']:.2f}", f"{branch['weight']:.1f}", "", mark + words.branch(branch["branch"])


def _print_wrapped(page: Page, heads: Sequence[Head], rows: Sequence[Sequence[Text | str]]) -> None:
    """A table whose last column may take several lines, so that no reason is cut."""
    from rich.text import Text

    before = [[Text.assemble(cell) if isinstance(cell, str) else cell for cell in row[:-1]] for row in rows]
    used = sum(max(len(head.title), *(cells[n].cell_len for cells in before)) + 2 for n, head in enumerate(heads[:-1]))
    if page.console.width - used < 24:
        heads, rows = (heads[0], heads[-1]), [(row[0], row[-1]) for row in rows]
        used = len(heads[0].title) + 2
    room = max(10, page.console.width - used)
    out: list[tuple[Text | str, ...]] = []
    for row in rows:
        last = row[-1] if isinstance(row[-1], Text) else Text(row[-1])
        indent = len(last.plain) - len(last.plain.lstrip())
        body = last[indent:] if indent else last
        lines = body.wrap(page.console, max(10, room - indent))
        out += [
            (*(row[:-1] if n == 0 else [""] * (len(row) - 1)), Text(last.plain[:indent]) + line)
            for n, line in enumerate(lines)
        ]
    print_table(page.console, heads, out)


# --- 3 groups ---------------------------------------------------------------------------------------------


def _groups(page: Page, chain: Chain) -> None:
    _title(
        page,
        3,
        "What the groups of signs say",
        "Signs that come together share their weight, and no group says more than 8 to 1. The odds are for excessive "
        "against normal training fatigue; the evidence of a day is divided by 9, because the weeks overlap.",
    )
    known = {sign["sign"] for sign in chain["signs"] if sign["strength"] is not None}
    rows = []
    for group in chain["groups"]:
        measured = known.intersection(_members(group["group"]))
        value = f"{group['log_ratio']:+.2f}" if measured else "·"
        told = odds(float(group["log_ratio"])) if measured else words.UNMEASURED
        capped = f" ({words.CAPPED})" if group["capped"] else ""
        rows.append((words.name(words.GROUPS, group["group"]), value, told + capped))
    _table(page, (Head("group"), Head("evidence", right=True), Head("odds")), rows)


def _members(group: str) -> tuple[str, ...]:
    from freshlegs.vocabulary import GROUPS

    return GROUPS.get(group, ())


# --- 4 risk -----------------------------------------------------------------------------------------------


def _risk(page: Page, chain: Chain) -> None:
    risk = chain["risk"]
    _title(
        page,
        4,
        "What makes it more likely to begin",
        "These move the chance that excessive fatigue begins today; none of them is taken as a sign of it.",
    )
    holding = [f for f in risk["factors"] if f["holds"]]
    held = ", ".join(f"{words.RISKS.get(f['factor'], f['factor'])} (× {f['multiplier']:g})" for f in holding)
    page.section("Holding", [f"{held or 'none'}."])
    rest = [words.RISKS.get(f["factor"], f["factor"]) for f in risk["factors"] if not f["holds"]]
    page.section("Not holding", [f"{', '.join(rest)}."])
    page.section("Together", [f"× {risk['multiplier']:.2f}"])
    numbers = [
        ("load trend of six weeks", risk["chronic_load_lu"], "{:.0f} LU a day"),
        ("of one week", risk["acute_load_lu"], "{:.0f} LU a day"),
        ("monotony", risk["monotony"], "{:.1f}"),
        ("easy share of 28 days", risk["easy_share"], "{:.0%}"),
        ("sleep debt of 7 nights", risk["sleep_debt_h"], "{:.1f} h"),
        ("longest run against the longest of 30 days", risk["session_spike"], "× {:.2f}"),
    ]
    told = [f"{name} {form.format(value)}" for name, value, form in numbers if value is not None]
    page.section("From", [f"{'; '.join(told) or 'nothing measured'}."])


# --- 5 belief ---------------------------------------------------------------------------------------------


def _belief(page: Page, chain: Chain) -> None:
    belief = chain["belief"]
    _title(
        page,
        5,
        "From yesterday's belief to today's",
        "Yesterday's belief is carried over a night (states last, changes are rare), then weighed by today's evidence.",
    )
    heads = [Head("state"), Head("yesterday", right=True), Head("carried", right=True)]
    heads += [Head("weighed by", right=True, keep=1), Head("today", right=True)]
    rows = [
        (
            words.name(words.PROBABILITIES, state),
            _share(belief["yesterday"][state]),
            _share(belief["carried_to_today"][state]),
            f"× {math.exp(belief['log_likelihood'][state]):.2f}",
            _share(belief["today"][state]),
        )
        for state in belief["today"]
    ]
    _table(page, heads, rows)
    days, opens = belief["overtraining_gate_days"], belief["overtraining_gate_opens_at"]
    page.line(f"Possible overtraining can begin after {opens} days of likely excessive fatigue; so far {days}.", QUIET)


def _share(p: float) -> str:
    return f"{100 * p:.1f} %"


# --- 6 decision -------------------------------------------------------------------------------------------


def _decision(page: Page, chain: Chain) -> None:
    from rich.text import Text

    _title(
        page,
        6,
        "From probabilities to words",
        "The first three have to be met to say anything; watch needs the fourth; excessive needs all the rest too.",
    )
    rows: list[tuple[Text | str, ...]] = [
        (c["condition"], f"{c['value']:g}", f"{c['at_least']:g}", Text("met" if c["met"] else "not met"))
        for c in chain["decision"]
    ]
    heads = (Head("condition"), Head("is", right=True), Head("needed", right=True), Head(""))
    _table(page, heads, rows)
    holding = list(chain["shown"]["rules"] or ())
    held = [f"{rule}: {words.RULES.get(rule, 'see the reference')}." for rule in holding]
    page.section("Rules", held or ["None holds."])
    rest = [rule["rule"] for rule in chain["rules"] if rule["rule"] not in holding]
    if rest:
        page.section("", [f"Looked at, not holding: {', '.join(rest)}."])


def _table(page: Page, heads: Sequence[Head], rows: Sequence[Sequence[Text | str]]) -> None:
    """As a table; on a narrow terminal a paragraph for each row."""
    if page.wide:
        print_table(page.console, heads, rows)
        return
    for row in rows:
        named = [
            f"{head.title} {' '.join(str(cell).split())}".strip()
            for head, cell in zip(heads[1:], row[1:], strict=True)
            if str(cell).strip()
        ]
        page.line(f"{row[0]}: {', '.join(named)}")


def _after(page: Page, chain: Chain) -> None:
    """What came too late, and whether these steps lead to what was told."""
    late = chain["late"]
    if late is not None:
        came = ", ".join(f"{n} {what}{'' if n == 1 else 's'}" for what, n in late["came"].items())
        page.section("Later", [f"{late['text']}", f"Came later: {came}."])
    if not chain["agrees"]:
        page.section("Differs", ["An earlier version of Freshlegs told that verdict; these steps are today's."])
    if chain["parameters"]:
        page.section("Model", [f"parameters {chain['parameters']}; freshlegs explain --json holds every number."])
