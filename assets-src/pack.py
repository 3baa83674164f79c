"""Copy the vendored scripts and licences beside the built CSS, and lay a .gz beside each text file for whitenoise."""

import gzip
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
STATIC = ROOT / "src" / "ganbo" / "doors" / "ui" / "static" / "ui"
SCRIPTS = {"htmx.org/dist/htmx.min.js": "htmx.min.js", "@alpinejs/csp/dist/cdn.min.js": "alpine-csp.min.js"}
LICENCES = {
    "htmx": "htmx.org/LICENSE",
    "lucide": "lucide-static/LICENSE",
    "daisyUI (parts of the CSS)": "daisyui/LICENSE",
    "Tailwind CSS (parts of the CSS)": "tailwindcss/LICENSE",
    "Be Vietnam Pro": "@fontsource/be-vietnam-pro/LICENSE",
    "Inter (digits, as Ganbo Số)": "@fontsource/inter/LICENSE",
}
ALPINE = "MIT License. Copyright © 2019-2025 Caleb Porzio and contributors. https://github.com/alpinejs/alpine"


def main() -> None:
    vendor = STATIC / "vendor"
    vendor.mkdir(parents=True, exist_ok=True)
    for source, name in SCRIPTS.items():
        (vendor / name).write_bytes((MODULES / source).read_bytes())
    texts = [f"== {name}\n\n{(MODULES / path).read_text().strip()}\n" for name, path in LICENCES.items()]
    (vendor / "LICENSES.txt").write_text("\n\n".join([*texts, f"== Alpine.js (CSP build)\n\n{ALPINE}\n"]))
    for path in sorted(p for p in STATIC.rglob("*") if p.suffix in {".css", ".js", ".svg"}):
        packed = gzip.compress(path.read_bytes(), 9, mtime=0)
        path.with_name(path.name + ".gz").write_bytes(packed)
        print(f"{path.relative_to(STATIC)}: {path.stat().st_size} bytes, {len(packed)} compressed")


if __name__ == "__main__":
    main()
