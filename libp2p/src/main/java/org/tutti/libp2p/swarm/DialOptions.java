package org.tutti.libp2p.swarm;

import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.List;
import java.util.Optional;

/// How a connection to a peer is found or made. Immutable.
public final class DialOptions {
    private static final DialOptions DEFAULTS =
            new DialOptions(Optional.empty(), false, false, false, false);

    private final Optional<List<Multiaddr>> only;
    private final boolean further;
    private final boolean noDial;
    private final boolean limited;
    private final boolean ignoreBackoff;

    private DialOptions(
            Optional<List<Multiaddr>> only,
            boolean further,
            boolean noDial,
            boolean limited,
            boolean ignoreBackoff) {
        this.only = only;
        this.further = further;
        this.noDial = noDial;
        this.limited = limited;
        this.ignoreBackoff = ignoreBackoff;
    }

    /// An open connection that is not limited, or else a new one to any address that is known of
    /// the peer, be it limited. One that somebody else dials at the same time counts as open: a
    /// limited one that comes of it will not do, and a dial of one's own begins.
    public static DialOptions defaults() {
        return DEFAULTS;
    }

    /// Dials these addresses and no other. An open connection is still given, wherever it leads.
    ///
    /// @param addresses with or without `/p2p`
    public DialOptions only(List<Multiaddr> addresses) {
        List<Multiaddr> bare = addresses.stream().map(Multiaddr::withoutPeerId).toList();
        return new DialOptions(Optional.of(bare), further, noDial, limited, ignoreBackoff);
    }

    /// Dials this address and no other.
    public DialOptions only(Multiaddr address) {
        return only(List.of(address));
    }

    /// Makes a further connection although one may be open: to another address, or because the open
    /// one is to be replaced.
    ///
    /// @throws IllegalStateException after `noDial`
    public DialOptions furtherConnection() {
        if (noDial) {
            throw new IllegalStateException("a further connection cannot be had without a dial");
        }
        return new DialOptions(only, true, false, limited, ignoreBackoff);
    }

    /// Gives an open connection, and dials in no case: [NotConnectedException] if none is open.
    ///
    /// @throws IllegalStateException after `furtherConnection`
    public DialOptions noDial() {
        if (further) {
            throw new IllegalStateException("a further connection cannot be had without a dial");
        }
        return new DialOptions(only, false, true, limited, ignoreBackoff);
    }

    /// A limited connection will do, such as one through a relay.
    public DialOptions allowLimited() {
        return new DialOptions(only, further, noDial, true, ignoreBackoff);
    }

    /// Dials addresses that failed a short while ago, too: for somebody who has a reason to believe
    /// that they work again, or keeps away from them by a rule of their own. Without it such a dial
    /// ends in [DialBackoffException] at once.
    ///
    /// An address is left alone for 5 s after its first failure, and longer each time, up to 5
    /// minutes, with jitter; a connection to the peer clears all of its addresses.
    public DialOptions ignoreBackoff() {
        return new DialOptions(only, further, noDial, limited, true);
    }

    /// The addresses to dial, without `/p2p`; empty for those that are known of the peer.
    public Optional<List<Multiaddr>> onlyAddresses() {
        return only;
    }

    public boolean isFurtherConnection() {
        return further;
    }

    public boolean isNoDial() {
        return noDial;
    }

    public boolean allowsLimited() {
        return limited;
    }

    public boolean ignoresBackoff() {
        return ignoreBackoff;
    }
}
