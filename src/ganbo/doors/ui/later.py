"""Pages whose module is loaded when one of them is first opened."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


class Later:
    """A module of views by its name: each attribute is the view of that name."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> View:
        def view(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
            found: View = getattr(import_module(self._module), name)
            return found(request, *args, **more)

        view.__name__, view.__module__ = name, self._module
        return view
