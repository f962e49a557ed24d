#!/usr/bin/env bash
# go-libp2p or rust-libp2p against Tutti over TCP + Noise + Yamux, both ways round, with Ed25519, secp256k1, ECDSA and RSA identities:
# ./tutti p2p listen|ping (identify both ways, ping both ways, a wrong peer id), then our peer of the same kind as theirs (64 MiB each way, 100
# streams at once, half-close, resets, refused protocols, identify/push: interop/PEERS.md); perf with go; and IPv6.
#   bash interop/run-libp2p.sh go|rust      needs that toolchain, and `mvn verify` before. Exits 0 if all held.
set -u
unset CDPATH
cd "$(dirname "$0")/.."
NAME=${1:-}

say() { echo "interop $NAME: $*"; }
. interop/children.sh

case $NAME in
    go)
        (cd interop/go-libp2p && go build -o "$work/peer" .) >"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log"; fail "go build"; }
        agent=go-libp2p/ peer=("$work/peer") tells_resets=yes kinds="ed25519 secp256k1 ecdsa rsa"
        ;;
    rust)
        cargo build --quiet --manifest-path interop/rust-libp2p/Cargo.toml >"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log"; fail "cargo build"; }
        # rust-yamux tells its user of a reset as of an end.
        agent=rust-libp2p/ peer=("${CARGO_TARGET_DIR:-interop/rust-libp2p/target}/debug/tutti-interop-rust") tells_resets=no
        # It makes no RSA keys.
        kinds="ed25519 secp256k1 ecdsa"
        ;;
    *) echo "usage: $0 go|rust" >&2; exit 2 ;;
esac
say "built in $SECONDS s"

java=${TUTTI_JAVA:-}
for candidate in "${JAVA_HOME:-/nowhere}/bin/java" /usr/lib/jvm/*25*/bin/java "${HOME:-}"/.sdkman/candidates/java/25*/bin/java; do
    [ -n "$java" ] || [ ! -x "$candidate" ] || ! "$candidate" -version 2>&1 | grep -q '"25' || java=$candidate
done
ours=("${java:-java}" -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
    -cp app/target/tutti.jar:interop/target/classes org.tutti.interop.p2p.Peer)

require() { # file event part …: the line with that event has each part
    local file=$1 event=$2 line part
    shift 2
    await "$file" "\"$event\""
    line=$(grep -m 1 "\"$event\"" "$file")
    for part in "$@"; do [[ $line == *"$part"* ]] || fail "$event without $part: $line"; done
}

listener=
stop_at_eof() { # the listener that waits for the end of its standard input
    exec 7>&-
    wait "$listener" || fail "the listener ended with $?"
}
listen() { # name command …: starts a listener that ends with its standard input; sets listener, address, them
    local out=$work/$1.out
    rm -f "$out" "$work/stdin"
    mkfifo "$work/stdin"
    "${@:2}" <"$work/stdin" >"$out" 2>"$work/$1.err" &
    listener=$!
    children+=("$listener")
    exec 7>"$work/stdin"
    await "$out" '"listening"'
    address=$(field "$out" addresses)
    them=$(field "$out" peerId)
}
spoken='"/ipfs/id/1.0.0"'
all_checks='"checks":["bulk","many-streams","half-close","reset-by-them","reset-by-us","refused","push"]'

