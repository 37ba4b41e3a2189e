"""What the XML formats share: caution before parsing, and a streaming parser for odd files."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Final

from freshlegs.problems import UnreadableFile

if TYPE_CHECKING:
    from lxml.etree import _Element

LARGEST_B: Final = 256 * 2**20
"""A week of points every second is 240 MB of XML; nothing larger is a recording of a person."""

DEPTH_AT_MOST: Final = 100
"""Elements within elements; recordings need ten, and the parser takes ever longer the deeper it is."""

UNCLOSED_AT_MOST: Final = 1_000

_WIDE: Final = (
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARATION: Final = re.compile(rb"^\s*<\?xml[^>]*\?>")
_UTF_8: Final = re.compile(rb"utf-?8|(us-)?ascii", re.IGNORECASE)
_ENCODING: Final = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']""")
_DECLARES: Final = re.compile(rb"<!ENTITY|<!DOCTYPE[^<>\[]*\[")


def head_text(head: bytes) -> bytes:
    """The first bytes of an XML file as UTF-8 without a byte-order mark, for recognising it."""
    for mark, encoding in _WIDE:
        if head.startswith(mark):
            return head[: len(head) // 2 * 2].decode(encoding, "replace").encode()
    return head.removeprefix(codecs.BOM_UTF8).lstrip()


def prepared(data: bytes) -> bytes:
    """An XML file in an encoding that keeps ASCII, without what stands before its first ``<``.

    UnreadableFile when it declares entities (a few lines of them can unfold to gigabytes) or is too large.
    """
    if len(data) > LARGEST_B:
        raise UnreadableFile(f"the file is larger than any recording of a person ({LARGEST_B // 2**20} MB)")
    for mark, encoding in _WIDE:
        if data.startswith(mark):
            text = data[: len(data) // 2 * 2].decode(encoding, "replace")
            data = _DECLARATION.sub(b"", text.encode())
            break
    if data[:1] != b"<":
        data = data.removeprefix(codecs.BOM_UTF8).lstrip()
    encoding_said = _ENCODING.match(data[:200])
    if encoding_said is not None and encoding_said[1].lower().startswith(b"utf-16"):
        data = _DECLARATION.sub(b"", data)  # a program that wrote bytes and said otherwise
    if b"!" in data and _DECLARES.search(data) is not None:
        raise UnreadableFile("the XML declares entities, which could unfold without end; it was not read")
    return data


def is_plain(data: bytes) -> bool:
    """Whether a pattern over the bytes sees what an XML parser would: no comments, CDATA, odd encoding."""
    if b"!" in data and b"<!" in data:
        return False
    if data.find(b"<?", 2) >= 0:
        return False
    encoding = _ENCODING.match(data[:200])
    return encoding is None or _UTF_8.fullmatch(encoding[1]) is not None or data.isascii()


def elements(data: bytes, starts: frozenset[str], ends: frozenset[str]) -> Iterator[tuple[str, str, _Element]]:
    """Stream an XML file: ``("start" | "end", local name, element)`` for the names asked for.

    An element whose end was asked for is emptied after it was handled. Nothing is loaded from elsewhere. A damaged
    file gives what stands before and after the damage; at the very end comes ``("damage", sentence, root)`` then.
    """
    from lxml import etree

    if data.count(b"<") - data.count(b">") > UNCLOSED_AT_MOST:
        raise UnreadableFile("this is no XML that can be read: thousands of its tags have no end")
    events = etree.iterparse(
        BytesIO(data),
        events=("start", "end"),
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    root: _Element | None = None
    depth = 0
    try:
        for event, element in events:
            depth += 1 if event == "start" else -1
            if depth > DEPTH_AT_MOST:
                raise UnreadableFile("the XML is nested deeper than any recording; it was not read")
            root = element if root is None else root
            name = local(element)
            if event == "start":
                if name in starts:
                    yield "start", name, element
            elif name in ends:
                yield "end", name, element
                element.clear(keep_tail=True)
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]
    except etree.XMLSyntaxError:
        pass
    errors = [entry for entry in events.error_log if entry.level_name != "WARNING"]
    if root is None:
        raise UnreadableFile("this is no XML that can be read")
    if errors:
        yield "damage", f"the XML is damaged at line {errors[0].line}; what could be read was", root


def local(element: _Element) -> str:
    """An element's name without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def text_of(element: _Element) -> bytes:
    """An element's own text, trimmed."""
    return (element.text or "").strip().encode()
