package org.tutti.libp2p.internal.kad;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.List;

/// A peer and where it is said to be reached. Equal by both; its key is computed once.
public final class Contact {
    /// Addresses kept of one peer, the best first; the rest is dropped.
    public static final int MAX_ADDRESSES = 16;

    private final PeerId peer;
    private final Key key;
    private final List<Multiaddr> addresses;

    private Contact(PeerId peer, Key key, List<Multiaddr> addresses) {
        this.peer = peer;
        this.key = key;
        this.addresses =
                List.copyOf(
                        addresses.size() > MAX_ADDRESSES
                                ? addresses.subList(0, MAX_ADDRESSES)
                                : addresses);
    }

    /// @param addresses without `/p2p`, the best first
    public static Contact of(PeerId peer, List<Multiaddr> addresses) {
        return new Contact(peer, Key.of(peer), addresses);
    }

    /// The same peer with other addresses.
    public Contact withAddresses(List<Multiaddr> others) {
        return new Contact(peer, key, others);
    }

    public PeerId peer() {
        return peer;
    }

    public Key key() {
        return key;
    }

    public List<Multiaddr> addresses() {
        return addresses;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Contact contact
                && peer.equals(contact.peer)
                && addresses.equals(contact.addresses);
    }

    @Override
    public int hashCode() {
        return peer.hashCode();
    }

    @Override
    public String toString() {
        return peer + "@" + addresses;
    }
}
