#!/usr/bin/env bash
# Publish/subscribe of Tutti with go-libp2p, rust-libp2p and js-libp2p: a mesh of two of each and two of ours, with scores, in which every message
# reaches everybody and nobody's score of us falls below zero; then FloodSub with each of them, both ways. interop/PEERS.md says what the peers do.
#   bash interop/run-pubsub.sh go|rust|js…   needs those toolchains, and `mvn verify` before. Exits 0 if all held.
#   SECONDS_OF_TRAFFIC=300 bash …            five minutes instead of twenty seconds; 0 for FloodSub alone.
#   OURS='program' CLASSES=path bash …       our commands, and the classes of this module, from elsewhere.
set -u
unset CDPATH
cd "$(dirname "$0")/.."
TRAFFIC=${SECONDS_OF_TRAFFIC:-20}
OURS=${OURS-./tutti}
TOPIC=flood

say() { echo "interop pubsub: $*"; }
. interop/children.sh
. interop/peers.sh
[ $# -gt 0 ] || { echo "usage: $0 go|rust|js…" >&2; exit 2; }
words=()
for name in "$@"; do
    peer_of "$name" || { echo "usage: $0 go|rust|js…" >&2; exit 2; }
    declare -a "command_$name=(\"\${theirs[@]}\")"
    words+=("$name=${theirs[*]}")
done
our_class mesh org.tutti.interop.pubsub.MixedMesh
say "built in $SECONDS s"

[ -z "$OURS" ] || words=("ours=$OURS" "${words[@]}")
if [ "$TRAFFIC" -gt 0 ]; then
    "${mesh[@]}" "$TRAFFIC" "${words[@]}" 2>"$work/mesh.err" | sed -u 's/^/interop pubsub: /'
    [ "${PIPESTATUS[0]}" -eq 0 ] || fail "the mixed mesh"
fi

[ -n "$OURS" ] || exit 0
read -r -a ours <<<"$OURS"
encoded() { printf %s "$1" | base64 -w 0; }
for name in "$@"; do
    declare -n program=command_$name
    # rust signs nothing in FloodSub.
    [ "$name" = rust ] && signature=none || signature=strict
    rm -f "$work"/*.out "$work/in"
    mkfifo "$work/in"

    "${ours[@]}" p2p pubsub subscribe --protocol floodsub --signature $signature --topic $TOPIC --listen /ip4/127.0.0.1/tcp/0 --json \
        </dev/null >"$work/ours.out" 2>"$work/ours.err" &
    children+=("$!")
    await "$work/ours.out" '"listening"'
    "${program[@]}" pubsub floodsub $signature sender $TOPIC "$(field "$work/ours.out" addresses)" <"$work/in" >"$work/theirs.out" 2>"$work/theirs.err" &
    children+=("$!")
    exec 7>"$work/in"
    await "$work/theirs.out" '"listening"'
    tries=$((WAIT_SECONDS * 5))
    until grep -q '"peers".*"count":1\|"count":1.*"peers"' "$work/theirs.out"; do
        echo '{"cmd":"peers"}' >&7
        tries=$((tries - 1))
        [ $tries -gt 0 ] || fail "$name does not learn that we are subscribed"
        sleep 0.2
    done
    echo "{\"cmd\":\"publish\",\"topic\":\"$TOPIC\",\"data\":\"$(encoded "from $name")\"}" >&7
    await "$work/ours.out" "$(encoded "from $name")"

    printf 'from us\nand again\n' | timeout "$WAIT_SECONDS" "${ours[@]}" p2p pubsub publish --protocol floodsub --signature $signature --topic $TOPIC \
        --peer "$(field "$work/theirs.out" addresses)" --json >"$work/publish.out" 2>"$work/publish.err" || fail "we publish to $name by FloodSub"
    await "$work/theirs.out" "$(encoded 'from us')"
    await "$work/theirs.out" "$(encoded 'and again')"
    # It passes them on.
    await "$work/ours.out" "$(encoded 'and again')"
    exec 7>&-
    for pid in "${children[@]}"; do kill "$pid" 2>/dev/null; done
    wait
    children=()
    say "FloodSub with $name, both ways and through it: ok"
done
say "passed in $SECONDS s"
