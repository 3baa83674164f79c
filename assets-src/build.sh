#!/bin/sh
# Builds every static file of the pages from npm's packages, at development time; the results are committed.
#   sh assets-src/build.sh          everything
#   sh assets-src/build.sh css      only the CSS (after changing a template)
set -eu
cd "$(dirname "$0")/.."
[ -d node_modules/tailwindcss ] || npm ci --ignore-scripts --no-fund --no-audit
python=.venv/bin/python
[ -x "$python" ] || python=python3
out=src/ganbo/doors/ui/static/ui
mkdir -p "$out"
for door in wallet till console site; do
  node_modules/.bin/tailwindcss --minify -i "assets-src/css/$door.css" -o "$out/$door.css" 2>&1 | grep -iv 'tailwindcss v\|daisyui\|^Done\|^$' || true
done
if [ "${1:-all}" = all ]; then
  "$python" assets-src/fonts.py
  "$python" assets-src/icons.py
fi
"$python" assets-src/pack.py
