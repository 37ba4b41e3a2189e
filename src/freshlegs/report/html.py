"""The report as one HTML file: no script, nothing asked for from outside, two pages when printed."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from freshlegs.look import look
from freshlegs.report.content import Content, dated
from freshlegs.report.picture import Picture, shape, svg
from freshlegs.report.timeline import timeline

STYLE: Final = """
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;background:#F3F1ED;color:#2B2B2B;font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
font-variant-numeric:tabular-nums}
main{max-width:50rem;margin:0 auto;padding:2.5rem 2rem;background:#FFF}
header{border-bottom:1px solid #DDDBD6;margin-bottom:1.6rem;padding-bottom:.7rem;color:#5D5D5D}
h1{font-size:1.6rem;line-height:1.2;margin:0;color:#2B2B2B}
h2{font-size:1rem;margin:1.8rem 0 .5rem}
p{margin:.3rem 0}
.state{display:flex;gap:.6rem;align-items:center;font-weight:700;font-size:1.15rem}
.state svg{width:1.3rem;height:1.3rem;flex:none}
.quiet{color:#5D5D5D}
.flag{border-left:4px solid #C03A19;padding:.15rem 0 .15rem .8rem;margin:.5rem 0}
table{border-collapse:collapse;width:100%}
th{text-align:left;font-weight:600;color:#5D5D5D;border-bottom:1px solid #DDDBD6}
td,th{padding:.3rem .8rem .3rem 0;vertical-align:top}
td{border-bottom:1px solid #EFEDE9}
td.n{white-space:nowrap}
ul{margin:.2rem 0;padding-left:1.1rem}
.since{white-space:nowrap}.strength{letter-spacing:1px;color:#C03A19}
footer{margin-top:2rem;border-top:1px solid #DDDBD6;padding-top:.8rem;color:#5D5D5D}
.wide{overflow-x:auto}.wide svg{min-width:34rem;display:block}
@media (max-width:40rem){main{padding:1.2rem 1rem}.signs thead{display:none}
.signs tr{display:grid;grid-template-columns:1fr auto auto;column-gap:.8rem;border-bottom:1px solid #EFEDE9;
padding:.4rem 0}
.signs td{border:0;padding:0}.signs td:last-child{grid-column:1/-1}}
@media print{@page{size:A4;margin:14mm}body{background:#FFF;font-size:9.2pt;line-height:1.35}
main{max-width:none;padding:0}h1{font-size:16pt}h2{margin:.7rem 0 .25rem}.second{break-before:page}
tr,.flag{break-inside:avoid}td,th{padding:.12rem .6rem .12rem 0}}
"""


def html(report: Content) -> str:
    """The whole file."""
    title = f"Freshlegs report: {report.title}"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>{_first(report)}{_second(report)}"
        f"<footer><p>{escape(report.disclaimer)}</p></footer></main></body></html>\n"
    )


def _first(report: Content) -> str:
    seen = look(report.state)
    mark = svg(Picture(16, 16, "", shape(report.state, 8, 8, 12, seen.on_light)))
    flags = "".join(f'<p class="flag">{escape(flag)}</p>' for flag in report.flags)
    rows = [(escape(name), escape(lately), escape(earlier)) for name, lately, earlier in report.figures]
    return (
        f"<header><h1>{escape(report.title)}</h1><p>For a doctor or a coach · from the diary of "
        f"{escape(report.athlete)} · {dated(report.first)} to {dated(report.last)}</p></header>"
        f'<section><p class="state" style="color:{seen.on_light}">{mark}{escape(report.state_word)}</p>'
        f"<p>{escape(report.headline)}</p>"
        f'<p class="quiet">{escape(report.how_sure)} {escape(report.since)}</p></section>'
        + (f"<section><h2>To be looked at by a doctor</h2>{flags}</section>" if flags else "")
        + f'<section><h2>The twelve weeks</h2><div class="wide">{svg(timeline(report))}</div></section>'
        + f"<section><h2>In numbers</h2>{_table(('', 'last four weeks', 'the eight before'), rows)}</section>"
    )


def _second(report: Content) -> str:
    signs = [
        (
            f"<b>{escape(s.name)}</b>",
            f'<span class="strength">{"▪" * s.marks}</span>',
            f'<span class="since">{escape(s.since)}</span>',
            escape(s.why),
        )
        for s in report.signs
    ]
    causes = [(f"<b>{escape(name)}</b>", f"{100 * share:.0f} %", escape(why)) for name, share, why in report.causes]
    tried = [(escape(name), escape(text)) for name, text in report.tried]
    parts = ['<div class="second">', "<section><h2>Signs on the last morning</h2>"]
    parts.append(
        _table(("sign", "strength", "since", "why"), signs, name="signs") if signs else "<p>No sign is present.</p>"
    )
    if report.not_seen:
        parts.append(f'<p class="quiet">Not seen: {escape(report.not_seen)}.</p>')
    if report.not_measured:
        parts.append(f'<p class="quiet">Not measured: {escape(", ".join(report.not_measured))}.</p>')
    parts.append("</section><section><h2>Likely contributors</h2>")
    parts.append(_table(("", "share", "because of"), causes) if causes else "<p>No cause stands out.</p>")
    parts.append("</section><section><h2>What was tried, and what came of it</h2>")
    parts.append(_table(("", ""), tried, head=False) if tried else "<p>Nothing was marked as tried.</p>")
    parts.append(f"</section><section><h2>Illness, pain, symptoms</h2>{_list(report.health)}</section>")
    parts.append(f"<section><h2>What this rests on</h2>{_list(report.known)}")
    if report.unknown:
        parts.append(f'<p class="quiet">Not known on the last morning:</p>{_list(report.unknown)}')
    return "".join([*parts, "</section></div>"])


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], *, head: bool = True, name: str = "plain") -> str:
    top = "<thead><tr>" + "".join(f"<th>{escape(h)}</th>" for h in heads) + "</tr></thead>" if head else ""
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="{name}">{top}<tbody>{body}</tbody></table>'


def _list(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
