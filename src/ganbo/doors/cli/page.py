"""One-file reports: a page with its style in it, no script, nothing fetched; written whole or not at all."""

import os
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

from ganbo.doors.cli import saying

_STYLE = """
:root{color-scheme:light}*{box-sizing:border-box}
body{margin:0;background:#FAF9F6;color:#1A2421;font:16px/1.5 "Be Vietnam Pro",system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 16px 64px}
h1{font-size:32px;line-height:1.3;margin:0 0 4px;overflow-wrap:anywhere}h2{font-size:20px;line-height:1.4;margin:0 0 12px}
.small{color:#66736E;font-size:14px;margin:0 0 24px}
section{background:#FFF;border-radius:16px;box-shadow:0 1px 2px rgb(26 36 33/.08);padding:20px;margin:0 0 16px;break-inside:avoid}
section.plain{background:none;box-shadow:none;padding:4px 0 8px}
ul.told{margin:0;padding:0;list-style:none}
ul.told li{font-size:18px;line-height:1.45;padding:6px 0 6px 20px;border-left:4px solid #0B6B5A;margin:0 0 10px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:12px;margin:0}
.tiles div{background:#E3F1ED;border-radius:10px;padding:12px}.tiles dt{color:#4A5753;font-size:14px;line-height:1.35}
.tiles dd{margin:4px 0 0;font-size:20px;line-height:1.3;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
figure{margin:0}svg{width:100%;height:auto;display:block}svg text{font-size:12px;fill:#4A5753}
.keys{display:flex;flex-wrap:wrap;gap:4px 16px;list-style:none;margin:8px 0 0;padding:0;font-size:14px}
.keys i{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:6px}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums;width:100%}
th,td{padding:6px 8px;text-align:right;border-bottom:1px solid #D9DDD8;white-space:nowrap}th:first-child{text-align:left}
.pair td{white-space:normal}
tbody th{font-weight:400}thead th{font-weight:600;color:#4A5753}
table.heat td,table.heat th+th{text-align:center}table.heat td{border:2px solid #FFF}
details{margin-top:12px}summary{cursor:pointer;color:#1D5FA8;padding:10px 0}
summary:focus-visible{outline:3px solid #1D5FA8;outline-offset:2px}
@media(max-width:480px){h1{font-size:24px}.tiles{grid-template-columns:1fr 1fr}.tiles dd{font-size:15px}
section{padding:16px}svg text{font-size:18px}}
@media print{body{background:#FFF}section{box-shadow:none;border:1px solid #D9DDD8}}
"""


def whole(title: str, small: str, sections: Sequence[str], lang: str) -> str:
    """The page; sections are HTML that is escaped already."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f'<h1>{escape(title)}</h1><p class="small">{escape(small)}</p>{"".join(sections)}</main></body></html>'
    )


def section(title: str, *inside: str) -> str:
    """A card with a heading."""
    return f"<section><h2>{escape(title)}</h2>{''.join(inside)}</section>"


def told(sentences: Sequence[str]) -> str:
    """What it means, first and large."""
    return f'<section class="plain"><ul class="told">{"".join(f"<li>{escape(one)}</li>" for one in sentences)}</ul></section>'


def tiles(rows: Sequence[tuple[str, str]]) -> str:
    """Key figures."""
    return f'<dl class="tiles">{"".join(f"<div><dt>{escape(n)}</dt><dd>{escape(v)}</dd></div>" for n, v in rows)}</dl>'


def listed(lines: Sequence[str]) -> str:
    """Small print, a line each."""
    return f'<p class="small">{"<br>".join(escape(line) for line in lines)}</p>'


def ready(path: Path) -> None:
    """Refuses a path that cannot be written, before the long work."""
    folder = path.parent
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        saying.refuse(
            f"Không ghi được {path}: hãy chọn tệp trong một thư mục có thật và ghi được.",
            f"Cannot write {path}: choose a file in a folder that exists and can be written.",
        )


def write(path: Path, html: str) -> None:
    """Write it whole: a reader never sees half of it. It tells of customers, so only its owner may read it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".ganbo-", suffix=".html")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(html)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
