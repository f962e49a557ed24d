#!/usr/bin/env bash
# The light client alone against btcd on loopback: sync, restart (btcd forgets its regtest chain), relay, refusal of one changed bit,
# a reorganisation of 30 blocks that undoes a payment, sync from a birthday, relay to a second btcd, fee filter, `chain sync` killed in the middle and after a deep fork; and a group of two nodes that pays, bumps and cancels with btcd between it and the chain. Needs Go to build btcd and btcctl, or TUTTI_BTCD_BIN with both; and `mvn verify` before.
set -euo pipefail
unset CDPATH
cd "$(dirname "$0")/.."
version=v0.26.2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bin=${TUTTI_BTCD_BIN:-$work/bin}
if [ ! -x "$bin/btcd" ]; then
  GOBIN=$bin go install "github.com/btcsuite/btcd@$version"
  GOBIN=$bin go install "github.com/btcsuite/btcd/cmd/btcctl@$version"
fi
java=${TUTTI_JAVA:-}
for candidate in "${JAVA_HOME:-/nowhere}/bin/java" /usr/lib/jvm/*25*/bin/java "${HOME:-}"/.sdkman/candidates/java/25*/bin/java; do
  [ -n "$java" ] || [ ! -x "$candidate" ] || ! "$candidate" -version 2>&1 | grep -q '"25' || java=$candidate
done
# Not exec: the trap still has to run.
"${java:-java}" --enable-native-access=ALL-UNNAMED -cp app/target/tutti.jar:interop/target/classes \
  org.tutti.interop.fullnode.BtcdInterop "$bin"
