"""The report as a PDF of exactly two pages, by ReportLab (the extra ``pdf``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any, Final

from freshlegs.look import look
from freshlegs.problems import NothingDone
from freshlegs.report.content import Content, dated
from freshlegs.report.picture import Box, Mark, Picture, draw, shape
from freshlegs.report.timeline import timeline

MARGIN: Final = 40.0
FOOT: Final = 46.0
WIDTH: Final = 595.28 - 2 * MARGIN
HEIGHT: Final = 841.89 - MARGIN - FOOT - 12
INK, GREY, RULE = "#2B2B2B", "#5D5D5D", "#DDDBD6"
FLAG: Final = "#C03A19"

STAND_INS: Final[dict[str, str]] = {
    "−": "–",
    "≥": "at least ",
    "≤": "at most ",
    "→": "to",
    "▪": "•",
    "\u202f": " ",
    "\u2009": " ",
}
"""For what the PDF's own fonts lack."""


def printable(text: str) -> str:
    """The text in the letters that the PDF's fonts have; a word in others is named as such, and stays in the HTML.

    >>> printable("knee −1.5"), printable("колено")
    ('knee –1.5', '[in letters this PDF lacks]')
    """
    for lacking, there in STAND_INS.items():
        text = text.replace(lacking, there)
    told = []
    for word in text.split(" "):
        try:
            word.encode("cp1252")
            told.append(word)
        except UnicodeEncodeError:
            told.append("[in letters this PDF lacks]")
    return " ".join(told)


def pdf(report: Content) -> bytes:
    """The PDF's bytes. NothingDone, saying what to install, where ReportLab is missing."""
    try:
        from reportlab.lib.pagesizes import A4
        from reportlab.platypus import BaseDocTemplate, Frame, KeepInFrame, PageBreak, PageTemplate
    except ImportError:
        raise NothingDone(
            'a PDF needs ReportLab, which is not installed: pip install "freshlegs[pdf]", or write --html'
        ) from None
    kept = BytesIO()
    document = BaseDocTemplate(
        kept,
        pagesize=A4,
        title=f"Freshlegs report: {report.title}",
        author=report.athlete,
        subject="For a doctor or a coach; no diagnosis",
        creator="Freshlegs",
        invariant=1,
    )
    frame = Frame(MARGIN, FOOT + 12, WIDTH, HEIGHT, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=_footer(report)))
    pages = [KeepInFrame(WIDTH, HEIGHT, page, mode="shrink") for page in (_first(report), _second(report))]
    document.build([pages[0], PageBreak(), pages[1]])
    return kept.getvalue()


def _footer(report: Content) -> Callable[[Any, Any], None]:
    def put(canvas: Any, document: Any) -> None:
        from reportlab.lib.utils import simpleSplit

        canvas.saveState()
        canvas.setStrokeColor(RULE)
        canvas.line(MARGIN, FOOT + 6, MARGIN + WIDTH, FOOT + 6)
        canvas.setFillColor(GREY)
        canvas.setFont("Helvetica", 6.8)
        for n, line in enumerate(simpleSplit(printable(report.disclaimer), "Helvetica", 6.8, WIDTH - 60)):
            canvas.drawString(MARGIN, FOOT - 4 - 8.4 * n, line)
        canvas.drawRightString(MARGIN + WIDTH, FOOT - 4, f"page {document.page} of 2")
        canvas.restoreState()

    return put


# ---------------------------------------------------------------- parts


def _text(
    words: str, size: float = 9, colour: str = INK, *, bold: bool = False, after: float = 2, left: float = 0
) -> Any:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    font = "Helvetica-Bold" if bold else "Helvetica"
    style = ParagraphStyle(
        "text", fontName=font, fontSize=size, leading=1.32 * size, textColor=colour, spaceAfter=after, leftIndent=left
    )
    return Paragraph(_safe(words), style)


def _safe(words: str) -> str:
    """Text for a ReportLab paragraph, which reads it as XML."""
    return printable(words).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _heading(words: str) -> list[Any]:
    from reportlab.platypus import Spacer

    return [Spacer(1, 9), _text(words, 10.5, bold=True, after=3)]


def _drawn(picture: Picture) -> Any:
    from reportlab.platypus import Flowable

    class Drawn(Flowable):  # type: ignore[misc]
        def wrap(self, width: float, height: float) -> tuple[float, float]:
            return picture.width, picture.height

        def draw(self) -> None:
            draw(picture, self.canv, printable)

    return Drawn()


