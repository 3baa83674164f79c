#!/bin/sh
# Installs what pages and PDFs need from Debian when we are root; otherwise only says what is missing. Never fails.
set -u
cd "$(dirname "$0")/.."
packages=
if ! command -v chromium >/dev/null 2>&1 && ! command -v chromium-browser >/dev/null 2>&1; then packages="chromium"; fi
if ! .venv/bin/python -c 'import weasyprint' >/dev/null 2>&1; then
    packages="$packages libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
fi
if ! command -v java >/dev/null 2>&1; then packages="$packages default-jre-headless"; fi  # for Spark's tests
[ -z "$packages" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$([ -n "$packages" ] && echo " $packages") …"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $packages; } >/dev/null 2>&1 ||
        echo "Could not install $packages; some tests will be skipped."
fi
exit 0
