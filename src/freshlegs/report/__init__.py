"""Two pages to take to a doctor or coach: what is in them (`content`), and how they are written (`html`, `pdf`)."""

from __future__ import annotations

from freshlegs.report.content import SPAN_D, Content, content

__all__ = ["SPAN_D", "Content", "content"]