def _table(rows: Sequence[Sequence[Any]], widths: Sequence[float], *, heads: bool) -> Any:
    from reportlab.platypus import Table

    style: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 8),
        ("TOPPADDING", (0, 0), (-1, -1), 2.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.2),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, "#EFEDE9"),
    ]
    if heads:
        style.append(("LINEBELOW", (0, 0), (-1, 0), 0.6, RULE))
    return Table(rows, colWidths=widths, style=style, hAlign="LEFT")


def _first(report: Content) -> list[Any]:
    from reportlab.platypus import Spacer

    seen = look(report.state)
    under = (
        f"For a doctor or a coach · from the diary of {report.athlete} · {dated(report.first)} to {dated(report.last)}"
    )
    badge = Picture(14, 14, "", shape(report.state, 6, 7, 10, seen.on_light))
    state = _table(
        [[_drawn(badge), _text(report.state_word, 12.5, seen.on_light, bold=True)]], [18, WIDTH - 18], heads=False
    )
    state.setStyle([("LINEBELOW", (0, 0), (-1, -1), 0, "#FFFFFF"), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
    story = [
        _text(report.title, 17, bold=True, after=3),
        _text(under, 8.5, GREY, after=10),
        state,
        _text(report.headline, 10, after=3),
        _text(f"{report.how_sure} {report.since}", 8.8, GREY),
    ]
    if report.flags:
        story += _heading("To be looked at by a doctor")
        story += [_flag(flag) for flag in report.flags]
    story += [*_heading("The twelve weeks"), _drawn(timeline(report, WIDTH)), Spacer(1, 2)]
    head = [_text(h, 8, GREY) for h in ("", "last four weeks", "the eight before")]
    rows = [[_text(name, 8.8), _text(lately, 8.8), _text(earlier, 8.8)] for name, lately, earlier in report.figures]
    return [*story, *_heading("In numbers"), _table([head, *rows], [150, 182, 182], heads=True)]


def _flag(words: str) -> Any:
    table = _table([["", _text(words, 9)]], [7, WIDTH - 7], heads=False)
    table.setStyle([("LINEBEFORE", (0, 0), (0, -1), 2.5, FLAG), ("LINEBELOW", (0, 0), (-1, -1), 0, "#FFFFFF")])
    return table


def _strength(marks: int) -> Any:
    boxes: list[Mark] = [Box(7.5 * n, 2.5, 5.5, 5.5, FLAG if n < marks else RULE) for n in range(4)]
    return _drawn(Picture(32, 9, "", boxes))


def _second(report: Content) -> list[Any]:
    story = _heading("Signs on the last morning")
    if report.signs:
        head = [_text(h, 8, GREY) for h in ("sign", "strength", "since", "why")]
        rows = [
            [_text(s.name, 8.8, bold=True), _strength(s.marks), _text(s.since, 8.8), _text(s.why, 8.8)]
            for s in report.signs
        ]
        story.append(_table([head, *rows], [140, 48, 64, WIDTH - 252], heads=True))
    else:
        story.append(_text("No sign is present."))
    if report.not_seen:
        story.append(_text(f"Not seen: {report.not_seen}.", 8.2, GREY))
    if report.not_measured:
        story.append(_text(f"Not measured: {', '.join(report.not_measured)}.", 8.2, GREY))
    story += _heading("Likely contributors")
    if report.causes:
        rows = [[_text(n, 8.8, bold=True), _text(f"{100 * s:.0f} %", 8.8), _text(w, 8.8)] for n, s, w in report.causes]
        story.append(_table(rows, [80, 44, WIDTH - 124], heads=False))
    else:
        story.append(_text("No cause stands out."))
    story += _heading("What was tried, and what came of it")
    if report.tried:
        rows = [[_text(name, 8.6), _text(text, 8.6)] for name, text in report.tried]
        story.append(_table(rows, [215, WIDTH - 215], heads=False))
    else:
        story.append(_text("Nothing was marked as tried."))
    story += [*_heading("Illness, pain, symptoms"), *(_text(line, 8.8) for line in report.health)]
    story += [*_heading("What this rests on"), *(_text(line, 8.8) for line in report.known)]
    if report.unknown:
        story.append(_text("Not known on the last morning:", 8.2, GREY))
        story += [_text(f"· {line}", 8.2, GREY, after=1, left=6) for line in report.unknown]
    return story
