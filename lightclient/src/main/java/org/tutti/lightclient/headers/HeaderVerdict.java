package org.tutti.lightclient.headers;

import org.tutti.bitcoin.hash.BlockHash;

import java.math.BigInteger;

/// What became of a list of headers given to [HeaderChain#accept].
public sealed interface HeaderVerdict {

    /// All are in the tree now.
    sealed interface Accepted extends HeaderVerdict {
        /// Where the last of them stands.
        HeaderEntry last();

        /// How many were new.
        int added();
    }

    /// They are the end of the best chain, on top of what was its end.
    record Extended(HeaderEntry last, int added) implements Accepted {}

    /// They made another branch the best chain.
    ///
    /// @param fork the last header of the chain that was the best which still belongs to it
    record Reorganized(HeaderEntry fork, HeaderEntry last, int added) implements Accepted {}

    /// All were known before.
    record Known(HeaderEntry last) implements Accepted {
        @Override
        public int added() {
            return 0;
        }
    }

    /// They are on a branch that has no more work than the best chain.
    record ForkExtended(HeaderEntry last, int added) implements Accepted {}

    /// They have more work than the best chain, on a signet whose blocks must be verified before
    /// they count: see [HeaderChain#unverified].
    record Unverified(HeaderEntry last, int added) implements Accepted {}

    /// The first one's parent is not in the tree. They wait, within bounds, until it is: ask the
    /// peer for what lies between, and look at [HeaderChain#nextConnected] afterwards.
    record Unconnected(BlockHash parent) implements HeaderVerdict {}

    /// They keep all rules, but have too little work to be kept; nothing was taken. No proof of
    /// malice: a peer may have been fooled itself.
    ///
    /// @param fork the known header that they follow
    /// @param work of the last one and all below it
    /// @param required what the chain asks for
    record LowWork(HeaderEntry fork, BigInteger work, BigInteger required)
            implements HeaderVerdict {}

    /// They follow a [WeighedBranch] that has too little work to be kept so far; they keep all
    /// rules, were weighed, and are not stored.
    ///
    /// @param headers how many were weighed on that branch
    /// @param outweighs whether it has more work than the best chain now
    record Weighed(HeaderEntry fork, int headers, boolean outweighs) implements HeaderVerdict {}

    /// One broke a rule; those before it were taken if they have enough work, those behind it were
    /// not looked at.
    ///
    /// @param height where the header would stand
    record Refused(Rule rule, BlockHash hash, int height) implements HeaderVerdict {}

    /// The rules a header can break.
    enum Rule {
        /// Its hash is above its target, or the target is malformed or above the network's limit.
        PROOF_OF_WORK,
        /// Its target is not the one that the chain prescribes.
        WRONG_BITS,
        /// Its time is not above the median of the eleven before it.
        TIME_TOO_OLD,
        /// It is the first of its period and more than ten minutes before the last of the one
        /// before (BIP94).
        TIME_WARP,
        /// Its time is more than two hours ahead of ours. Not proof of malice: clocks differ.
        TIME_TOO_NEW,
        /// Its version is one that a soft fork has ended (BIP34, BIP66, BIP65).
        OLD_VERSION,
        /// It does not name the header before it in the list as its parent.
        NOT_A_LIST,
        /// It, or an ancestor, is a block that was found invalid.
        KNOWN_INVALID,
        /// It, or an ancestor, is a block that our owner has declared invalid: no fault of whoever
        /// sent it.
        DECLARED_INVALID,
        /// The tree is full, or the branch longer than a chain can be by now.
        NO_ROOM
    }
}
