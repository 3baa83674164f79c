#!/bin/sh
# Makes .venv from the lock files. Usage: scripts/setup.sh demo|test
set -eu
cd "$(dirname "$0")/.."
what=${1:-demo}
lock=requirements.lock
[ "$what" = test ] && lock=requirements-dev.lock
mark=.venv/.ganbo-$what
stamp=$(cat "$lock" pyproject.toml scripts/setup.sh | cksum)
[ -f "$mark" ] && [ "$(cat "$mark")" = "$stamp" ] && exit 0

fit() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
whole() { "$1" -c 'import venv, ensurepip' >/dev/null 2>&1; }
if [ ! -x .venv/bin/python ]; then
    python=
    # a distribution builds its Python with optimisations: ganbo does half as much again with it as with a plain build
    if fit /usr/bin/python3 && whole /usr/bin/python3; then python=/usr/bin/python3; fi
    [ -n "$python" ] || for name in python3.13 python3.12 python3.11 python3 python; do
        if command -v "$name" >/dev/null 2>&1 && fit "$name"; then python=$name; break; fi
    done
    if [ -z "$python" ]; then
        echo "ganbo needs Python 3.11 or newer. On Debian: apt-get install python3 python3-venv" >&2
        exit 1
    fi
    if ! whole "$python"; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        echo "Python's venv is missing. Install it: apt-get install python$version-venv" >&2
        exit 1
    fi
    echo "Making .venv with $python …"
    "$python" -m venv .venv
fi
if command -v uv >/dev/null 2>&1; then uv=uv; else
    uv=.venv/bin/uv
    [ -x "$uv" ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check uv
fi
echo "Installing $lock …"
VIRTUAL_ENV=$PWD/.venv "$uv" pip install --quiet --compile-bytecode --require-hashes --no-deps -r "$lock"
VIRTUAL_ENV=$PWD/.venv "$uv" pip install --quiet --no-deps --no-build-isolation --editable .
echo "$stamp" >"$mark"
