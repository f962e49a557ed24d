#!/usr/bin/env bash
# ./tutti bench p2p beside go-libp2p, in turns: seven rounds of each, their medians, and what ours is of go's. Needs Go, and ./tutti build before.
#   bash benchmarks/p2p-beside-go.sh [ROUNDS]      about three minutes a round, on a machine that does nothing else
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd interop/go-libp2p && go build -o "$work/peer" .)
./tutti bench p2p --rounds "${1:-7}" --beside "$work/peer"
