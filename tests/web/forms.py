"""A form as a browser without scripts holds it: what the page put into it, what is typed over it, sent as a whole."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient
from lxml import html


class Tab:
    """One tab with one form of one page; it knows nothing of what happens in other tabs."""

    def __init__(self, client: TestClient, path: str, action: str) -> None:
        self.client, self.action = client, action
        self.fields: dict[str, Any] = {}
        self.read(client.get(path).text)

    def read(self, text: str) -> None:
        """Show this page."""
        self.page = html.fromstring(text)
        for form in self.page.forms:
            if form.action == self.action:
                self.fields = dict(form.fields)

    def send(self, **typed: Any) -> Any:
        """Type into the form, send it, and show the page it leads to; gives the answer to the sending."""
        self.fields |= typed
        answer = self.client.post(self.action, data={key: text or "" for key, text in self.fields.items()})
        if answer.is_redirect:
            self.page = html.fromstring(self.client.get(answer.headers["location"]).text)
        else:
            self.read(answer.text)
        return answer

    def field(self, name: str) -> Any:
        """The element of a field."""
        return self.page.xpath(f"//form[@action='{self.action}']//*[@name='{name}']")[0]

    def text(self, path: str = "//main") -> str:
        """What is read there, the white space of the source taken together."""
        return " ".join(" ".join(one.text_content() for one in self.page.xpath(path)).split())

    def said_of(self, name: str) -> str:
        """What stands at a field as its description."""
        described = (self.field(name).get("aria-describedby") or "").split()
        return " ".join(self.text(f"//*[@id='{one}']") for one in described)
