#!/usr/bin/env bash
# Partial Merkle trees (what gettxoutproof returns) of random blocks, ours against rust-bitcoin's (the crate bitcoin, built here): the same
# bytes made by both, each read by the other, and of damaged ones the same verdict.
#   bash interop/run-merkle-proofs.sh [BLOCKS [SEED]]      2,000 blocks and seed 1 unless told otherwise
# Needs cargo and a C compiler, and `mvn verify` before. Exits 0 if all held.
set -euo pipefail
unset CDPATH
cd "$(dirname "$0")/.."
cargo build --quiet --manifest-path interop/merkle-proofs/Cargo.toml
rust=${CARGO_TARGET_DIR:-interop/merkle-proofs/target}/debug/tutti-merkle-proofs

java=${TUTTI_JAVA:-}
for candidate in "${JAVA_HOME:-/nowhere}/bin/java" /usr/lib/jvm/*25*/bin/java "${HOME:-}"/.sdkman/candidates/java/25*/bin/java; do
  [ -n "$java" ] || [ ! -x "$candidate" ] || ! "$candidate" -version 2>&1 | grep -q '"25' || java=$candidate
done
exec "${java:-java}" --enable-native-access=ALL-UNNAMED -cp app/target/tutti.jar:interop/target/classes \
  org.tutti.interop.proof.MerkleProofComparison "$rust" "${1:-2000}" "${2:-1}"
