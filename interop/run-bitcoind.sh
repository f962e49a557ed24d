#!/usr/bin/env bash
# The light client against a Bitcoin Core of yours, on regtest and loopback: all that it does with btcd, and what only Core can be told to do
# (-blocksonly, -minrelaytxfee, -reindex, -prune, a signet of its own, a restart in the middle). By hand; takes some minutes.
#   BITCOIND=/path/of/bitcoind bash interop/run-bitcoind.sh      bitcoin-cli lies beside it; `mvn verify` before
# Tried with a Bitcoin Core on the way to 32 (protocol 70017), built without a wallet. See interop/PEERS.md.
set -euo pipefail
unset CDPATH
cd "$(dirname "$0")/.."
bitcoind=${BITCOIND:-}
[ -n "$bitcoind" ] || { echo "usage: BITCOIND=/path/of/bitcoind $0" >&2; exit 2; }
[ -x "$bitcoind" ] && [ -x "$(dirname "$bitcoind")/bitcoin-cli" ] || { echo "$bitcoind, with bitcoin-cli beside it, is no program" >&2; exit 2; }
java=${TUTTI_JAVA:-}
for candidate in "${JAVA_HOME:-/nowhere}/bin/java" /usr/lib/jvm/*25*/bin/java "${HOME:-}"/.sdkman/candidates/java/25*/bin/java; do
  [ -n "$java" ] || [ ! -x "$candidate" ] || ! "$candidate" -version 2>&1 | grep -q '"25' || java=$candidate
done
exec "${java:-java}" --enable-native-access=ALL-UNNAMED -cp app/target/tutti.jar:interop/target/classes \
  org.tutti.interop.fullnode.BitcoindInterop "$bitcoind"
