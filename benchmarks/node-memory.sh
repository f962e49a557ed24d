#!/usr/bin/env bash
# Anonymous memory of a whole idle node (`./tutti node`) on a chain of 900,000 headers, which it fetches from a peer of this repository and
# finds again after a restart. Linux; about five minutes. `mvn verify` (or `mvn package -DskipTests`) before.
#   bash benchmarks/node-memory.sh [HEADERS] [IDLE_SECONDS]
set -euo pipefail
unset CDPATH
cd "$(dirname "$0")/.."
headers=${1:-900000}
idle=${2:-60}
work=$(mktemp -d)
children=()
cleanup() {
    for pid in "${children[@]}"; do kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
java=${TUTTI_JAVA:-}
for candidate in "${JAVA_HOME:-/nowhere}/bin/java" /usr/lib/jvm/*25*/bin/java "${HOME:-}"/.sdkman/candidates/java/25*/bin/java; do
    [ -n "$java" ] || [ ! -x "$candidate" ] || ! "$candidate" -version 2>&1 | grep -q '"25' || java=$candidate
done

# It serves until its standard input ends.
mkfifo "$work/open"
"${java:-java}" -Xmx1g -cp app/target/tutti.jar org.tutti.benchmarks.headers.HeadersPeer "$headers" <"$work/open" >"$work/port" &
children+=($!)
exec 8>"$work/open"
until [ -s "$work/port" ]; do sleep 0.2; done

for name in a b; do ./tutti node init --data "$work/$name" --network regtest --listen "/ip4/127.0.0.1/tcp/0" >"$work/$name.member"; done
# Coins are looked for in whole blocks from the birthday on: there are none above it. The other member never comes.
{
    printf 'data = "%s"\nlisten = "/ip4/127.0.0.1/tcp/0"\nnetwork = "regtest"\nbirthday = %d\n\n' "$work/a" $((headers + 1))
    printf '[bitcoin]\npeers = ["127.0.0.1:%s"]\n\n' "$(cat "$work/port")"
    printf '[policy]\nmax_amount_sat = 1000\nmax_fee_sat = 1000\ndestinations = ["bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202"]\n'
    for name in a b; do
        grep -E '^(\[\[members\]\]|peer_id|signing_key)' "$work/$name.member"
        echo 'address = "/ip4/127.0.0.1/tcp/1"'
    done
} >"$work/node.toml"

kb() { sed -n "s/^$1:[[:space:]]*\([0-9]*\) kB/\1/p" "/proc/$node/status"; }
for run in "it fetched them" "it found them on disk"; do
    ./tutti node --config "$work/node.toml" >"$work/node.out" 2>"$work/node.err" &
    node=$!
    children+=("$node")
    until ./tutti status --data "$work/a" --json 2>/dev/null | grep -q "\"height\":$headers[,}]"; do
        kill -0 "$node" 2>/dev/null || { cat "$work/node.err" "$work/node.out" >&2; exit 1; }
        sleep 1
    done
    peak=$(kb VmHWM)
    sleep "$idle"
    echo "a node with $headers headers, idle for $idle s after $run: $(($(kb RssAnon) / 1024)) MiB anonymous, $(($(kb VmRSS) / 1024)) MiB resident, at most $((peak / 1024)) MiB"
    kill "$node"
    wait "$node" 2>/dev/null || true
done
