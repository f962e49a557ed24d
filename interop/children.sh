# Sourced by runs with other programs, after say(): a folder for what peers print ($work), what ends them at the end of the run
# (children), and what waits for their words, at most WAIT_SECONDS.
WAIT_SECONDS=${WAIT_SECONDS:-60}
work=$(mktemp -d)
children=()
cleanup() {
    exec 7>&- 2>/dev/null
    for pid in "${children[@]:-}"; do [ -z "$pid" ] || kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
fail() {
    say "FAILED: $*" >&2
    tail -n 8 "$work"/*.out "$work"/*.err 2>/dev/null >&2
    exit 1
}
await() { # file text
    local tries=$((WAIT_SECONDS * 10))
    until grep -q "$2" "$1" 2>/dev/null; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { tail -n 8 "$1" 2>/dev/null >&2; fail "no $2 within $WAIT_SECONDS s in ${1##*/}"; }
        sleep 0.1
    done
}
field() { sed -n "s/.*\"$2\":\[*\"\([^\"]*\)\".*/\1/p" "$1" | head -n 1; } # file name: the first value of a field of strings
