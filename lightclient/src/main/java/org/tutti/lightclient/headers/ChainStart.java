package org.tutti.lightclient.headers;

import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.ProofOfWork;
import org.tutti.bitcoin.network.Network;

import java.math.BigInteger;
import java.util.Optional;

/// Where a chain of headers begins: with the genesis block, or in the middle with a header that our
/// owner asserts.
///
/// @param first the first header
/// @param anchor where it stands
public record ChainStart(BlockHeader first, Anchor anchor) {

    /// The first header of a chain with what the rules need to know of the headers below it.
    ///
    /// @param height of the first header
    /// @param bits of the first header's period, unsigned 32 bits: those of a header that did not
    ///   use a test network's rule of 20 minutes
    /// @param time of the first block of the first header's period, seconds since 1970
    /// @param workBelow work of all headers below the first one; zero where it is not known. Then
    ///   work is counted from the first header on, and the network's minimum is not asked for
    public record Anchor(int height, long bits, long time, BigInteger workBelow) {
        /// @throws IllegalArgumentException if a value is out of its range
        public Anchor {
            boolean fits =
                    height >= 0
                            && height <= MAX_HEIGHT
                            && time >= 0
                            && time <= 0xffff_ffffL
                            && workBelow.signum() >= 0
                            && workBelow.bitLength() <= CompactTarget.MAX_WORK_BITS;
            if (!fits || bits < 0 || bits > 0xffff_ffffL || ProofOfWork.target(bits).isEmpty()) {
                throw new IllegalArgumentException(
                        "not a height, bits and a time: "
                                + height
                                + ", "
                                + Long.toHexString(bits)
                                + ", "
                                + time);
            }
        }

        public Anchor(int height, long bits, long time) {
            this(height, bits, time, BigInteger.ZERO);
        }
    }

    /// The highest block that a chain can begin with.
    public static final int MAX_HEIGHT = 100_000_000;

    /// The chain of a network from its beginning.
    public static ChainStart genesis(Network network) {
        BlockHeader genesis = network.genesisHeader();
        return new ChainStart(genesis, new Anchor(0, genesis.bits(), genesis.time()));
    }

    /// Why a network's chain cannot start like this, if it cannot: at height 0 the genesis block
    /// alone, above it a header that has the bits of its anchor and meets them.
    public Optional<String> fault(Network network) {
        if (anchor.height() == 0) {
            return equals(genesis(network))
                    ? Optional.empty()
                    : Optional.of("it is not the genesis block of " + network);
        }
        BigInteger limit = network.difficulty().limit();
        if (!ProofOfWork.isMet(first.hash(), first.bits(), limit)) {
            return Optional.of("its hash does not meet its target");
        }
        if (!new HeaderRules(network).canStart(this)) {
            return Optional.of(
                    "its bits or time are not those of its anchor, or its version is too old");
        }
        return Optional.empty();
    }
}
