#!/bin/sh
# Names, last in the output, the flows that were skipped and why.
file=${TMPDIR:-/tmp}/ganbo-skipped-$(id -u)
[ -s "$file" ] || exit 0
echo
echo "Skipped flows:"
sort -u "$file" | sed 's/^/  /'
