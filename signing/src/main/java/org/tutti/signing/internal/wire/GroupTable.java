package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.signing.group.SignerGroup;

import java.util.Optional;

/// The groups of a node, by id. Implementations are safe for threads.
public interface GroupTable {
    /// The group with this id, if the node is in it now.
    Optional<SignerGroup> find(Bytes id);

    /// Whether the peer is a member of any of them.
    boolean hasMember(PeerId peer);

    /// One group that never changes.
    static GroupTable of(SignerGroup group) {
        return new GroupTable() {
            @Override
            public Optional<SignerGroup> find(Bytes id) {
                return id.equals(group.id()) ? Optional.of(group) : Optional.empty();
            }

            @Override
            public boolean hasMember(PeerId peer) {
                return group.member(peer).isPresent();
            }
        };
    }
}
