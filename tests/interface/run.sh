#!/bin/sh
# The public interface under generated requests: schemathesis reads the OpenAPI document of the
# demo and tries what fits and what does not; feedparser and a look at XML and PNG read the feeds and
# pictures; the client of others calls every tool of MCP. Fails when anything does, or when fewer requests were sent than the bar.
#
#   tests/interface/run.sh [examples for each operation]
#
# Needs python3; what it installs goes into target/interface. OUTCRY_BINARY names a built program.
set -eu
cd "$(dirname "$0")/../.."
examples="${1:-260}"
bar=10000
venv=target/interface
binary="${OUTCRY_BINARY:-target/debug/outcry}"
[ -x "$venv/bin/schemathesis" ] && [ -d "$venv/lib" ] || {
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet schemathesis==4.32.5 feedparser==6.0.14
}
"$venv/bin/pip" install --quiet mcp==2.3.0
"$binary" demo --listen 127.0.0.1:18481 --speed 1 --start 2025-03-10T22:00:00Z \
    --reads 4000000000 >"$venv/demo.txt" 2>"$venv/demo-errors.txt" &
demo=$!
trap 'kill $demo' EXIT
base=http://127.0.0.1:18481
for _ in $(seq 240); do
    curl --silent --fail --output "$venv/openapi.json" $base/api/v1/openapi.json && break
    sleep 0.5
done
"$venv/bin/python" tests/interface/read.py $base
"$venv/bin/python" tests/interface/mcp_client.py $base "$binary"
# Live numbers have no end. A report is answered by the disk, and by 429 after 300 of them.
"$venv/bin/schemathesis" --config-file tests/interface/schemathesis.toml run \
    $base/api/v1/openapi.json --exclude-path '/s/{slug}/live' --max-examples "$examples" \
    --phases examples,coverage,fuzzing --continue-on-failure --workers 1 --no-shrink \
    --max-failures 50 >"$venv/said.txt" 2>&1 || {
    cat "$venv/said.txt"
    exit 1
}
kill -0 $demo
tail -n 12 "$venv/said.txt"
sent=$(sed -n 's/^ *\([0-9,]*\) generated.*/\1/p' "$venv/said.txt" | tr -d , | tail -n 1)
echo "interface: ${sent:-0} generated requests, 0 failures (bar: >= $bar, 0)"
[ "${sent:-0}" -ge $bar ]
