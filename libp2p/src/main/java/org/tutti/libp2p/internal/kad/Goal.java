package org.tutti.libp2p.internal.kad;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

/// What an operation of this node is to find or to do.
public sealed interface Goal {
    /// The bytes whose nearest peers are asked.
    Bytes key();

    /// Where a peer is reached.
    record FindPeer(PeerId peer) implements Goal {
        @Override
        public Bytes key() {
            return peer.multihash();
        }
    }

    /// The k peers nearest to a key.
    record FindClosest(Bytes key) implements Goal {}

    /// The best value under a key.
    ///
    /// @param quorum after how many valid answers it is enough; 0 for all of the k nearest
    record Get(Bytes key, int quorum) implements Goal {
        public Get {
            if (quorum < 0) {
                throw new IllegalArgumentException("a quorum of " + quorum);
            }
        }
    }

    /// Have the k nearest peers keep a value.
    record Put(Bytes key, Bytes value) implements Goal {}

    /// Tell the k nearest peers that this node provides the key.
    record Provide(Bytes key) implements Goal {}

    /// Who provides a key.
    ///
    /// @param max after how many it is enough
    record FindProviders(Bytes key, int max) implements Goal {}

    /// Whom each of the k nearest peers names as providers of a key: unlike `FindProviders`, which
    /// is content with whoever is named first.
    record Survey(Bytes key) implements Goal {}
}
