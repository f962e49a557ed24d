#!/usr/bin/env bash
# Runs the demo against btcd, a Bitcoin node that this project did not write, on loopback:
#   1. btcd relays, accepts and mines the demo's transaction;
#   2. a second btcd with the chain as it was before refuses the same transaction with one bit of a signature changed,
#      and accepts it unchanged (the control).
# Needs Go to build btcd and btcctl at the pinned version. Prints what it does; exits non-zero when anything differs.
set -euo pipefail
unset CDPATH
cd "$(dirname "$0")/.."
version=v0.26.2
work=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

say() { printf 'btcd: %s\n' "$*"; }
fail() { printf 'btcd: FAILED: %s\n' "$*" >&2; [ ! -f "$work/demo.out" ] || tail -n 20 "$work/demo.out" "$work/demo.err" >&2; exit 1; }

bin=${TUTTI_BTCD_BIN:-$work/bin}
if [ ! -x "$bin/btcd" ]; then
  say "building btcd $version"
  GOBIN=$bin go install "github.com/btcsuite/btcd@$version"
  GOBIN=$bin go install "github.com/btcsuite/btcd/cmd/btcctl@$version"
fi
: >"$work/empty.conf"

free_port() { # a port that was free a moment ago
  local port
  while :; do
    port=$((20000 + RANDOM % 30000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

start_btcd() { # name p2p-port rpc-port [extra arguments]; sets btcd_pid
  local name=$1 p2p=$2 rpc=$3
  shift 3
  mkdir -p "$work/$name"
  "$bin/btcd" --regtest --configfile="$work/empty.conf" --datadir="$work/$name" --logdir="$work/$name/logs" \
    --rpcuser=u --rpcpass=p --notls --rpclisten="127.0.0.1:$rpc" --listen="127.0.0.1:$p2p" "$@" >"$work/$name.log" 2>&1 &
  btcd_pid=$!
  pids+=("$btcd_pid")
  for _ in $(seq 100); do
    if ctl "$rpc" getblockcount >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  cat "$work/$name.log" >&2
  fail "btcd did not start"
}

ctl() { # rpc-port command …
  local rpc=$1
  shift
  "$bin/btcctl" --configfile="$work/empty.conf" --regtest --rpcuser=u --rpcpass=p --notls -s "127.0.0.1:$rpc" "$@"
}

field() { # name: the value of a string field of the JSON line on standard input
  sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1
}

await() { # seconds description command …
  local seconds=$1 what=$2
  shift 2
  for _ in $(seq $((seconds * 10))); do
    if "$@" >/dev/null 2>&1; then return; fi
    kill -0 "$demo_pid" 2>/dev/null || { "$@" >/dev/null 2>&1 && return; fail "the demo ended before: $what"; }
    sleep 0.1
  done
  fail "not within ${seconds}s: $what"
}

p2p=$(free_port) rpc=$(free_port)
start_btcd one "$p2p" "$rpc"
first_pid=$btcd_pid
say "btcd $version runs; starting the demo against it"
./tutti demo --json --bitcoin-peer "127.0.0.1:$p2p" >"$work/demo.out" 2>"$work/demo.err" &
demo_pid=$!
pids+=("$demo_pid")

await 120 "the demo asks for coins" grep -q '"step":"fund"' "$work/demo.out"
address=$(grep '"event":"agreed"' "$work/demo.out" | head -n 1 | field address)
say "group address $address; restarting btcd so that it mines to it"
kill "$first_pid"
wait "$first_pid" 2>/dev/null || true
start_btcd one "$p2p" "$rpc" --miningaddr="$address"
ctl "$rpc" generate 102 >/dev/null
for height in $(seq 102); do ctl "$rpc" getblock "$(ctl "$rpc" getblockhash "$height")" 0; done >"$work/blocks"
say "mined 102 blocks"

in_mempool() { ctl "$rpc" getrawmempool | grep -q '[0-9a-f]\{64\}'; }
await 60 "the payment in btcd's mempool" in_mempool
txid=$(ctl "$rpc" getrawmempool | grep -o '[0-9a-f]\{64\}' | head -n 1)
say "btcd accepted and relays $txid; mining it"
ctl "$rpc" generate 1 >/dev/null
wait "$demo_pid" || fail "the demo ended with code $?"
result=$(tail -n 1 "$work/demo.out")
[ "$(field event <<<"$result")" = done ] || fail "the last line is not the done event"
grep -q '"ok":true' <<<"$result" || fail "the demo did not succeed"
[ "$(field txid <<<"$result")" = "$txid" ] || fail "the demo reports another transaction than btcd mined"
ctl "$rpc" getblock "$(ctl "$rpc" getbestblockhash)" | grep -q "$txid" || fail "btcd's tip does not hold $txid"
say "btcd mined it"

second_rpc=$(free_port)
start_btcd two "$(free_port)" "$second_rpc"
while read -r block; do ctl "$second_rpc" submitblock "$block" >/dev/null 2>&1 || true; done <"$work/blocks"
[ "$(ctl "$second_rpc" getblockcount)" = 102 ] || fail "the second btcd did not take the 102 blocks"
raw=$(field rawTx <<<"$result")
signature=$(field signature <<<"$result")
last=${signature: -1}
flipped=$(printf '%x' $((0x$last ^ 1)))
tampered=${raw/$signature/${signature%?}$flipped}
[ "$tampered" != "$raw" ] || fail "the signature does not stand in the raw transaction"
if answer=$(ctl "$second_rpc" sendrawtransaction "$tampered" 2>&1); then fail "btcd took a transaction with a changed signature"; fi
grep -qi 'signature\|script\|verif' <<<"$answer" || fail "btcd refused for another reason: $answer"
say "btcd refuses it with one bit of a signature changed: $(tr '\n' ' ' <<<"$answer" | cut -c1-160)"
[ "$(ctl "$second_rpc" sendrawtransaction "$raw" | tr -d '"[:space:]')" = "$txid" ] || fail "btcd refused the unchanged transaction"
say "and accepts it unchanged: ok"
