"""Values that are made a million times: frozen for who reads and checks the program, made at the price of plain objects."""

from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar, cast

T = TypeVar("T", bound=type)


def swift(frozen: T) -> T:
    """Above `@dataclass(frozen=True, slots=True)`: mypy still refuses every assignment, the interpreter is not asked again.

    A frozen dataclass is filled through `object.__setattr__`, six times as dear a field as a plain assignment.
    """
    cls: Any = frozen
    own = {
        one.name: field(default_factory=cast("Any", one.default_factory))
        if one.default_factory is not MISSING
        else field(default=one.default)
        for one in fields(cls)
        if one.default is not MISSING or one.default_factory is not MISSING
    }
    names = {"__annotations__": {one.name: one.type for one in fields(cls)}, **own}
    plain: Any = dataclass(eq=False, repr=False)(type(cls.__name__, (), names))
    cls.__init__ = plain.__init__
    del cls.__setattr__, cls.__delattr__
    return frozen
