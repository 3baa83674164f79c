"""A browser's view of a form: what pressing its button would send."""

from html.parser import HTMLParser
from typing import Any


class _Forms(HTMLParser):
    """Collects the fields of one form."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id, self.inside = form_id, False
        self.action = ""
        self.fields: list[tuple[str, str]] = []
        self._select: list[Any] = []
        self._text: list[str] | None = None
        self._name = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.inside = told.get("id") == self.form_id
            self.action = told["action"] if self.inside else self.action
        if not self.inside:
            return
        if tag == "input" and told.get("name"):
            if told.get("type") not in ("checkbox", "radio") or "checked" in told:
                self.fields.append((told["name"], told.get("value", "on")))
        elif tag == "select":
            self._select = [told["name"], None, None]
        elif tag == "option" and self._select:
            if self._select[1] is None:
                self._select[1] = told["value"]
            if "selected" in told:
                self._select[2] = told["value"]
        elif tag == "textarea":
            self._name, self._text = told["name"], []

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select" and self._select:
            name, first, chosen = self._select
            self.fields.append((name, chosen if chosen is not None else first))
            self._select = []
        elif tag == "textarea" and self._text is not None:
            self.fields.append((self._name, "".join(self._text).removeprefix("\n")))
            self._text = None


def of(page: str, form_id: str) -> dict[str, list[str]]:
    """name → values of a form, as a browser would send them."""
    parser = _Forms(form_id)
    parser.feed(page)
    found: dict[str, list[str]] = {}
    for name, value in parser.fields:
        found.setdefault(name, []).append(value)
    return found
