#!/usr/bin/env bash
# Headers of one btcd on regtest, fetched by neutrino (Go), by bip157 (Rust) and by us, in turns: CPU of the client's process, user and system,
# medians. By hand: needs Go, cargo, and `mvn verify` (or `mvn package -DskipTests`) before. The figures are in benchmarks/README.md.
#   bash interop/run-light-clients.sh [BLOCKS] [ROUNDS]      20000 blocks and 5 rounds if not said; TUTTI_BTCD_BIN has btcd and btcctl, if set
set -euo pipefail
unset CDPATH
cd "$(dirname "$0")/.."
blocks=${1:-20000}
rounds=${2:-5}
work=$(mktemp -d)
btcd=
cleanup() {
    [ -z "$btcd" ] || { kill "$btcd" 2>/dev/null; wait "$btcd" 2>/dev/null || true; }
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
java=${TUTTI_JAVA:-}
for candidate in "${JAVA_HOME:-/nowhere}/bin/java" /usr/lib/jvm/*25*/bin/java "${HOME:-}"/.sdkman/candidates/java/25*/bin/java; do
    [ -n "$java" ] || [ ! -x "$candidate" ] || ! "$candidate" -version 2>&1 | grep -q '"25' || java=$candidate
done

bin=${TUTTI_BTCD_BIN:-$work/bin}
if [ ! -x "$bin/btcd" ]; then
    GOBIN=$bin go install github.com/btcsuite/btcd@v0.26.2
    GOBIN=$bin go install github.com/btcsuite/btcd/cmd/btcctl@v0.26.2
fi
(cd interop/light-clients/neutrino && go build -o "$work/neutrino" .)
cargo build --quiet --release --manifest-path interop/light-clients/bip157/Cargo.toml
bip157=${CARGO_TARGET_DIR:-interop/light-clients/bip157/target}/release/tutti-interop-bip157

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
}
port=$(free_port)
rpc=$(free_port)
touch "$work/empty.conf"
"$bin/btcd" --regtest --configfile="$work/empty.conf" --datadir="$work/data" --logdir="$work/logs" --rpcuser=u --rpcpass=p --notls \
    --rpclisten="127.0.0.1:$rpc" --listen="127.0.0.1:$port" --miningaddr=bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202 >"$work/btcd.out" 2>&1 &
btcd=$!
ctl() { "$bin/btcctl" --configfile="$work/empty.conf" --regtest --rpcuser=u --rpcpass=p --notls -s "127.0.0.1:$rpc" "$@"; }
for _ in $(seq 100); do ctl getblockcount >/dev/null 2>&1 && break || sleep 0.2; done
for ((left = blocks; left > 0; left -= 1000)); do ctl generate $((left < 1000 ? left : 1000)) >/dev/null; done

# As ./tutti starts a node; what runs for long has all of the JVM's compilers.
small="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xss512k -Xms16m -Xmn10m -Xmx160m -XX:-UsePerfData"
options=$small
ours() { # folder height [times]
    "${java:-java}" --enable-native-access=ALL-UNNAMED $options -cp app/target/tutti.jar:benchmarks/target/classes \
        org.tutti.benchmarks.headers.HeadersClient "$port" "$@"
}
# Appends user and system seconds of a command to the file of that name.
TIMEFORMAT='%U %S'
measure() { # name command …
    local name=$1 used
    shift
    used=$({ time "$@" >"$work/$name.out" 2>"$work/$name.err"; } 2>&1) || { cat "$work/$name.err" >&2; exit 1; }
    awk '{ printf "%.3f\n", $1 + $2 }' <<<"$used" >>"$work/$name.cpu"
}
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

for ((round = 1; round <= rounds; round++)); do
    mkdir -p "$work/neutrino-$round"
    measure neutrino "$work/neutrino" "127.0.0.1:$port" "$work/neutrino-$round" "$blocks"
    measure bip157 "$bip157" "127.0.0.1:$port" "$blocks" headers
    measure bip157-filter-headers "$bip157" "127.0.0.1:$port" "$blocks" filter-headers
    measure ours ours "$work/ours-$round" "$blocks"
    options="-XX:+UseSerialGC -Xmx160m"
    # The last of twenty in one process: a program that has run for a while.
    measure ours-many ours "$work/many-$round" "$blocks" 20
    awk 'END { printf "%.3f\n", $2 / 1e9 }' "$work/ours-many.out" >>"$work/ours-in-a-running-process.cpu"
    options=$small
done
# What a bare JVM needs, for comparison.
for ((round = 1; round <= rounds; round++)); do measure jvm "${java:-java}" $small -version; done

# After a restart, with seven blocks more.
ctl generate 7 >/dev/null
measure neutrino-again "$work/neutrino" "127.0.0.1:$port" "$work/neutrino-1" $((blocks + 7))
measure ours-again ours "$work/ours-1" $((blocks + 7))
measure bip157-again "$bip157" "127.0.0.1:$port" $((blocks + 7)) headers

echo "$blocks blocks, $rounds rounds, median CPU seconds of the client's process (headers per CPU-second):"
for name in neutrino bip157-filter-headers bip157 ours ours-in-a-running-process jvm; do
    echo "$name $(median "$work/$name.cpu")" | awk -v blocks="$blocks" '{ printf "  %-28s %.3f  (%d)\n", $1, $2, blocks / $2 }'
    echo "    all: $(tr '\n' ' ' <"$work/$name.cpu")"
done
echo "after a restart and 7 more blocks:"
echo "  neutrino began at height $(cut -d ' ' -f 1 "$work/neutrino-again.out"), $(cat "$work/neutrino-again.cpu") s"
echo "  ours stored $(cut -d ' ' -f 5 "$work/ours-again.out") headers and read $(cut -d ' ' -f 4 "$work/ours-again.out") bytes, $(cat "$work/ours-again.cpu") s"
echo "  bip157 keeps no headers: all again, $(cat "$work/bip157-again.cpu") s"
