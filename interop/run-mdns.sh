#!/usr/bin/env bash
# go-libp2p or rust-libp2p and Tutti find each other by mDNS, in a network namespace with one interface of its own, and Tutti notices
# go's goodbye. (rust says none, and hears none: it waits for the end of the time to live.) interop/PEERS.md says what the peers print.
#   bash interop/run-mdns.sh go|rust    needs that toolchain, and `mvn verify` before. Exits 0 if all held, 77 if this machine gives no
#                                       namespace (skipped, with the reason).
set -u
unset CDPATH
cd "$(dirname "$0")/.."
NAME=${1:-}
WAIT_SECONDS=60

say() { echo "interop mdns $NAME: $*"; }
fail() {
    say "FAILED: $*" >&2
    tail -n 5 "$work"/*.out "$work"/*.err 2>/dev/null >&2
    exit 1
}
await() { # file text
    local tries=$((WAIT_SECONDS * 10))
    until grep -q "$2" "$1" 2>/dev/null; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || fail "no $2 within $WAIT_SECONDS s in $1"
        sleep 0.1
    done
}
field() { sed -n "s/.*\"$2\":\[*\"\([^\"]*\)\".*/\1/p" "$1" | head -n 1; }

# The second half, in the namespace.
if [ "${2:-}" = inside ]; then
    work=$3 peer=$4
    ip link set lo up || exit 77
    # rust looks at no loopback. Packets of peers on one machine come back by themselves.
    { ip link add tutti0 type veth peer name tutti1 && ip link set tutti0 up && ip link set tutti1 up && ip addr add 10.77.0.1/24 dev tutti0; } || exit 77
    children=()
    cleanup() {
        exec 7>&- 2>/dev/null
        for pid in "${children[@]:-}"; do [ -n "$pid" ] && kill "$pid" 2>/dev/null; done
        wait 2>/dev/null
    }
    trap cleanup EXIT
    mkfifo "$work/stdin"
    "$peer" mdns ed25519 <"$work/stdin" >"$work/theirs.out" 2>"$work/theirs.err" &
    them_pid=$!
    children+=("$them_pid")
    exec 7>"$work/stdin"
    await "$work/theirs.out" '"listening"'
    them=$(field "$work/theirs.out" peerId)
    ./tutti p2p mdns --seconds 120 --json 7>&- >"$work/ours.out" 2>"$work/ours.err" &
    us_pid=$!
    children+=("$us_pid")
    await "$work/ours.out" '"listening"'
    us=$(field "$work/ours.out" peerId)
    await "$work/ours.out" "\"discovered\",\"peerId\":\"$them\",\"addresses\":\[.*\"/ip4/10.77.0.1/tcp/"
    await "$work/theirs.out" "discovered.*$us\|$us.*discovered"
    grep "$us" "$work/theirs.out" | grep -q '/ip4/10.77.0.1/tcp/' || fail "$NAME knows no address of ours"
    say "found each other"
    if [ "$NAME" = go ]; then
        # It goes on announcing itself for some seconds, also after a goodbye.
        sleep 4
        exec 7>&-
        wait "$them_pid" || fail "go ended with $?"
        began=$SECONDS
        await "$work/ours.out" "\"expired\",\"peerId\":\"$them\""
        [ $((SECONDS - began)) -le 3 ] || fail "go's goodbye was noticed after $((SECONDS - began)) s"
        say "its goodbye is noticed"
    fi
    # Ctrl-C and SIGTERM are a normal end.
    kill "$us_pid"
    wait "$us_pid" || fail "./tutti p2p mdns ended with $?"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unshare -Urn sh -c 'ip link set lo up && ip link add tutti0 type veth peer name tutti1' >/dev/null 2>&1 || {
    say "SKIPPED: this machine gives no network namespace with a link of its own"
    exit 77
}
case $NAME in
    go)
        (cd interop/go-libp2p && go build -o "$work/peer" .) >"$work/build.out" 2>&1 || fail "go build"
        peer=$work/peer
        ;;
    rust)
        cargo build --quiet --manifest-path interop/rust-libp2p/Cargo.toml >"$work/build.out" 2>&1 || fail "cargo build"
        peer=${CARGO_TARGET_DIR:-$PWD/interop/rust-libp2p/target}/debug/tutti-interop-rust
        ;;
    *) echo "usage: $0 go|rust" >&2; exit 2 ;;
esac
say "built in $SECONDS s"
unshare -Urn bash "$PWD/interop/run-mdns.sh" "$NAME" inside "$work" "$peer" || fail "in the namespace: $?"
say "passed in $SECONDS s"
