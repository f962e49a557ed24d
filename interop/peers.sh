# Sourced by the runs of the DHT and of publish/subscribe, after fail() and $work: how the peers are built and called.

# peer_of go|rust|js [array]: builds that peer and puts its command into the array (theirs). go-peer and rust-peer are taken from the folder
# TUTTI_PEER_BIN if they are there (build-peers.sh), and go's is left there for the next run.
peer_of() {
    local -n into=${2:-theirs}
    local bin=${TUTTI_PEER_BIN:-$work}
    case $1 in
        go)
            [ -x "$bin/go-peer" ] || (cd interop/go-libp2p && go build -o "$bin/go-peer" .) >"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log"; fail "go build"; }
            into=("$bin/go-peer")
            ;;
        rust)
            into=("$bin/rust-peer")
            if [ ! -x "${into[0]}" ]; then
                cargo build --quiet --manifest-path interop/rust-libp2p/Cargo.toml >"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log"; fail "cargo build"; }
                into=("${CARGO_TARGET_DIR:-$PWD/interop/rust-libp2p/target}/debug/tutti-interop-rust")
            fi
            ;;
        js)
            if [ ! -f interop/js/node_modules/.package-lock.json ] || [ interop/js/package-lock.json -nt interop/js/node_modules/.package-lock.json ]; then
                (cd interop/js && npm ci --no-audit --no-fund) >"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log"; fail "npm ci"; }
            fi
            into=(node "$PWD/interop/js/peer.js")
            ;;
        *) return 1 ;;
    esac
}

# our_class ARRAY CLASS: the command of a class of this module.
our_class() {
    local -n into=$1
    local java=${TUTTI_JAVA:-} candidate
    for candidate in "${JAVA_HOME:-/nowhere}/bin/java" /usr/lib/jvm/*25*/bin/java "${HOME:-}"/.sdkman/candidates/java/25*/bin/java; do
        [ -n "$java" ] || [ ! -x "$candidate" ] || ! "$candidate" -version 2>&1 | grep -q '"25' || java=$candidate
    done
    into=("${java:-java}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
        -cp "${CLASSES:-$PWD/app/target/tutti.jar:$PWD/interop/target/classes}" "$2")
}
