#!/usr/bin/env bash
# Strangers become a group beside a Bitcoin Core of yours, on regtest and loopback, with the commands of docs/operating.md: three signers advertise, find one
# another and form a group; Core derives the addresses of the exported descriptor and finds its coins by it; the group pays, bumps and cancels through
# Core's memory pool, a member is recovered, and another group follows. By hand; takes some minutes.
#   BITCOIND=/path/of/bitcoind bash interop/run-bitcoind-group.sh      bitcoin-cli lies beside it; `mvn verify` before
# A Core that is built with a wallet also imports the descriptor to watch its coins.
set -euo pipefail
unset CDPATH
root=$(cd "$(dirname "$0")/.." && pwd)
bitcoind=${BITCOIND:-}
[ -n "$bitcoind" ] || { echo "usage: BITCOIND=/path/of/bitcoind $0" >&2; exit 2; }
for program in "$bitcoind" "$(dirname "$bitcoind")/bitcoin-cli"; do
  [ -x "$program" ] || { echo "$program is no program" >&2; exit 2; }
done
say() { printf 'group with Core: %s\n' "$*"; }
# shellcheck source=interop/children.sh
. "$root/interop/children.sh"
until_so() { # seconds description command …
  local what=$2 end=$((SECONDS + $1))
  shift 2
  while ((SECONDS < end)); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.2
  done
  fail "not in time: $what"
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
tutti() { "$root/tutti" "$@"; }
ask() { # who command … : prints its JSON
  local who=$1
  shift
  tutti "$@" --data "$work/$who" --json
}
value() { python3 -c 'import json,sys
value = json.load(sys.stdin)
for name in sys.argv[1].split("."): value = value[name]
print(value)' "$1"; }
core() { "$(dirname "$bitcoind")/bitcoin-cli" -regtest -datadir="$work/core" -rpcport="$rpc_port" "$@"; }
mine() { core generatetoaddress "$1" "$2" >/dev/null; }

destination=bcrt1p2zffkaxp5py4fdutfdsrt6t6tcrc5ks09rkfd428hlhf4n5q8tqq5az5cr
p2p_port=$(free_port) rpc_port=$(free_port)
mkdir "$work/core"
"$bitcoind" -regtest -datadir="$work/core" -server -printtoconsole=0 -bind="127.0.0.1:$p2p_port" -rpcport="$rpc_port" \
  -listenonion=0 -discover=0 -dnsseed=0 -fixedseeds=0 -natpmp=0 -dbcache=50 >"$work/core.out" 2>&1 &
children+=($!)
until_so 60 "Core answers" core getblockcount
mine 1 "$destination"

"$root/tutti" p2p listen --dht server --contacts regtest --json >"$work/dht.out" 2>&1 &
children+=($!)
until_so 60 "the DHT server listens" grep -q '"addresses"\|"address"' "$work/dht.out"
bootstrap=$(grep -o '/ip4/127.0.0.1/tcp/[0-9]*/p2p/[A-Za-z0-9]*' "$work/dht.out" | head -n 1)
say "one server of a DHT at $bootstrap"

start() { # who
  "$root/tutti" node --config "$work/$1.toml" --json >>"$work/$1.out" 2>&1 &
  children+=($!)
  eval "pid_$1=$!"
  until_so 60 "$1 answers" ask "$1" status
}
for who in alice bob carol dave; do
  tutti node init --data "$work/$who" --network regtest --listen /ip4/127.0.0.1/tcp/0 >/dev/null
  cat >"$work/$who.toml" <<TOML
data = "$work/$who"
listen = "/ip4/127.0.0.1/tcp/0"
network = "regtest"
[bitcoin]
peers = ["127.0.0.1:$p2p_port"]
[dht]
bootstrap = ["$bootstrap"]
[policy]
max_amount_sat = 100000000
max_fee_sat = 100000
destinations = ["$destination"]
[requests]
mode = "ask"
TOML
  start "$who"
done

for who in bob carol dave; do
  ask "$who" signer advertise --types custody --nickname "$who" --fee-ppm 500 >"$work/advert-$who.json"
done
found() { # who count
  ask "$1" signer list --types custody >"$work/found-$1.json"
  [ "$(python3 -c 'import json,sys; print(len(json.load(open(sys.argv[1]))["signers"]))' "$work/found-$1.json")" -ge "$2" ]
}
until_so 60 "alice finds three signers" found alice 3
key() { python3 -c 'import json,sys
print(next(s["key"] for s in json.load(open(sys.argv[1]))["signers"] if s["nickname"] == sys.argv[2]))' "$work/found-alice.json" "$1"; }
say "alice found bob, carol and dave by their adverts"

phase() { [ "$(ask "$1" group show "$2" | value phase)" = "$3" ]; }
proposed() { ask "$1" group show "$2"; }
form() { # proposal who … : all consent
  local id=$1 who
  shift
  for who in "$@"; do
    until_so 60 "$who has heard of the proposal" proposed "$who" "$id"
    ask "$who" group consent "$id" --policy "up to 1 BTC, to one address" >/dev/null
  done
}
proposal=$(ask alice group propose --name savings --policy "as agreed" --members "$(key bob),$(key carol)" | value proposal)
form "$proposal" bob carol
for who in alice bob carol; do until_so 60 "$who says that it is formed" phase "$who" "$proposal" formed; done
descriptor=$(tutti group export --data "$work/alice" "$proposal")
say "formed: $descriptor"

# Core reads the same in it.
core getdescriptorinfo "$descriptor" >"$work/info.json"
[ "$(value isrange <"$work/info.json")" = True ] || fail "Core says that it is no range"
core deriveaddresses "$descriptor" '[0,19]' >"$work/derived.json"
address=$(ask alice address | value address)
python3 - "$work/derived.json" "$address" <<'PY' || fail "Core derives other addresses than ours"
import json, sys
receive = json.load(open(sys.argv[1]))[0]
assert len(receive) == 20 and receive[0] == sys.argv[2], (receive[0], sys.argv[2])
PY
say "Core derives our first address, $address"

mine 3 "$address"
mine 100 "$destination"
coins() { [ "$(ask "$1" status | python3 -c 'import json,sys
print(json.load(sys.stdin)["groups"][0]["spendableCoins"])')" -ge "$2" ]; }
for who in alice bob carol; do until_so 120 "$who may spend three coins" coins "$who" 3; done

# The second address, and one of change, are Core's too: what it finds by the descriptor is what we have.
balance() { ask alice status | python3 -c 'import json,sys; print(json.load(sys.stdin)["groups"][0]["totalSat"])'; }
scanned() { core scantxoutset start "[{\"desc\": \"$descriptor\", \"range\": 999}]" |
  python3 -c 'import json,sys,decimal; print(int(json.load(sys.stdin, parse_float=decimal.Decimal)["total_amount"] * 100000000))'; }
same_balance() { [ "$(scanned)" = "$(balance)" ]; }
same_balance || fail "Core finds $(scanned) sat by the descriptor, and we have $(balance)"
say "Core finds by the descriptor what alice has: $(balance) sat"

if core help createwallet 2>/dev/null | grep -q '^createwallet'; then
  core -named createwallet wallet_name=watch disable_private_keys=true blank=true >/dev/null
  core importdescriptors "[{\"desc\": \"$descriptor\", \"timestamp\": 0, \"range\": [0, 999]}]" | grep -q '"success": true' ||
    fail "Core does not import it"
  say "Core watches it in a wallet: $(core getbalances | tr -d '\n ')"
else
  say "this Core has no wallet: importdescriptors was not tried"
fi

pay() { # who key
  ask "$1" pay --to "$destination" --amount-sat 1000000 --key "$2" | value txid
}
in_pool() { core getmempoolentry "$1"; }
state() { ask "$1" payments show "$2" | grep -q "\"state\":\"$3\""; }
first=$(pay alice rent)
until_so 30 "Core's pool has the payment" in_pool "$first"
second=$(ask alice payments bump rent | value txid)
until_so 30 "Core's pool has the bumped one" in_pool "$second"
! in_pool "$first" >/dev/null 2>&1 || fail "both versions are in Core's pool"
third=$(pay bob gift)
until_so 30 "Core's pool has the gift" in_pool "$third"
fourth=$(ask bob payments cancel gift | value txid)
until_so 30 "Core's pool has what cancels it" in_pool "$fourth"
mine 6 "$destination"
for who in alice bob carol; do
  until_so 60 "$who says that the bumped one is confirmed" state "$who" "$second" confirmed
  until_so 60 "$who says that the first is replaced" state "$who" "$first" replaced
  until_so 60 "$who says that the gift is replaced" state "$who" "$third" replaced
done
until_so 60 "change is found alike" same_balance
say "paid, bumped ($second) and cancelled ($fourth); Core finds our change by the descriptor, too"

# A member loses its disk, and has its keys: it gets the group back from another member, and a new journal.
connected() { [ "$(ask "$1" status | python3 -c 'import json,sys
print(sum(m["connected"] for m in json.load(sys.stdin)["groups"][0]["members"]))')" = "$2" ]; }
kill -9 "$pid_carol"
until_so 30 "alice misses carol" connected alice 1
find "$work/carol" -mindepth 1 -maxdepth 1 ! -name keys -exec rm -rf {} +
start carol
! phase carol "$proposal" formed 2>/dev/null || fail "carol has the group without its disk"
tutti group export --data "$work/alice" "$proposal" --record >"$work/savings.group"
ask carol group import "$work/savings.group" | value phase | grep -qx formed || fail "carol does not take the group back"
until_so 60 "the others show carol that its journal is not the one that it signed with" grep -q journal-went-back "$work/carol.out"
kill "$pid_carol" 2>/dev/null || true
wait "$pid_carol" 2>/dev/null || true
tutti node recover --config "$work/carol.toml" --data "$work/carol" --json >"$work/recover.json"
journal=$(value journal <"$work/recover.json")
start carol
peer=$(ask carol status | value peerId)
for who in alice bob; do
  until_so 60 "$who is asked to accept the journal of carol" ask "$who" node accept-recovery "$peer" "$journal"
done
fifth=""
again() { fifth=$(pay alice after-recovery); }
until_so 120 "the group pays again" again
until_so 30 "Core's pool has it" in_pool "$fifth"
mine 6 "$destination"
until_so 60 "carol says that it is confirmed" state carol "$fifth" confirmed
say "paid after carol had lost its disk, and got the group from alice: $fifth"

# Another group follows: carol leaves, dave joins.
next=$(ask alice group propose --name savings --policy "as agreed" --members "$(key bob),$(key dave)" --after "$proposal" | value proposal)
form "$next" bob carol dave
for who in alice bob dave; do until_so 60 "$who says that the next is formed" phase "$who" "$next" formed; done
until_so 60 "carol says that she left" phase carol "$next" left
new=$(ask dave address | value address)
core deriveaddresses "$(tutti group export --data "$work/dave" "$next")" '[0,0]' | grep -q "$new" || fail "Core derives another address of the next group"
say "another group follows, without carol and with dave: $new"

for who in bob carol dave; do ask "$who" signer withdraw >/dev/null; done
gone() {
  ask alice signer list --types custody --known >"$work/known.json"
  [ "$(python3 -c 'import json,sys; print(len(json.load(open(sys.argv[1]))["signers"]))' "$work/known.json")" = 0 ]
}
until_so 30 "alice knows that all have withdrawn" gone
say "all withdrew their adverts: ok"
