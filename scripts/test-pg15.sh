#!/bin/sh
# Runs the tests on Debian's PostgreSQL 15, the oldest supported; installs it when we are root.
set -eu
cd "$(dirname "$0")/.."
bin=/usr/lib/postgresql/15/bin
if [ ! -x "$bin/postgres" ]; then
    if [ "$(id -u)" != 0 ]; then
        echo "PostgreSQL 15 is missing. Install it: apt-get install postgresql-15" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql-15; } >/dev/null
fi
folder=$(mktemp -d /tmp/ganbo-pg15-XXXXXX)
chmod 755 "$folder"
as_postgres() { if [ "$(id -u)" = 0 ]; then su postgres -s /bin/sh -c "$*"; else sh -c "$*"; fi; }
finish() {
    as_postgres "$bin/pg_ctl -D $folder/data -m immediate stop" >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap finish EXIT INT TERM
[ "$(id -u)" = 0 ] && chown postgres "$folder"
port=${PORT:-54915}
as_postgres "$bin/initdb -D $folder/data -U postgres -A trust -E UTF8 --locale=C.UTF-8" >/dev/null
as_postgres "$bin/pg_ctl -w -D $folder/data -l $folder/log -o '-p $port -k $folder -c max_connections=200 -c fsync=off' start" >/dev/null
export TEST_DATABASE_URL="postgresql://postgres@127.0.0.1:$port/postgres"
# what never asks a database is as it was on the other one
.venv/bin/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder tests/http tests/journeys src \
    --ignore=src/ganbo/engine --ignore=src/ganbo/kernel --ignore=tests/journeys/test_refund_properties.py --ignore=tests/journeys/test_quoted_points.py
