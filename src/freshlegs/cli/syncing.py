"""``sync``: fetch from a service what the runner has there; off until asked for."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from freshlegs.cli import prompting
from freshlegs.cli.options import json_option
from freshlegs.cli.output import Page, console, count, emit, hint
from freshlegs.cli.reading import reasons
from freshlegs.cli.session import DONE, SOME_REFUSED, Session
from freshlegs.cli.watching import brought
from freshlegs.problems import NothingDone, WrongRequest

if TYPE_CHECKING:
    from freshlegs.sync.running import SyncReport

SERVICES: Final = ("garmin", "intervals", "strava", "polar")


@click.command()
@click.argument("service", required=False, type=click.Choice(SERVICES))
@click.option("--from", "start", metavar="D", help="First day to fetch; else where it was, or half a year ago.")
@click.option("--forget", type=click.Choice(SERVICES), help="Remove what was kept to be let in; your data stays.")
@click.option("--no-browser", is_flag=True, help="Print the page on which you say yes instead of opening it.")
@json_option
@click.pass_obj
def sync(
    session: Session, service: str | None, start: str | None, forget: str | None, no_browser: bool, as_json: bool
) -> int:
    """Fetch what is new from a service you are connected with; the first time it asks for what it needs.

    Nothing is fetched unless this command is given. Without a service: which are connected.
    """
    if forget is not None:
        if service is not None or start is not None:
            raise WrongRequest("--forget goes alone")
        return _forget(session.home, forget, as_json)
    if service is None:
        return _list(session.home, as_json)
    return _sync(session, service, start, no_browser=no_browser, as_json=as_json)


def _forget(home: Path, service: str, as_json: bool) -> int:
    from freshlegs.sync import running

    was = running.forget(home, service)
    if as_json:
        emit({"service": service, "forgotten": was})
    else:
        gone = f"What was kept for {service} is gone; what was imported stays."
        hint(gone if was else f"Nothing was kept for {service}.")
    return DONE


def _list(home: Path, as_json: bool) -> int:
    from freshlegs.sync import running

    found = running.connected(home)
    if as_json:
        emit({"services": [{"service": one, "connected": one in found, "until": found.get(one)} for one in SERVICES]})
        return DONE
    page = Page(console())
    for name in SERVICES:
        until = found.get(name)
        page.section(name, ["not connected" if name not in found else f"connected, fetched until {until or '—'}"])
    return DONE


def _sync(session: Session, name: str, start: str | None, *, no_browser: bool, as_json: bool) -> int:
    from freshlegs.sync import running, service
    from freshlegs.sync.tokens import TokenBox
    from freshlegs.values import day

    adapter = service(name)
    today = session.today
    since: date | None = None if start is None else day(start, today)
    if since is not None and since > today:
        raise WrongRequest("--from lies ahead")
    box = TokenBox(session.home)
    diary = session.diary()
    if box.find(name) is None:
        where = box.keep(name, adapter.connect(Terminal(no_browser)))
        kept = "the system's keyring" if where == "keyring" else "a file that only you may read"
        hint(f"Connected with {adapter.TITLE}; the access is kept in {kept}.")
        hint(f"freshlegs sync --forget {name} removes it.")
    report = running.Sync(diary, adapter, tell=hint).run(since, today)
    if as_json:
        emit(report.as_dict())
    else:
        _print(adapter.TITLE, report)
    if report.stopped is not None:
        hint(f"freshlegs: {report.stopped}")
    return SOME_REFUSED if report.stopped is not None or any(one.refused for one in report.problems) else DONE


def _print(title: str, report: SyncReport) -> None:
    page = Page(console())
    page.line(f"{count(report.fetched, 'thing')} fetched from {title} in {report.seconds:.0f} s.")
    page.section("New", [brought(report.imported) or "nothing"])
    page.section("Not read", reasons([one for one in report.problems if one.refused]))
    page.section("Worth knowing", reasons([one for one in report.problems if not one.refused]))


class Terminal:
    """A talk on the terminal; nobody is asked when there is none."""

    def __init__(self, no_browser: bool) -> None:
        self._no_browser = no_browser

    def ask(self, question: str, *, secret: bool = False) -> str:
        """An answer; a secret one is not shown."""
        if not prompting.can_ask():
            raise NothingDone("connecting asks for things, so run this once on a terminal")
        if secret:
            from getpass import getpass

            return getpass(f"{question}: ").strip()
        return (prompting.prompt(f"{question}: ") or "").strip()

    def tell(self, sentence: str) -> None:
        """One sentence on standard error."""
        hint(sentence)

    def allow(self, address: str) -> None:
        """The page in the browser, and its address for another one."""
        hint(f"Say yes on this page: {address}")
        if not self._no_browser and sys.stdin is not None and sys.stdin.isatty():
            import webbrowser

            webbrowser.open(address)
