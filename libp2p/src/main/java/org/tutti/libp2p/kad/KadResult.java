package org.tutti.libp2p.kad;

import org.tutti.base.Bytes;

import java.util.List;
import java.util.Optional;

/// What an operation found or did.
public sealed interface KadResult {
    LookupStats stats();

    /// Where a peer is reached.
    ///
    /// @param peer proven to be at one of these addresses, or connected; empty if it was not found
    record Peer(Optional<KadPeer> peer, LookupStats stats) implements KadResult {}

    /// The peers nearest to a key.
    ///
    /// @param peers that answered, the nearest first, at most k
    record Closest(List<KadPeer> peers, LookupStats stats) implements KadResult {
        public Closest {
            peers = List.copyOf(peers);
        }
    }

    /// What is under a key.
    ///
    /// @param value the best valid one
    record Value(Optional<Bytes> value, LookupStats stats) implements KadResult {}

    /// What was put, or provided.
    ///
    /// @param peers how many keep it now; of providers: how many were told
    record Stored(int peers, LookupStats stats) implements KadResult {}

    /// Who provides a key.
    ///
    /// @param providers what others say; nobody has proven it
    record Providers(List<KadPeer> providers, LookupStats stats) implements KadResult {
        public Providers {
            providers = List.copyOf(providers);
        }
    }
}
