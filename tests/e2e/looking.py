"""Looking at a page as its reader does: what it says, what the console complains of, what axe-core finds."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.torture.running import Demo

_AXE = Axe()
_REFUSED = "the server responded with a status of 422"  # what a browser logs for a form that was refused


class Visit:
    """One window. `look()` after every step that leads to another page."""

    def __init__(self, page: Any, demo: Demo) -> None:
        self.page, self.demo = page, demo
        self._complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._complaints.append(str(error)))

    def _heard(self, message: Any) -> None:
        if message.type == "error" and _REFUSED not in message.text:
            self._complaints.append(f"{self.page.url}: {message.text}")

    def go(self, path: str) -> None:
        """Open an address and look."""
        answer = self.page.goto(path if path.startswith("http") else self.demo.url + path)
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"
        self.look()

    def sign_in(self, door: str) -> None:
        """Through the form, with what demo.json says."""
        sign = self.demo.notes[door]
        self.go(f"/{door}/")
        self.page.fill("input[name=login]", sign["email"])
        self.page.fill("input[name=password]", sign["password"])
        self.page.click("form:has(input[name=password]) button")
        self.page.wait_for_url(f"**/{door}/**")
        self.look()

    def press(self, selector: str) -> None:
        """Click something that leads to another page, and look at that page."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        self.look()

    def look(self) -> None:
        """No complaint, no sideways scrolling, nothing serious for axe-core."""
        self.page.mouse.move(5, 5)
        self.page.wait_for_load_state("load")
        where = self.page.url
        assert not self._complaints, self._complaints
        wide, there = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= there + 1, f"{where} scrolls sideways: {wide} > {there}"
        answer = _AXE.run(self.page).response
        assert answer["passes"], "axe-core looked at nothing"
        serious = [
            f"{v['id']}: {v['help']} — {[n['target'] for n in v['nodes']][:4]}"
            for v in answer["violations"]
            if v["impact"] in ("serious", "critical")
        ]
        assert not serious, f"{where}\n" + "\n".join(serious)
        assert not self._complaints, self._complaints

    def text(self, selector: str = "main") -> str:
        """What is written there."""
        found: str = self.page.locator(selector).first.inner_text()
        return found.replace("\u00a0", " ").replace("\u202f", " ")
