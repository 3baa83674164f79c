"""A merchant's words in one or more languages, with a fallback chain."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class LocalText:
    """Texts by language; `text("en")` falls back to Vietnamese, English, then whatever there is."""

    by_language: Mapping[str, str] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """The best text for a language; empty when there is none at all."""
        for wanted in (language, language.partition("-")[0], "vi", "en"):
            if wanted in self.by_language:
                return self.by_language[wanted]
        return next(iter(self.by_language.values()), "")

    def __bool__(self) -> bool:
        return any(self.by_language.values())
