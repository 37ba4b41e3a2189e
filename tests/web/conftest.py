"""A runner's browser: the real site on a free port, and one headless Chromium for all tests of a module.

Everything is watched while a test looks: errors of the console, requests to another host, requests that failed.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="needs the extra web")

END = date(2025, 5, 4)
"""The made runner's last morning."""

PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1280, "height": 800}

OPTIONS = ("--no-sandbox", "--disable-dev-shm-usage")
BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


def morning(day: date = END, hour: int = 7) -> Callable[[], datetime]:
    """A clock that stands at that morning."""
    return lambda: datetime(day.year, day.month, day.day, hour, 30, tzinfo=UTC)


@dataclass
class Site:
    """A running site and its home."""

    url: str
    home: Path
    app: Any
    stop: Callable[[], None] = lambda: None
    """End it, as when the machine it runs on is switched off."""

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


Serve = Callable[..., Site]


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Serve a home until the module's tests are done: ``serve(home, now=…)``; ``port`` is that of a stopped one."""
    import uvicorn

    from freshlegs.web import create_app

    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def serve(home: Path, now: Callable[[], datetime] | None = None, *, port: int = 0, **options: Any) -> Site:
        app = create_app(home, now=now or morning(), **options)
        sock = socket.create_server(("127.0.0.1", port))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        running.append((server, thread))

        def stop() -> None:
            server.should_exit = True
            thread.join(10)

        return Site(f"http://127.0.0.1:{sock.getsockname()[1]}", home, app, stop)

    yield serve
    for server, thread in running:
        server.should_exit = True
        thread.join(5)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the made runner in it; for reading only."""
    from freshlegs import Diary
    from freshlegs.synthetic import write_demo

    folder = tmp_path_factory.mktemp("made")
    home = tmp_path_factory.mktemp("web") / "home"
    truth = write_demo(folder, END)
    with Diary.open(home, now=morning()) as diary:
        diary.set_profile(**truth.profile)
        diary.import_files(folder)
    return home


@pytest.fixture(scope="module")
def own(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of that home to change."""
    return Path(shutil.copytree(filled, tmp_path_factory.mktemp("own") / "home"))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which nothing is known."""
    return tmp_path_factory.mktemp("empty") / "home"


@pytest.fixture(scope="module")
def one_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one morning."""
    from freshlegs import Diary

    home = tmp_path_factory.mktemp("one") / "home"
    with Diary.open(home, now=morning()) as diary:
        diary.check_in(END, energy=6, leg_freshness=5, sleep_quality=7)
    return home


# --- the browser --------------------------------------------------------------------------------------------


def browser_path() -> str | None:
    """Where Chromium is; None for nowhere."""
    return os.environ.get("FRESHLEGS_BROWSER") or next((one for one in BROWSERS if Path(one).is_file()), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Headless Chromium; skipped, with what to do, where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the extra dev")
    path = browser_path()
    if path is None:
        pytest.skip("needs a Chromium: apt-get install chromium, or FRESHLEGS_BROWSER=/path/to/it")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=list(OPTIONS))
        yield browser
        browser.close()


@dataclass
class Looking:
    """A tab, and everything that went wrong in it."""

    page: Any
    site: Site
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> Any:
        """Go to a page of the site."""
        self.page.goto(self.site.url + path)
        return self.page

    def expect(self, *words: str) -> None:
        """What was said so far is meant, as long as each of it holds one of these words."""
        unexpected = [said for said in self.wrong if not any(word in said for word in words)]
        assert unexpected == []
        self.wrong.clear()

    def assert_quiet(self) -> None:
        """No error in the console, none on the page, no request elsewhere."""
        assert self.wrong == []


Look = Callable[..., Looking]


@pytest.fixture
def look(chromium: Any) -> Iterator[Look]:
    """Open a tab of its own: ``look(site, size=PHONE, dark=False)``; at the end all must have been quiet."""
    open_: list[Looking] = []

    def look(site: Site, size: dict[str, int] = PHONE, *, dark: bool = False, path: str | None = "/") -> Looking:
        context = chromium.new_context(viewport=size, color_scheme="dark" if dark else "light", reduced_motion="reduce")
        context.set_default_timeout(8000)
        looking = Looking(context.new_page(), site)
        page, wrong = looking.page, looking.wrong
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: None if _ours(request.url, site) else wrong.append(f"asked {request.url}"))
        open_.append(looking)
        if path is not None:
            looking.open(path)
        return looking

    yield look
    for looking in open_:
        looking.page.context.close()
    for looking in open_:
        looking.assert_quiet()


def _ours(url: str, site: Site) -> bool:
    return url.startswith((site.url, "data:", "blob:"))


def assert_accessible(page: Any) -> None:
    """Axe finds nothing serious or critical."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    told = [f"{one['id']}: {one['help']}: {[node['html'][:120] for node in one['nodes']][:3]}" for one in serious]
    assert told == []


def later(days: int) -> Callable[[], datetime]:
    """A clock some mornings later."""
    return morning(END + timedelta(days=days))
