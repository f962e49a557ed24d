#!/usr/bin/env bash
# Our script interpreter against Bitcoin Core's own script code (the crate bitcoinconsensus, built here), on random spends of every kind of
# output under every kind of flags: verdict and name of the error must be the same, and mistakes that are planted must be found.
#   bash interop/run-core-script.sh [CASES [SEED]]         10,000 cases and seed 1 unless told otherwise
#   bash interop/run-core-script.sh replay NUMBER [SEED]   shows one case, as a difference names it
#   bash interop/run-core-script.sh worst                  how long the worst scripts take that a block has room for
# Needs cargo and a C++ compiler, and `mvn verify` before. Exits 0 if all held.
set -euo pipefail
unset CDPATH
cd "$(dirname "$0")/.."
cargo build --quiet --manifest-path interop/core-script/Cargo.toml
core=${CARGO_TARGET_DIR:-interop/core-script/target}/debug/tutti-core-script

java=${TUTTI_JAVA:-}
for candidate in "${JAVA_HOME:-/nowhere}/bin/java" /usr/lib/jvm/*25*/bin/java "${HOME:-}"/.sdkman/candidates/java/25*/bin/java; do
  [ -n "$java" ] || [ ! -x "$candidate" ] || ! "$candidate" -version 2>&1 | grep -q '"25' || java=$candidate
done
run() { # class arguments …
  local class=$1
  shift
  exec "${java:-java}" --enable-native-access=ALL-UNNAMED -cp app/target/tutti.jar:interop/target/classes "org.tutti.interop.script.$class" "$@"
}

case ${1:-10000} in
  replay) run ScriptComparison "$core" replay "$2" "${3:-1}" ;;
  worst) run WorstCases "$core" ;;
  *) run ScriptComparison "$core" "${1:-10000}" "${2:-1}" ;;
esac
