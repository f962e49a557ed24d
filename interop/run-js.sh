#!/usr/bin/env bash
# js-libp2p against Tutti over TCP + Noise + Yamux: it dials us and is dialled by us; identify and ping both ways.
# Exits 0 if all held, 1 if something did not, 77 if Node.js or npm is not there (skipped, with the reason).
set -u
unset CDPATH
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
ROOT=$(dirname "$HERE")
WAIT_SECONDS=30

skip() { echo "interop js: SKIPPED: $*"; exit 77; }
say() { echo "interop js: $*"; }

command -v node >/dev/null || skip "node is not installed"
command -v npm >/dev/null || skip "npm is not installed"
major=$(node -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 20 ] || skip "Node.js $major is too old, 20 is needed"

. "$HERE/children.sh"

cd "$HERE/js" || fail "no folder js"
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --no-audit --no-fund >"$work/npm.log" 2>&1 || { tail -n 20 "$work/npm.log"; fail "npm ci"; }
fi
echo "interop js: Node.js $(node -v), js-libp2p $(node -p 'require("./node_modules/libp2p/package.json").version')"

# js has ECDSA keys and no peer ids of them, and stumbles over those of others.
for key in ed25519 secp256k1 rsa; do
    "$ROOT/tutti" p2p listen --listen /ip4/127.0.0.1/tcp/0 --key-type $key --json >"$work/listen-$key" 2>"$work/listen-$key.err" &
    listener=$!
    children+=("$listener")
    await "$work/listen-$key" '"listening"'
    address=$(field "$work/listen-$key" addresses)
    us=$(field "$work/listen-$key" peerId)
    timeout $((WAIT_SECONDS * 2)) node peer.js dial $key "$address" >"$work/dial-$key" || { cat "$work/dial-$key" "$work/listen-$key"; fail "js dials us ($key)"; }
    node check.js "$work/dial-$key" dialled "peerId=$us" "agentVersion~tutti/" protocolVersion=ipfs/0.1.0 \
        "protocols~/ipfs/id/1.0.0" "protocols~/ipfs/ping/1.0.0" "protocols~/ipfs/id/push/1.0.0" \
        "listenAddresses~${address%%/p2p/*}" "observedAddress~/ip4/127.0.0.1/tcp/" \
        signedRecord=true multiplexer=/yamux/1.0.0 encryption=/noise || fail "what js saw of us ($key)"
    await "$work/listen-$key" '"identified"'
    node check.js "$work/listen-$key" identified "peerId=$(field "$work/dial-$key" self)" "agentVersion~js-libp2p/" \
        "protocols~/ipfs/id/1.0.0" "protocols~/ipfs/ping/1.0.0" || fail "what we saw of js ($key)"
    await "$work/listen-$key" '"/tutti/interop/new/1"'
    kill "$listener"
    wait "$listener"
    code=$?
    [ $code -eq 0 ] || fail "p2p listen ended with $code"
    echo "interop js: js dials us ($key identities): identify both ways, 5 pings, a push: ok"
done

for key in ed25519 secp256k1 rsa; do
    rm -f "$work/stdin" "$work/js"
    mkfifo "$work/stdin"
    node peer.js listen $key <"$work/stdin" >"$work/js" &
    children+=("$!")
    exec 7>"$work/stdin"
    await "$work/js" '"listening"'
    address=$(field "$work/js" addresses)
    them=$(field "$work/js" peerId)
    # js takes its time to check what an RSA key signed, and has to be done before our last ping.
    count=5
    [ $key != rsa ] || count=4000
    "$ROOT/tutti" p2p ping "$address" --count $count --key-type $key --json >"$work/ping-$key" || { cat "$work/ping-$key" "$work/js"; fail "we dial js ($key)"; }
    node check.js "$work/ping-$key" result ok=true "peerId=$them" "agentVersion~js-libp2p/" "protocols~/ipfs/ping/1.0.0" \
        "protocols~/ipfs/id/1.0.0" || fail "what we saw of js ($key)"
    [ "$(sed 's/.*rttMicros":\[//; s/\].*//' "$work/ping-$key" | tr ',' '\n' | wc -l)" -eq $count ] || fail "not $count pings"
    await "$work/js" '"identified"'
    node check.js "$work/js" identified "agentVersion~tutti/" "protocols~/ipfs/ping/1.0.0" signedRecord=true || fail "what js saw of us ($key)"
    await "$work/js" '"pinged"'
    echo "interop js: we dial js ($key identities): identify both ways, $count pings, js pings back on our connection: ok"
done
wrong=${address%/p2p/*}/p2p/$us
if "$ROOT/tutti" p2p ping "$wrong" --count 1 --json >"$work/wrong"; then fail "a wrong peer id was accepted"; fi
node check.js "$work/wrong" result ok=false code=WRONG_PEER_ID || fail "the wrong peer id's code"
echo "interop js: a wrong peer id is refused: ok"
echo "interop js: passed"
