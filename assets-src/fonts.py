"""Cut the two type faces to what ganbo writes: Latin-1, Vietnamese, ₫ and typographic marks; digits for amounts.

Reads node_modules, writes src/ganbo/doors/ui/static/ui/fonts/*.woff2. Run by build.sh.
"""

import sys
import tempfile
import unicodedata
from pathlib import Path

from fontTools import merge, subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "node_modules" / "@fontsource"
OUT = ROOT / "src" / "ganbo" / "doors" / "ui" / "static" / "ui" / "fonts"
MARKS = "₫–—‘’“”•…−×·"  # the face has no arrows and no ≈: those come from the system
DIGITS = "0123456789.,+−-×%₫  "  # the last two: space and no-break space


def vietnamese() -> set[int]:
    """Every precomposed letter Vietnamese writes, both cases."""
    bases = "aăâeêioôơuưy"
    tones = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    letters = {unicodedata.normalize("NFC", base + tone) for base in bases for tone in tones} | {"đ"}
    return {ord(letter) for text in letters for letter in (text, text.upper())}


def latin_1() -> set[int]:
    return set(range(0x20, 0x7F)) | set(range(0xA0, 0x100)) - {0xAD}


def cut(family: str, weight: int, wanted: set[int], out: str, features: list[str]) -> int:
    """Subset each delivered part to `wanted`, join the parts, write one woff2; returns its size in bytes."""
    left = set(wanted)
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        for part in ("latin", "vietnamese", "latin-ext"):
            font = TTFont(FONTS / family / "files" / f"{family}-{part}-{weight}-normal.woff2", recalcTimestamp=False)
            here = left & set(font.getBestCmap())
            if not here:
                continue
            left -= here
            options = subset.Options(
                layout_features=features, hinting=False, notdef_outline=True, name_IDs=[0, 1, 2, 13, 14]
            )
            cutter = subset.Subsetter(options)
            cutter.populate(unicodes=here)
            cutter.subset(font)
            font.flavor = None
            path = Path(folder) / f"{part}.ttf"
            font.save(path)
            parts.append(str(path))
        font = merge.Merger().merge(parts) if len(parts) > 1 else TTFont(parts[0], recalcTimestamp=False)
        font.recalcTimestamp = False
        font["head"].modified = font["head"].created
        font.flavor = "woff2"
        OUT.mkdir(parents=True, exist_ok=True)
        font.save(OUT / out)
    if left:
        print(f"{out}: not in the face: {' '.join(f'U+{c:04X}' for c in sorted(left))}", file=sys.stderr)
    return (OUT / out).stat().st_size


def main() -> None:
    text = latin_1() | vietnamese() | {ord(c) for c in MARKS}
    sizes = {
        f"be-vietnam-pro-{w}.woff2": cut(
            "be-vietnam-pro", w, text, f"be-vietnam-pro-{w}.woff2", ["kern", "mark", "mkmk", "ccmp"]
        )
        for w in (400, 600)
    }
    sizes["ganbo-so-600.woff2"] = cut("inter", 600, {ord(c) for c in DIGITS}, "ganbo-so-600.woff2", ["tnum"])
    for name, size in sizes.items():
        print(f"{name}: {size} bytes")


if __name__ == "__main__":
    main()
