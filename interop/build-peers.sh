#!/usr/bin/env bash
# Builds the peers in go and rust as they are to be measured, optimised, into a folder: go-peer and rust-peer.
#   bash interop/build-peers.sh FOLDER go|rust…
# Then: TUTTI_PEER_BIN=FOLDER ./tutti bench kad --against go,rust      (interop/PEERS.md)
set -eu
unset CDPATH
folder=$(mkdir -p "$1" && cd "$1" && pwd)
shift
cd "$(dirname "$0")"
for name in "$@"; do
    case $name in
        go) (cd go-libp2p && go build -o "$folder/go-peer" .) ;;
        rust)
            cargo build --quiet --release --manifest-path rust-libp2p/Cargo.toml
            cp "${CARGO_TARGET_DIR:-$PWD/rust-libp2p/target}/release/tutti-interop-rust" "$folder/rust-peer"
            ;;
        *) echo "usage: $0 FOLDER go|rust…" >&2; exit 2 ;;
    esac
done
