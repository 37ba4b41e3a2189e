"""For every service: what it has becomes runs and nights once, and what fails costs nothing that was had."""

from __future__ import annotations

import contextlib
import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from freshlegs.diary import Diary
from freshlegs.problems import NothingDone
from freshlegs.sync import SERVICES, running, service
from freshlegs.sync.contract import NotConnected, Unreachable
from freshlegs.sync.tokens import TokenBox

from .conftest import Carry
from .recorded import EXPECTED, SINCE, TODAY, TOKENS, Answer

NAMES = sorted(SERVICES)
Synced = tuple[running.SyncReport, list[str], list[float]]


@pytest.fixture
def diary(tmp_path: Path) -> Iterator[Diary]:
    with Diary.open(tmp_path / "home") as opened:
        yield opened


def sync(diary: Diary, name: str, since: Any = SINCE) -> Synced:
    if TokenBox(diary.home).find(name) is None:
        TokenBox(diary.home).keep(name, TOKENS[name])
    said: list[str] = []
    slept: list[float] = []
    report = running.Sync(diary, service(name), tell=said.append, sleep=slept.append).run(since, TODAY)
    return report, said, slept


def held(diary: Diary) -> tuple[int, int]:
    return diary.runs().height, diary.nights()["date"].n_unique()


@pytest.mark.parametrize("name", NAMES)
def test_everything_there_is_becomes_runs_and_nights_and_again_brings_nothing(
    name: str, diary: Diary, carry: Carry
) -> None:
    answers = carry(name)
    report, _, _ = sync(diary, name)
    assert report.stopped is None
    assert held(diary) == EXPECTED[name]
    assert not [one for one in report.problems if one.refused and "Strava" not in one.message], report.problems
    assert not any((diary.home / "sync" / "arriving" / name).glob("*"))
    before = len(answers.asked)
    again, _, _ = sync(diary, name, None)
    assert held(diary) == EXPECTED[name]
    assert again.imported["runs"] == 0
    downloads = [one for one in answers.asked[before:] if re.search("/files?/|/file$|/fit$|streams", one)]
    assert downloads == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_sent_to_anybody_else(name: str, diary: Diary, carry: Carry) -> None:
    answers = carry(name)
    sync(diary, name)
    hosts = {"garmin": "connectapi.garmin.com", "intervals": "intervals.icu", "strava": "www.strava.com"}
    assert {one.split()[1].split("/")[0] for one in answers.asked} == {hosts.get(name, "www.polaraccesslink.com")}
    assert all(one.startswith("GET ") for one in answers.asked)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("answer", "fault", "why"),
    [
        ((401, {}, b"{}"), NotConnected, "let Freshlegs in"),
        ((503, {}, b"down"), Unreachable, "trouble of its own|cannot be reached"),
        ((429, {"Retry-After": "86400"}, b"{}"), running.Enough, "goes on where it was"),
    ],
)
def test_each_trouble_is_one_sentence(
    name: str, answer: Answer, fault: type[Exception], why: str, diary: Diary, carry: Carry
) -> None:
    carry(name).instead = lambda _asked: answer
    with pytest.raises(fault, match=why) as caught:
        sync(diary, name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_without_a_network_it_says_so(name: str, diary: Diary, carry: Carry) -> None:
    carry(name).down = True
    with pytest.raises(Unreachable, match="cannot be reached"):
        sync(diary, name)


@pytest.mark.parametrize("name", NAMES)
def test_a_pause_is_waited_for_and_nothing_is_lost(name: str, diary: Diary, carry: Carry) -> None:
    answers = carry(name)
    seen: set[str] = set()

    def busy_once(asked: str) -> Answer | None:
        """Every address is too busy the second time something is asked of the service, once."""
        if len(answers.asked) % 3 == 0 and asked not in seen:
            seen.add(asked)
            return 429, {"Retry-After": "30"}, b"{}"
        return None

    answers.instead = busy_once
    report, said, slept = sync(diary, name)
    assert report.stopped is None
    assert held(diary) == EXPECTED[name]
    assert seen
    assert any("waiting" in one for one in said)
    assert max(slept) >= 2.0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("after", [2, 3, 5, 9])
def test_stopped_in_the_middle_it_goes_on_where_it_was(name: str, after: int, diary: Diary, carry: Carry) -> None:
    answers = carry(name)

    def killed(_asked: str) -> Answer | None:
        if len(answers.asked) > after:
            raise KeyboardInterrupt
        return None

    answers.instead = killed
    with contextlib.suppress(KeyboardInterrupt):  # some have less to ask
        sync(diary, name)
    answers.instead = lambda _asked: None
    sync(diary, name, None)
    if not running.Progress(diary.home, name).until:
        pytest.fail("the second sync did not come to its end")
    assert held(diary) == EXPECTED[name]


def test_what_arrived_before_a_kill_is_imported_next_time(diary: Diary, carry: Carry) -> None:
    carry("intervals")
    folder = diary.home / "sync" / "arriving" / "intervals"
    folder.mkdir(parents=True)
    from .recorded import fit_files

    (folder / "activity-i900.fit").write_bytes(fit_files()[0][1])
    (folder / ".activity-i901.fit").write_bytes(b"half of")
    report, _, _ = sync(diary, "intervals")
    assert held(diary) == EXPECTED["intervals"]
    assert not folder.exists()
    assert report.problems == [one for one in report.problems if "Strava" in one.message]


def test_one_thing_that_fails_costs_only_itself_and_is_tried_again(diary: Diary, carry: Carry) -> None:
    answers = carry("polar")
    answers.instead = lambda asked: (500, {}, b"") if asked.endswith("exercises/900/fit") else None
    report, _, _ = sync(diary, "polar")
    assert [one.source for one in report.problems if one.refused] == ["Polar, exercise-900"]
    assert diary.runs().height == 1
    answers.instead = lambda _asked: None
    sync(diary, "polar", None)
    assert diary.runs().height == 2


def test_samples_of_strava_are_those_of_its_streams(diary: Diary, carry: Carry) -> None:
    carry("strava")
    sync(diary, "strava")
    runs = diary.runs().sort("start_utc").to_dicts()
    assert [run["distance_m"] for run in runs] == [1200.0, 2400.0, 3600.0]
    assert runs[0]["hr_mean_bpm"] == pytest.approx(142.3)
    assert runs[1]["rpe"] == 5.0
    samples = diary.activity(runs[0]["id"]).records
    assert samples.height == 401
    assert samples["cadence_spm"].unique().to_list() == [170.0]
    assert samples["distance_m"][-1] == 1200.0


def test_the_day_limit_of_strava_is_told_apart(diary: Diary, carry: Carry) -> None:
    limit = {"X-RateLimit-Limit": "100,1000", "X-RateLimit-Usage": "12,1000"}
    carry("strava").instead = lambda asked: (429, limit, b"{}") if "streams" in asked else None
    with pytest.raises(NothingDone, match="requests a day"):
        sync(diary, "strava")


def test_a_renewed_token_is_kept(diary: Diary, carry: Carry) -> None:
    carry("strava")
    TokenBox(diary.home).keep("strava", TOKENS["strava"] | {"expires_at": 1})
    sync(diary, "strava")
    found = TokenBox(diary.home).find("strava")
    assert found is not None
    assert (found["access_token"], found["refresh_token"]) == ("new", "newer")


def test_tokens_lie_where_only_the_runner_reads_and_never_in_export_or_backup(
    diary: Diary, carry: Carry, tmp_path: Path
) -> None:
    import zipfile

    carry("intervals")
    sync(diary, "intervals")
    file = diary.home / "sync" / "intervals-tokens.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    diary.export(tmp_path / "all.zip")
    diary.backup(tmp_path / "saved.zip")
    for path in (tmp_path / "all.zip", tmp_path / "saved.zip"):
        with zipfile.ZipFile(path) as archive:
            assert not [name for name in archive.namelist() if "token" in name or "progress" in name]
            assert not any(b'"key": "k"' in archive.read(name) for name in archive.namelist())


def test_tokens_go_to_the_systems_keyring_when_there_is_one(tmp_path: Path) -> None:
    import keyring
    from keyring.backend import KeyringBackend

    class Ring(KeyringBackend):
        priority = 9  # type: ignore[assignment]
        kept: ClassVar[dict[tuple[str, str], str]] = {}

        def set_password(self, service: str, username: str, password: str) -> None:
            self.kept[service, username] = password

        def get_password(self, service: str, username: str) -> str | None:
            return self.kept.get((service, username))

        def delete_password(self, service: str, username: str) -> None:
            del self.kept[service, username]

    keyring.set_keyring(Ring())
    box = TokenBox(tmp_path)
    assert box.keep("polar", {"token": "t"}) == "keyring"
    assert not (tmp_path / "sync").exists()
    assert box.find("polar") == {"token": "t"}
    assert TokenBox(tmp_path / "another").find("polar") is None
    assert box.forget("polar")
    assert box.find("polar") is None
    assert Ring.kept == {}


def test_damaged_progress_means_to_begin_again(diary: Diary, carry: Carry) -> None:
    carry("polar")
    sync(diary, "polar")
    (diary.home / "sync" / "polar-progress.json").write_text("{")
    sync(diary, "polar", None)
    assert held(diary) == EXPECTED["polar"]
    assert json.loads((diary.home / "sync" / "polar-progress.json").read_text())["until"] == str(TODAY)


def test_clients_are_imported_in_their_adapters_and_nowhere_else() -> None:
    import freshlegs

    own = {"garminconnect": "garmin", "stravalib": "strava", "httpx": "web", "keyring": "tokens", "requests": None}
    for path in Path(freshlegs.__file__).parent.rglob("*.py"):
        for found in re.findall(r"^\s*(?:import|from) (\w+)", path.read_text(encoding="utf-8"), re.M):
            if found in own and not (found == "requests" and path.parent.name == "sync"):
                assert path.stem == own[found], path


def test_recorded_services_are_all_of_them() -> None:
    assert set(EXPECTED) == set(SERVICES)
