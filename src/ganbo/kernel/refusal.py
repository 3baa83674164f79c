"""An understandable wish that cannot be granted: a stable code and the numbers its sentence needs."""

from typing import Any


class Refusal(Exception):
    """Base of refusals; `code` is part of the contract, `params` go into the sentence."""

    code = "refused"

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code)
        self.params: dict[str, Any] = params
