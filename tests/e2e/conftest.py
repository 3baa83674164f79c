"""A real browser on the real demo."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.looking import Visit
from tests.torture.running import Demo

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """`ganbo demo`, started once."""
    found = Demo()
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="module")  # no longer: Playwright's event loop would keep Django's tests from the database
def browser() -> Iterator[Any]:
    """Debian's Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("install Debian package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=[*_ARGUMENTS, "--disable-sync"])
        yield found
        found.close()


@pytest.fixture(params=[PHONE, DESK], ids=["360", "1280"])
def size(request: pytest.FixtureRequest) -> dict[str, int]:
    """A phone in the evening (dark), then a desk by day."""
    found: dict[str, int] = request.param
    return found


@pytest.fixture(scope="module")
def signed_in(browser: Any, demo: Demo) -> dict[str, Any]:
    """Cookies of the staff, by door; a sign-in is not repeated for every test."""
    return {}


@pytest.fixture
def visit(browser: Any, demo: Demo, signed_in: dict[str, Any], size: dict[str, int]) -> Iterator[Callable[..., Visit]]:
    """`visit()` opens a window; `visit("till")` one whose staff is signed in."""
    contexts = []

    def open_window(door: str | None = None) -> Visit:
        known = signed_in.get(door) if door else None
        theme = "dark" if size is PHONE else "light"
        context = browser.new_context(
            viewport=size, locale="vi-VN", storage_state=known, reduced_motion="reduce", color_scheme=theme
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        seen = Visit(context.new_page(), demo)
        if door and known is None:
            seen.sign_in(door)
            signed_in[door] = context.storage_state()
        elif door:
            seen.go(f"/{door}/")
        return seen

    yield open_window
    for context in contexts:
        context.close()
