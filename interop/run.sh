#!/usr/bin/env bash
# Every interop run whose toolchain is on this machine, one after the other; what is skipped is printed with the reason. A toolchain that is
# present must pass. Needs `mvn verify` (or `mvn package -DskipTests`) before, because ./tutti takes what is built; fetches the peers with
# their own package clients.
set -uo pipefail
unset CDPATH
cd "$(dirname "$0")/.."
failed=()
skipped=()

run() { # name command …
  local name=$1
  shift
  printf -- '--- interop %s\n' "$name"
  "$@" || { printf -- '--- interop %s: FAILED (code %d)\n' "$name" $?; failed+=("$name"); }
}

skip() { # name reason
  printf -- '--- interop %s: skipped, %s\n' "$1" "$2"
  skipped+=("$1 ($2)")
}

if command -v node >/dev/null && command -v npm >/dev/null; then
  run js-libp2p bash interop/run-js.sh
else
  skip js-libp2p "node and npm are not installed"
fi

if command -v go >/dev/null; then
  if [ -z "${TUTTI_BTCD_BIN:-}" ]; then
    TUTTI_BTCD_BIN=$(mktemp -d)
    trap 'rm -rf "$TUTTI_BTCD_BIN"' EXIT
  fi
  export TUTTI_BTCD_BIN
  run btcd bash interop/run-btcd.sh
  run btcd-lightclient bash interop/run-btcd-lightclient.sh
else
  skip btcd "go is not installed"
fi

if command -v go >/dev/null; then
  run go-libp2p bash interop/run-libp2p.sh go
else
  skip go-libp2p "go is not installed"
fi

# What rust-libp2p asks for.
if ! command -v cargo >/dev/null; then
  skip rust-libp2p "cargo is not installed"
elif [ "$(printf '1.88.0\n%s\n' "$(rustc --version | cut -d ' ' -f 2)" | sort -V | head -n 1)" != 1.88.0 ]; then
  skip rust-libp2p "$(rustc --version) is too old, 1.88 is needed"
else
  run rust-libp2p bash interop/run-libp2p.sh rust
fi

# The DHT and publish/subscribe, with the peers whose toolchains are here.
peers=()
command -v go >/dev/null && peers+=(go)
command -v cargo >/dev/null && [ "$(printf '1.88.0\n%s\n' "$(rustc --version | cut -d ' ' -f 2)" | sort -V | head -n 1)" = 1.88.0 ] && peers+=(rust)
command -v node >/dev/null && command -v npm >/dev/null && peers+=(js)
for peer in go rust js; do
  case " ${peers[*]:-} " in
    *" $peer "*) run "dht $peer" bash interop/run-dht.sh $peer ;;
    *) skip "dht $peer" "its toolchain is not here, or too old" ;;
  esac
done
if [ ${#peers[@]} -eq 0 ]; then
  skip pubsub "neither go, rust nor js is here"
else
  run "pubsub ${peers[*]}" bash interop/run-pubsub.sh "${peers[@]}"
fi
suite=(ours)
for peer in "${peers[@]}"; do [ $peer = js ] || suite+=($peer); done
if unshare -Urnm --uts sh -c 'ip link add tutti0 type bridge && ip link add tutti1 type veth peer name tutti2' >/dev/null 2>&1; then
  run "gossipsub suite ${suite[*]}" bash interop/run-gossipsub-suite.sh "${suite[@]}"
else
  skip "gossipsub suite" "this machine gives no namespaces with a bridge of their own"
fi

# mDNS wants a network of its own.
for peer in go rust; do
  tool=$([ $peer = go ] && echo go || echo cargo)
  if ! command -v $tool >/dev/null; then
    skip "mdns $peer" "$tool is not installed"
  elif ! unshare -Urn sh -c 'ip link set lo up && ip link add tutti0 type veth peer name tutti1' >/dev/null 2>&1; then
    skip "mdns $peer" "this machine gives no network namespace with a link of its own"
  else
    run "mdns $peer" bash interop/run-mdns.sh $peer
  fi
done

# The crate builds Core's C++.
if ! command -v cargo >/dev/null; then
  skip core-script "cargo is not installed"
elif [ "$(printf '1.88.0\n%s\n' "$(rustc --version | cut -d ' ' -f 2)" | sort -V | head -n 1)" != 1.88.0 ]; then
  skip core-script "$(rustc --version) is too old, 1.88 is needed"
elif ! command -v c++ >/dev/null; then
  skip core-script "there is no C++ compiler"
else
  run core-script bash interop/run-core-script.sh
fi

# Edition 2024, and secp256k1 in C, which the crate builds though proofs do not use it.
if ! command -v cargo >/dev/null; then
  skip merkle-proofs "cargo is not installed"
elif [ "$(printf '1.85.0\n%s\n' "$(rustc --version | cut -d ' ' -f 2)" | sort -V | head -n 1)" != 1.85.0 ]; then
  skip merkle-proofs "$(rustc --version) is too old, 1.85 is needed"
elif ! command -v cc >/dev/null; then
  skip merkle-proofs "there is no C compiler"
else
  run merkle-proofs bash interop/run-merkle-proofs.sh
fi

printf -- '--- interop: %d failed%s, %d skipped%s\n' "${#failed[@]}" "${failed[*]:+: ${failed[*]}}" "${#skipped[@]}" "${skipped[*]:+: ${skipped[*]}}"
[ ${#failed[@]} -eq 0 ]
