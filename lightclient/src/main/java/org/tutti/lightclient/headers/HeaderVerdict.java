package org.tutti.lightclient.headers;

import org.tutti.bitcoin.hash.BlockHash;

/// What became of a list of headers given to [HeaderChain#accept].
public sealed interface HeaderVerdict {

    /// All are in the tree now.
    ///
    /// @param last where the last of them stands
    /// @param added how many were new
    record Accepted(HeaderEntry last, int added) implements HeaderVerdict {}

    /// The first one's parent is not in the tree; nothing was taken.
    record Unconnected(BlockHash parent) implements HeaderVerdict {}

    /// One broke a rule; those before it were taken, those behind it were not looked at.
    record Refused(Rule rule, BlockHash hash) implements HeaderVerdict {}

    /// The rules a header can break.
    enum Rule {
        /// Its hash is above its target, or the target is malformed or above the network's limit.
        PROOF_OF_WORK,
        /// Its target is not the one that the chain prescribes.
        WRONG_BITS,
        /// Its time is not above the median of the eleven before it.
        TIME_TOO_OLD,
        /// Its time is more than two hours ahead of ours. Not proof of malice: clocks differ.
        TIME_TOO_NEW,
        /// It does not name the header before it in the list as its parent.
        NOT_A_LIST,
        /// It, or an ancestor, is a block that was found invalid.
        KNOWN_INVALID,
        /// The tree is full, and this header belongs to the weakest branch.
        NO_ROOM
    }
}
