package org.tutti.coordinator.group;

import org.tutti.coordinator.message.ProposalId;
import org.tutti.musig.keys.ExtendedPrivateKey;

import java.io.IOException;
import java.util.Optional;

/// Where the secret keys of this node's groups are. Called from many threads.
public interface GroupKeys {
    /// The key of a proposal, to be closed. If there is none, one is made: of fresh randomness,
    /// never derived from anything that another key is derived from, so that whoever knows this
    /// node's other keys finds no group of it on the chain.
    ///
    /// When this returns the secret is on disk: money may depend on it from then on.
    ExtendedPrivateKey create(ProposalId proposal) throws IOException;

    /// The key of a proposal, to be closed.
    Optional<ExtendedPrivateKey> find(ProposalId proposal) throws IOException;
}
