"""Two pages for a doctor or coach: what is in them, what is not, and that they stay two."""

import builtins
import io
import re
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, time, timedelta
from html.parser import HTMLParser

import pypdf
import pytest

import freshlegs as fl
from freshlegs.look import STATES
from freshlegs.problems import NothingDone, WrongRequest
from freshlegs.report.picture import Picture, shape, svg
from freshlegs.synthetic.stories import Phase, tell

DAY = timedelta(days=1)
START = date(2026, 1, 5)
WORN = {"energy": -3.0, "leg_freshness": -3.0, "sleep_quality": -2.0, "mood": -2.0, "soreness": 3.0}
ITEMS = ("energy", "leg_freshness", "soreness", "sleep_quality", "mood", "relax", "wish_to_run", "appetite", "stress")
WELL_D, WORN_D = 60, 40
END = START + (WELL_D + WORN_D - 1) * DAY


def clock():
    return datetime.combine(END, time(7), UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A hundred mornings, the last forty hard ones; an illness, a pain, falling weight."""
    folder = tmp_path_factory.mktemp("report") / "home"
    with fl.Diary.open(folder, now=clock) as diary:
        for row in tell(Phase(WELL_D), Phase(WORN_D, feels=WORN), start=START, seed=2).iter_rows(named=True):
            told = {item: row[item] for item in ITEMS if row[item] is not None}
            n = (row["date"] - START).days
            extra = {"weight_kg": 70.0 - 0.12 * max(0, n - WELL_D)}
            if n in (70, 71, 72):
                extra |= {"ill": "below_neck", "pain": 5.0, "pain_where": "left calf & <shin>"}
            if told | extra:
                diary.check_in(row["date"], **told, **extra)
        for n in range(1, 30, 2):
            diary.mark_action("sleep_habits", "done", END - n * DAY)
    return folder


@pytest.fixture
def diary(home):
    with fl.Diary.open(home, now=clock) as opened:
        yield opened


def text_of(pdf):
    return " ".join(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(pdf).pages)


class Seen(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.asks, self.words = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.asks += [value for name, value in attrs if name in ("src", "href", "srcset", "data", "action")]

    def handle_data(self, data):
        self.words.append(data)


def read(path):
    seen = Seen()
    seen.feed(path.read_text("utf-8"))
    return seen


def test_the_pdf_has_two_pages_and_says_what_a_reader_wants_to_know(diary, tmp_path):
    found = diary.report(tmp_path / "report.pdf", "pdf")
    reader = pypdf.PdfReader(tmp_path / "report.pdf")
    assert len(reader.pages) == 2
    text = text_of(tmp_path / "report.pdf")
    assert "Twelve weeks to 14 April 2026" in text
    assert found.state_word in text
    for sign in found.signs:
        assert sign.name in text
        assert sign.since in text
    assert "Illness entered: 16 March to 18 March" in text
    assert "left calf & <shin>" in text
    assert "no diagnosis" in text
    assert "95 % interval" in text or "Too early to say" in text or "Still unclear" in text
    assert re.search(r"morning answers on \d+ of 84 days", text)


def test_the_page_holds_the_same_and_asks_for_nothing_outside(diary, tmp_path):
    found = diary.report(tmp_path / "report.html", "html")
    seen = read(tmp_path / "report.html")
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(seen.tags)
    assert seen.asks == []
    raw = tmp_path.joinpath("report.html").read_text("utf-8")
    assert "url(" not in raw
    assert "@import" not in raw
    assert raw.replace("http://www.w3.org/2000/svg", "").count("http") == raw.count("http-equiv")
    text = " ".join(" ".join(seen.words).split())
    for told in (found.title, found.headline, found.disclaimer, *(sign.why for sign in found.signs)):
        assert told in text
    assert "left calf & <shin>" in text


@pytest.mark.parametrize("shown", [False, True])
def test_weight_is_spoken_of_when_the_runner_shows_it(home, tmp_path, shown):
    import shutil

    with fl.Diary.open(shutil.copytree(home, tmp_path / "home"), now=clock) as diary:
        diary.set_profile(show_weight=shown)
        found = diary.report_content()
        (sign,) = [one for one in found.signs if one.name == "weight or appetite loss"]
        assert ("weight is falling" in sign.why) == shown
        diary.report(tmp_path / "report.pdf", "pdf")
    assert ("weight is falling" in text_of(tmp_path / "report.pdf")) == shown
    assert "kg" not in text_of(tmp_path / "report.pdf")


def test_the_timeline_has_each_state_with_its_colour(diary):
    from freshlegs.report.timeline import timeline

    found = diary.report_content()
    drawn = svg(timeline(found))
    ET.fromstring(drawn)
    for state in {day.state for day in found.days}:
        assert STATES[state].on_light in drawn
    assert len(found.days) == 84
    assert found.days[-1].date == END


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_a_shape_of_its_own(state):
    others = {other: svg(Picture(10, 10, "", shape(other, 5, 5, 8, "#000"))) for other in STATES if other != state}
    own = svg(Picture(10, 10, "", shape(state, 5, 5, 8, "#000")))
    ET.fromstring(own)
    assert own not in others.values()


def test_gaps_are_drawn_as_gaps(tmp_path):
    """Three weeks without a word between answered ones: the load is not drawn through them, the state says so."""
    with fl.Diary.open(tmp_path / "home", now=clock) as diary:
        for n in range(100):
            if not 50 <= n < 85:
                diary.check_in(END - (99 - n) * DAY, energy=6, leg_freshness=6, sleep_quality=6, mood=6, stress=4)
        found = diary.report_content()
    assert {day.state for day in found.days} >= {"insufficient_data"}
    assert [day.beyond for day in found.days if day.state == "insufficient_data"] == [None] * sum(
        day.state == "insufficient_data" for day in found.days
    )


def test_it_stays_two_pages_with_much_to_tell(home, tmp_path):
    import shutil

    with fl.Diary.open(shutil.copytree(home, tmp_path / "home"), now=clock) as diary:
        for n in range(40):
            place = f"a rather long name of place number {n} " * 3
            diary.check_in(END - n * DAY, pain=5, pain_where=place, symptoms=["bone_pain", "calf_swelling"])
        diary.check_in(END, pain=4, pain_where="колено")
        diary.report(tmp_path / "much.pdf", "pdf")
    assert len(pypdf.PdfReader(tmp_path / "much.pdf").pages) == 2


def test_an_empty_diary_gives_two_pages_that_say_so(tmp_path):
    with fl.Diary.open(tmp_path / "home", now=clock) as diary:
        diary.report(tmp_path / "empty.pdf", "pdf")
        diary.report(tmp_path / "empty.html", "html")
    assert "Nothing is known yet" in text_of(tmp_path / "empty.pdf")
    assert len(pypdf.PdfReader(tmp_path / "empty.pdf").pages) == 2


def test_the_same_morning_gives_the_same_file(diary, tmp_path):
    for name in ("a", "b"):
        diary.report(tmp_path / f"{name}.pdf", "pdf")
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_without_reportlab_a_sentence_says_what_to_do(diary, tmp_path, monkeypatch):
    whole = builtins.__import__

    def without(name, *rest, **more):
        if name.startswith("reportlab"):
            raise ImportError(name)
        return whole(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(NothingDone, match=r"freshlegs\[pdf\]"):
        diary.report(tmp_path / "report.pdf", "pdf")
    assert not (tmp_path / "report.pdf").exists()


def test_it_is_for_its_owners_eyes_and_leaves_nothing_half_written(diary, tmp_path):
    diary.report(tmp_path / "report.html", "html")
    assert (tmp_path / "report.html").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    with pytest.raises(WrongRequest, match="there is no folder"):
        diary.report(tmp_path / "nowhere" / "report.pdf", "pdf")
    with pytest.raises(WrongRequest, match="is a folder"):
        diary.report(tmp_path, "pdf")
    with pytest.raises(WrongRequest, match="html or pdf"):
        diary.report(tmp_path / "report.doc", "doc")


def test_the_command_writes_both(home, tmp_path):
    from click.testing import CliRunner

    from freshlegs.cli.app import freshlegs

    pdf, html = tmp_path / "r.pdf", tmp_path / "r.html"
    said = CliRunner().invoke(freshlegs, ["--home", str(home), "report", "--pdf", str(pdf), "--html", str(html)])
    assert said.exit_code == 0, said.stderr
    assert said.stdout.count("Written:") == 2
    assert pypdf.PdfReader(io.BytesIO(pdf.read_bytes())).metadata.title.startswith("Freshlegs report")
    assert html.read_text("utf-8").startswith("<!doctype html>")
    assert CliRunner().invoke(freshlegs, ["--home", str(home), "report"]).exit_code == 2
