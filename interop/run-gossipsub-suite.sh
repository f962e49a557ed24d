#!/usr/bin/env bash
# The GossipSub interop tests of the libp2p community (libp2p/test-plans, gossipsub-interop), without their simulator: each node has a name of its
# own, node<n>, and a network of its own behind one bridge. Programs of go, rust and ours follow the same script; every message has to arrive
# everywhere.
#   bash interop/run-gossipsub-suite.sh ours|go|rust…    the kinds of nodes, which take turns; exits 0 if all held, 77 if this machine gives no
#                                                         namespaces (skipped, with the reason)
set -u
unset CDPATH
cd "$(dirname "$0")/.."
NODES=${NODES:-8}
MESSAGES=${MESSAGES:-16}
# Seconds from the start of a node: when they are connected, when the first message goes, and when all is over.
CONNECT_AT=${CONNECT_AT:-10}
PUBLISH_AT=${PUBLISH_AT:-18}
END_AT=${END_AT:-36}

say() { echo "interop gossipsub suite: $*"; }
fail() {
    say "FAILED: $*" >&2
    tail -n 5 "$work"/*.err 2>/dev/null >&2
    exit 1
}

# In the namespaces: starts the nodes and waits for them.
if [ "${1:-}" = inside ]; then
    work=$2
    ip link set lo up && ip link add tutti0 type bridge && ip link set tutti0 up && mount -t tmpfs none /run || exit 77
    { echo 127.0.0.1 localhost; for ((n = 0; n < NODES; n++)); do echo "10.78.0.$((n + 1)) node$n"; done; } >/run/hosts
    mount --bind /run/hosts /etc/hosts || exit 77
    pids=()
    for ((n = 0; n < NODES; n++)); do
        mapfile -t command <"$work/command$n"
        # The node begins when its network is there.
        unshare -n --uts bash -c 'hostname "$0" && until ip link show eth0 >/dev/null 2>&1; do sleep 0.05; done && ip link set lo up &&
            ip addr add "$1/24" dev eth0 && ip link set eth0 up && shift && exec "$@"' \
            "node$n" "10.78.0.$((n + 1))" "${command[@]}" --params "$work/params.json" >"$work/node$n.out" 2>"$work/node$n.err" &
        pids+=("$!")
    done
    sleep 0.5
    for ((n = 0; n < NODES; n++)); do
        { ip link add "veth$n" type veth peer name eth0 netns "${pids[n]}" && ip link set "veth$n" master tutti0 && ip link set "veth$n" up; } || exit 1
    done
    code=0
    for pid in "${pids[@]}"; do wait "$pid" || code=1; done
    exit $code
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unshare -Urnm --uts sh -c 'ip link add tutti0 type bridge && ip link add tutti1 type veth peer name tutti2' >/dev/null 2>&1 || {
    say "SKIPPED: this machine gives no namespaces with a bridge of their own"
    exit 77
}
. interop/peers.sh
[ $# -gt 0 ] || { echo "usage: $0 ours|go|rust…" >&2; exit 2; }
kinds=("$@")
for ((n = 0; n < NODES; n++)); do
    kind=${kinds[n % ${#kinds[@]}]}
    if [ "$kind" = ours ]; then
        our_class command org.tutti.interop.gossip.GossipNode
    else
        peer_of "$kind" command || { echo "usage: $0 ours|go|rust…" >&2; exit 2; }
    fi
    printf '%s\n' "${command[@]}" >"$work/command$n"
done

# Each node dials the next one and the third after it: few enough links that messages have to be passed on.
{
    printf '{"script":[{"type":"initGossipSub","gossipSubParams":{"D":4,"Dlo":2,"Dhi":5,"Dscore":2,"Dout":1}}'
    printf ',{"type":"waitUntil","elapsedSeconds":%d}' "$CONNECT_AT"
    for ((n = 0; n < NODES; n++)); do
        printf ',{"type":"ifNodeIDEquals","nodeID":%d,"instruction":{"type":"connect","connectTo":[%d,%d]}}' $n $(((n + 1) % NODES)) $(((n + 3) % NODES))
    done
    printf ',{"type":"subscribeToTopic","topicID":"topic"}'
    for ((m = 0; m < MESSAGES; m++)); do
        printf ',{"type":"waitUntil","elapsedSeconds":%d}' $((PUBLISH_AT + m / 4))
        printf ',{"type":"ifNodeIDEquals","nodeID":%d,"instruction":{"type":"publish","messageID":%d,"messageSizeBytes":%d,"topicID":"topic"}}' \
            $((m % NODES)) $((m + 1)) $((m % 2 ? 2048 : 64))
    done
    printf ',{"type":"waitUntil","elapsedSeconds":%d}]}\n' "$END_AT"
} >"$work/params.json"

export NODES
unshare -Urnm --uts bash "$PWD/interop/run-gossipsub-suite.sh" inside "$work" || fail "a node ended with an error, or there is no network: $(tail -n 1 "$work"/node*.out)"
arrivals=0
for ((n = 0; n < NODES; n++)); do
    out=$work/node$n.out
    grep -q '"PeerID"' "$out" || fail "node$n does not say who it is"
    for ((m = 0; m < MESSAGES; m++)); do
        [ $((m % NODES)) -eq $n ] || grep '"Received Message"' "$out" | grep -q "\"id\":\"$((m + 1))\"" ||
            fail "node$n (${kinds[n % ${#kinds[@]}]}) did not get message $((m + 1)) of node$((m % NODES)) (${kinds[m % NODES % ${#kinds[@]}]})"
    done
    arrivals=$((arrivals + $(grep -c '"Received Message"' "$out")))
done
say "$NODES nodes (${kinds[*]}), $MESSAGES messages: all arrived, $arrivals arrivals for $((MESSAGES * (NODES - 1))) deliveries: ok in $SECONDS s"
