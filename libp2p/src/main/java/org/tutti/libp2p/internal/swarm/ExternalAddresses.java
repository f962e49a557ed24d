package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.ArrayList;
import java.util.List;

/// Where a host can be reached beside its listen addresses, in the order in which they were added.
/// Bounded, because some come from what peers claim. Safe for all threads; the lock guards
/// `addresses`.
final class ExternalAddresses {
    static final int MAX = 32;

    private List<Multiaddr> addresses = List.of();

    /// @return whether it was added: not if it is known, or there are too many
    synchronized boolean add(Multiaddr address) {
        if (addresses.contains(address) || addresses.size() >= MAX) {
            return false;
        }
        List<Multiaddr> more = new ArrayList<>(addresses);
        more.add(address);
        addresses = List.copyOf(more);
        return true;
    }

    /// @return whether it was there
    synchronized boolean remove(Multiaddr address) {
        if (!addresses.contains(address)) {
            return false;
        }
        addresses = addresses.stream().filter(a -> !a.equals(address)).toList();
        return true;
    }

    synchronized List<Multiaddr> all() {
        return addresses;
    }
}
