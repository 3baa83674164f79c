"""Text without diacritics, for search: `fold("Nguyễn Văn Đạt") == "nguyen van dat"`."""

import unicodedata


def fold(text: str) -> str:
    """Lower case without marks, đ as d, single spaces; the same for NFC and NFD input."""
    plain = unicodedata.normalize("NFKD", text.replace("Đ", "D").replace("đ", "d"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())
