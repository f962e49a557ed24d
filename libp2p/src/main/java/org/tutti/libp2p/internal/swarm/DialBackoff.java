package org.tutti.libp2p.internal.swarm;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Which addresses of which peers are not dialled for a while, because they failed.
///
/// As in go (p2p/net/swarm/swarm_dial.go, `DialBackoff`): 5 s after the first failure and a second
/// for the square of the failures before, up to 5 minutes; a connection to the peer clears them
/// all. Unlike there each wait is between half and all of that, so that those who lost the same
/// peer at the same moment do not come back together.
///
/// Bounded: the peer that failed longest ago is forgotten first. Only addresses that were dialled
/// come in, which are short. A pure engine; not safe for threads. Times are nanoseconds.
final class DialBackoff {
    /// Addresses of all peers together.
    static final int MAX_ADDRESSES = 2_048;

    static final Duration BASE = Duration.ofSeconds(5);
    static final Duration COEFFICIENT = Duration.ofSeconds(1);
    static final Duration MAX = Duration.ofMinutes(5);

    /// @param failures how many in a row
    /// @param until when it may be dialled again
    /// @param forgottenAt when the next failure counts as the first again
    private record Entry(int failures, long until, long forgottenAt) {}

    private final RandomGenerator random;

    /// The peer that failed last comes last.
    private final LinkedHashMap<PeerId, Map<Multiaddr, Entry>> peers = new LinkedHashMap<>();

    private int size;

    DialBackoff(RandomGenerator random) {
        this.random = random;
    }

    /// An attempt has failed.
    void failed(PeerId peer, Multiaddr address, long now) {
        Map<Multiaddr, Entry> known = peers.remove(peer);
        Map<Multiaddr, Entry> addresses = known == null ? new HashMap<>(2) : known;
        peers.put(peer, addresses);
        Entry before = addresses.get(address);
        int failures = before == null || before.forgottenAt - now <= 0 ? 0 : before.failures;
        long full = Math.min(MAX.toNanos(), BASE.toNanos() + square(failures));
        long wait = full / 2 + random.nextLong(full / 2 + 1);
        addresses.put(address, new Entry(failures + 1, now + wait, now + wait + full));
        size += before == null ? 1 : 0;
        forgetOldest(addresses, address);
    }

    private static long square(int failures) {
        // More of them exceed the maximum.
        long bounded = Math.min(failures, 1_000);
        return bounded * bounded * COEFFICIENT.toNanos();
    }

    private void forgetOldest(Map<Multiaddr, Entry> newest, Multiaddr address) {
        while (size > MAX_ADDRESSES && peers.size() > 1) {
            Iterator<Map<Multiaddr, Entry>> oldest = peers.values().iterator();
            size -= oldest.next().size();
            oldest.remove();
        }
        if (size > MAX_ADDRESSES) {
            newest.keySet().removeIf(a -> !a.equals(address));
            size = 1;
        }
    }

    /// How long it is until the address may be dialled.
    ///
    /// @return nanoseconds; 0 if it may be now
    long left(PeerId peer, Multiaddr address, long now) {
        Map<Multiaddr, Entry> addresses = peers.get(peer);
        @Nullable Entry entry = addresses == null ? null : addresses.get(address);
        return entry == null ? 0 : Math.max(0, entry.until - now);
    }

    /// There is a connection to the peer.
    void clear(PeerId peer) {
        Map<Multiaddr, Entry> gone = peers.remove(peer);
        size -= gone == null ? 0 : gone.size();
    }

    int size() {
        return size;
    }
}
