#!/usr/bin/env bash
# Runs the commands of README's «By hand, in three terminals» and then those of docs/operating.md about payments, exactly as they stand there,
# in a temporary folder: each block that follows a marker `<!-- run: NAME -->` or `<!-- type: NAME -->`. Ends 0 only when the payment confirmed in
# every signer, and another one that was bumped and cancelled did not.
set -euo pipefail
unset CDPATH
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
peer_pid='' signers_pid=''
cleanup() {
  # The signers run in a process group of their own: end all of it.
  [ -z "$signers_pid" ] || kill -- "-$signers_pid" 2>/dev/null || true
  [ -z "$peer_pid" ] || kill "$peer_pid" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

say() { printf 'three terminals: %s\n' "$*"; }
fail() {
  printf 'three terminals: FAILED: %s\n' "$*" >&2
  tail -n 15 "$work"/*.out >&2 || true
  exit 1
}

block() { # run|type name: the fenced block after that marker in README or the guide
  awk -v marker="<!-- $1: $2 -->" '$0 == marker {found = 1; next}
    found && /^```/ {if (inside) exit; inside = 1; next}
    found && inside {print}' "$root/README.md" "$root/docs/operating.md"
}

await() { # seconds description command …
  local seconds=$1 what=$2
  shift 2
  for _ in $(seq $((seconds * 5))); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.2
  done
  fail "not within ${seconds}s: $what"
}

confirmed() { # who: that signer's status shows the payment confirmed
  ./tutti status --data "hand/$1" --json | grep -q '"state":"confirmed"'
}

cd "$work"
ln -s "$root/tutti" tutti
mkfifo keyboard

say "terminal 1: $(block run peer)"
# Opened for reading and writing, so that it stays open between two lines typed.
exec 7<>keyboard
bash -c "exec $(block run peer)" <keyboard >peer.out 2>&1 &
peer_pid=$!
await 30 "the Bitcoin peer listens" grep -q 18444 peer.out

say "terminal 2: the signers"
set -m
bash -c "$(block run signers)
wait" >signers.out 2>&1 &
signers_pid=$!
set +m
for who in alice bob carol; do await 60 "$who answers" ./tutti status --data "hand/$who"; done

say "terminal 3: $(block run address)"
address=$(bash -c "$(block run address)" | tail -n 1)
say "address $address; typing into terminal 1"
block type peer | sed "s/ADDRESS/$address/" >&7
for who in alice bob carol; do
  await 60 "$who sees both coins" bash -c "./tutti status --data hand/$who --json | grep -q '\"spendableCoins\":2'"
done

say "terminal 3: $(block run pay)"
bash -c "$(block run pay)" | tee pay.out
echo "mine 1 $(block type peer | sed -n 's/^mine 100 //p')" >&7
for who in alice bob carol; do await 60 "$who confirms" confirmed "$who"; done
say "confirmed by all three: ok"

say "the guide: $(block run look)"
bash -c "$(block run look)" >look.out || fail "the guide's commands to look"
grep -q '^payment .* confirmed' look.out || fail 'the guide shows the payment'
for who in alice bob carol; do
  await 60 "$who sees the change" bash -c "./tutti status --data hand/$who --json | grep -q '\"spendableCoins\":1'"
done
say "the guide: $(block run guide)"
bash -ec "$(block run guide)" >guide.out || fail "the guide's commands about a payment"
cat guide.out
cancelled() { ./tutti payments --data "hand/$1" --json | grep -q '"state":"replaced".*"state":"replaced"'; }
# The peer has the newest version once it has taken it in the place of the others.
await 60 'the cancellation was sent' bash -c "./tutti payments show rent --data hand/alice --json | grep -q '\"state\":\"\\(sent\\|seen\\)\"'"
echo "mine 6 $(block type peer | sed -n 's/^mine 100 //p')" >&7
for who in alice bob carol; do await 60 "$who sees it cancelled" cancelled "$who"; done
say "bumped, cancelled, replaced: ok"
