#!/usr/bin/env bash
# ./tutti p2p listen --dht and ./tutti p2p dht with the words of the other peers (interop/PEERS.md): for run-dht.sh.
#   tutti-dht.sh dht serve|put|put-hex|get|get-hex|provide|find-providers|find-peer PROTOCOL ADDRESSES ARGUMENT…
set -eu
read -r -a tutti <<<"${TUTTI:-./tutti}"
operation=$2 protocol=$3 addresses=$4
shift 4
options=(--protocol "$protocol" --json)
# Under the prefix /ipfs go has no other namespaces than its own.
[ "$protocol" = /ipfs/kad/1.0.0 ] || options+=(--open-namespace test)
IFS=, read -r -a known <<<"$addresses"
for address in "${known[@]}"; do [ "$address" = - ] || options+=(--bootstrap "$address"); done

case $operation in
    serve)
        # What the others call bootstrapped.
        told='s/"dht-bootstrap"/"bootstrapped"/'
        [ "$addresses" != - ] || told='/"listening"/a {"event":"bootstrapped","peers":0}'
        exec "${tutti[@]}" p2p listen --listen /ip4/127.0.0.1/tcp/0 --dht server "${options[@]}" > >(exec sed -u "$told")
        ;;
    put-hex) exec "${tutti[@]}" p2p dht put "${options[@]}" --base64 --key-hex "$1" "$2" ;;
    get-hex) exec "${tutti[@]}" p2p dht get "${options[@]}" --key-hex "$1" ;;
    provide) "${tutti[@]}" p2p dht provide "${options[@]}" "$1" | sed 's/"peerId"/"self"/' ;;
    *) exec "${tutti[@]}" p2p dht "$operation" "${options[@]}" "$@" ;;
esac
