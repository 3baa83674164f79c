"""One SVG sprite from icons.txt and lucide-static, 1.75 stroke, plus ganbo's own mark. Run by build.sh."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "src" / "ganbo" / "doors" / "ui" / "static" / "ui" / "icons.svg"
# Two stamp rings interlocked: each passes once over and once under the other, a knot.
MARK = (
    '<symbol id="mark" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.75" stroke-linecap="butt">'
    '<path d="M13.06 7.53A6.5 6.5 0 1 0 15 12c0-.55-.07-1.1-.2-1.6"/>'
    '<path d="M10.94 16.47A6.5 6.5 0 1 0 9 12c0 .55.07 1.1.2 1.6"/></symbol>'
)


def symbol(name: str, lucide: str) -> str:
    """`<symbol>` of one lucide icon under ganbo's name."""
    svg = (ROOT / "node_modules" / "lucide-static" / "icons" / f"{lucide}.svg").read_text()
    body = re.sub(r"\s*\n\s*", "", svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]).replace(
        " />", "/>"
    )
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
        f'stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
    )


def main() -> None:
    lines = (Path(__file__).parent / "icons.txt").read_text().splitlines()
    pairs = [line.split() for line in lines if line and not line.startswith("#")]
    symbols = [symbol(pair[0], pair[-1]) for pair in pairs]
    OUT.write_text(
        "<!-- lucide (ISC), see vendor/LICENSES.txt; the mark is ganbo's -->\n"
        '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join([*symbols, MARK]) + "\n</svg>\n"
    )
    print(f"icons.svg: {len(symbols) + 1} symbols, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