# The commands of ./tutti: identify and ping.
for key in ed25519 secp256k1 ecdsa rsa; do
    case $key in
        ed25519) other=secp256k1 ;;
        secp256k1) other=ed25519 ;;
        *) [[ $kinds = *$key* ]] && other=$key || other=ed25519 ;;
    esac
    made=$(./tutti p2p key --type $key --out "$work/$key.key") || fail "./tutti p2p key --type $key"
    listen tutti ./tutti p2p listen --listen /ip4/127.0.0.1/tcp/0 --key "$work/$key.key" --json
    [ "$them" = "$made" ] || fail "./tutti p2p listen is $them, its key was made for $made"
    "${peer[@]}" dial $other "$address" >"$work/dial.out" 2>"$work/dial.err" || fail "$NAME ($other) dials ./tutti p2p listen ($key)"
    require "$work/dial.out" dialled "\"peerId\":\"$them\"" '"agentVersion":"tutti/' '"pings":5' "$spoken" '"/ipfs/ping/1.0.0"' "${address%%/p2p/*}"
    require "$work/tutti.out" identified "\"peerId\":\"$(field "$work/dial.out" self)\"" "\"agentVersion\":\"$agent" "$spoken" '"/ipfs/ping/1.0.0"'
    exec 7>&-
    kill "$listener"
    wait "$listener" || fail "./tutti p2p listen ended with $?"

    listen theirs "${peer[@]}" listen $other
    ./tutti p2p ping "$address" --count 5 --key "$work/$key.key" --json >"$work/ping.out" 2>"$work/ping.err" || fail "./tutti p2p ping ($key) dials $NAME ($other)"
    require "$work/ping.out" ok '"ok":true' "\"peerId\":\"$them\"" "\"agentVersion\":\"$agent" "$spoken"
    require "$work/theirs.out" identified '"agentVersion":"tutti/' "$spoken"
    wrong=${address%/p2p/*}/p2p/$(field "$work/dial.out" self)
    if ./tutti p2p ping "$wrong" --count 1 --json >"$work/wrong.out" 2>&1; then fail "a wrong peer id was accepted"; fi
    require "$work/wrong.out" ok '"code":"WRONG_PEER_ID"'
    stop_at_eof
    say "./tutti p2p listen and ping ($key) with $NAME ($other): identify both ways, pings, a wrong peer id refused: ok"
done

# Streams, with every pair of identities.
for us in ed25519 secp256k1; do
    for them_key in ed25519 secp256k1; do
        listen ours "${ours[@]}" listen $us
        "${peer[@]}" dial $them_key "$address" >"$work/dial.out" 2>"$work/dial.err" || fail "$NAME ($them_key) dials us ($us)"
        require "$work/dial.out" dialled "\"peerId\":\"$them\"" '"pings":5' "$all_checks"
        require "$work/ours.out" pinged "$(field "$work/dial.out" self)"
        await "$work/ours.out" '"reset-seen"'
        stop_at_eof

        listen theirs "${peer[@]}" listen $them_key
        "${ours[@]}" dial $us "$address" >"$work/dial.out" 2>"$work/dial.err" || fail "we ($us) dial $NAME ($them_key)"
        require "$work/dial.out" dialled "\"peerId\":\"$them\"" '"pings":5' "$all_checks"
        require "$work/theirs.out" pinged "$(field "$work/dial.out" self)"
        [ $tells_resets = no ] || await "$work/theirs.out" '"reset-seen"'
        stop_at_eof
        say "streams, we $us and $NAME $them_key, dialled both ways: ok"
    done
done
# perf, with a counterpart of ours over go's streams: neither go nor the versions of rust and js that we use have it.
if [ "$NAME" = go ]; then
    listen tutti ./tutti p2p listen --listen /ip4/127.0.0.1/tcp/0 --key "$work/ed25519.key" --perf --json
    "${peer[@]}" perf ed25519 "$address" >"$work/perf.out" 2>"$work/perf.err" || fail "perf of go dials ./tutti p2p listen --perf"
    require "$work/perf.out" measured "\"peerId\":\"$them\"" '"uploadBytes":10000000' '"downloadBytes":10000000'
    exec 7>&-
    kill "$listener"
    wait "$listener" || fail "./tutti p2p listen ended with $?"
    listen theirs "${peer[@]}" listen ed25519
    ./tutti p2p perf "$address" --upload 10000000 --download 10000000 --json >"$work/perf.out" 2>"$work/perf.err" || fail "./tutti p2p perf dials go"
    require "$work/perf.out" ok '"ok":true' "\"peerId\":\"$them\"" '"bytesPerSecond"'
    stop_at_eof
    say "perf both ways (over go-libp2p, our own counterpart): ok"
fi
# IPv6, with both wildcards on one port.
port=$(( 20000 + RANDOM % 10000 ))
listen tutti ./tutti p2p listen --listen /ip4/0.0.0.0/tcp/$port --listen /ip6/::/tcp/$port --key "$work/ed25519.key" --json
for host in /ip4/127.0.0.1 /ip6/::1; do
    "${peer[@]}" dial ed25519 "$host/tcp/$port/p2p/$them" >"$work/dial.out" 2>"$work/dial.err" || fail "$NAME dials ./tutti p2p listen at $host"
    require "$work/dial.out" dialled "\"peerId\":\"$them\"" '"pings":5'
done
exec 7>&-
kill "$listener"
wait "$listener" || fail "./tutti p2p listen ended with $?"
say "IPv4 and IPv6 on one port: ok"
say "passed in $SECONDS s"
