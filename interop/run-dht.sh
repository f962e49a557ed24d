#!/usr/bin/env bash
# The DHT of Tutti with that of go-libp2p, rust-libp2p or js-libp2p, all of them as servers and as clients: networks of their servers, of ours and of
# both; what one side puts or provides the other one finds, and finds its peers. With go also the public keys of /ipfs/kad/1.0.0. interop/PEERS.md
# says what the peers do.
#   bash interop/run-dht.sh go|rust|js      needs that toolchain, and `mvn verify` before. Exits 0 if all held.
#   OURS='a peer' bash interop/run-dht.sh   tries another peer in the place of ours.
set -u
unset CDPATH
cd "$(dirname "$0")/.."
NAME=${1:-}
PROTOCOL=/tutti/kad/1.0.0
CID=bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e

say() { echo "interop dht $NAME: $*"; }
. interop/children.sh
. interop/peers.sh
peer_of "$NAME" || { echo "usage: $0 go|rust|js" >&2; exit 2; }
read -r -a ours <<<"${OURS:-}"
[ ${#ours[@]} -gt 0 ] || ours=(bash interop/tutti-dht.sh)
say "built in $SECONDS s"

# Servers that end with their standard input. Sets servers: their addresses.
start_servers() { # protocol side …: each knows those before it
    local protocol=$1 side known=- out
    shift
    servers=()
    rm -f "$work"/server*
    mkfifo "$work/server-in"
    exec 7<>"$work/server-in"
    for side in "$@"; do
        out=$work/server${#servers[@]}.out
        local -n command=$side
        "${command[@]}" dht serve "$protocol" "$known" <"$work/server-in" 7>&- >"$out" 2>"${out%.out}.err" &
        children+=("$!")
        await "$out" '"bootstrapped"'
        servers+=("$(field "$out" addresses)")
        [ "$known" = - ] && known=${servers[-1]} || known=$known,${servers[-1]}
    done
}
stop_servers() {
    exec 7>&-
    for pid in "${children[@]}"; do kill "$pid" 2>/dev/null; done
    wait
    children=()
}
# One operation of a fresh client, which has to succeed; its answer is in $answer.
ask() { # side operation server argument …
    local -n command=$1
    answer=$work/answer.out
    timeout $WAIT_SECONDS "${command[@]}" dht "$2" "$protocol" "$3" "${@:4}" >"$answer" 2>"$work/answer.err" && grep -q '"ok":true' "$answer" ||
        fail "$1: $2 ${*:4} through ${3##*/}: $(cat "$answer")"
}
refuse() { # side operation server argument …: has to fail
    local -n command=$1
    answer=$work/answer.out
    timeout $WAIT_SECONDS "${command[@]}" dht "$2" "$protocol" "$3" "${@:4}" >"$answer" 2>"$work/answer.err" && fail "$1: $2 ${*:4} succeeded: $(cat "$answer")"
    grep -q '"ok":false' "$answer" || fail "$1: $2 ${*:4}: $(cat "$answer")"
}
is() { # field value
    grep -q "\"$1\":\"$2\"" "$answer" || fail "not $1 $2: $(cat "$answer")"
}
has() { # text
    grep -qF "$1" "$answer" || fail "no $1: $(cat "$answer")"
}
encoded() { printf %s "$1" | base64 -w 0; }

try_network() { # sides of the servers
    local last writer reader i=0
    protocol=$PROTOCOL
    start_servers $PROTOCOL "$@"
    last=${servers[-1]}
    for writer in ours theirs; do
        [ $writer = ours ] && reader=theirs || reader=ours
        i=$((i + 1))
        ask $writer put "${servers[0]}" /test/$i small
        ask $reader get "$last" /test/$i
        is value "$(encoded small)"
        # The larger one takes its place, and the reader that became the writer's reader sees it.
        ask $reader put "$last" /test/$i taller
        ask $writer get "${servers[0]}" /test/$i
        is value "$(encoded taller)"
        ask $writer provide "${servers[0]}" $CID
        provider=$(field "$answer" self)
        ask $reader find-providers "$last" $CID
        has "$provider"
        ask $reader find-peer "${servers[0]}" "${last##*/}"
        has "$(sed 's|/p2p/.*||' <<<"$last")"
    done
    # rust has no validators: its servers and clients take what comes.
    [ "$NAME" = rust ] || refuse theirs put "${servers[0]}" /nobody/1 x
    refuse ours put "${servers[0]}" /nobody/1 x
    refuse ours get "${servers[0]}" /test/nothing
    stop_servers
    say "servers $*: put, get, provide, find-providers and find-peer both ways: ok"
}

try_network theirs theirs theirs
try_network ours ours ours
try_network ours theirs ours theirs

if [ "$NAME" = go ]; then
    protocol=/ipfs/kad/1.0.0
    # An RSA key's: smaller ones stand in the peer id.
    for sides in 'theirs theirs' 'ours ours' 'ours theirs'; do
        for writer in theirs ours; do
            # shellcheck disable=SC2086
            start_servers $protocol $sides
            if [ $writer = theirs ]; then
                ask theirs put-pk "${servers[0]}"
                key=$(field "$answer" key) value=$(field "$answer" value) reader=ours
            else
                ask ours put-hex "${servers[0]}" "$key" "$value"
                reader=theirs
            fi
            ask $reader get-hex "${servers[-1]}" "$key"
            is value "$value"
            stop_servers
        done
        say "servers $sides: public keys under $protocol both ways: ok"
    done
fi
say "passed in $SECONDS s"
