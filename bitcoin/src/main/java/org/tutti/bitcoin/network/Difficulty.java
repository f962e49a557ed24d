package org.tutti.bitcoin.network;

import org.tutti.bitcoin.block.ProofOfWork;

import java.math.BigInteger;
import java.util.Set;

/// How hard a block is to make.
///
/// @param limitBits the easiest target, in compact form
/// @param rules where the network deviates from mainnet
/// @param minimumChainWork work that the best chain had when this was written
public record Difficulty(long limitBits, Set<RetargetRule> rules, BigInteger minimumChainWork) {
    /// @throws IllegalArgumentException if the bits are not a target, or the work is negative
    public Difficulty {
        rules = Set.copyOf(rules);
        if (ProofOfWork.target(limitBits).isEmpty() || minimumChainWork.signum() < 0) {
            throw new IllegalArgumentException(
                    "not a target and an amount of work: "
                            + Long.toHexString(limitBits)
                            + ", "
                            + minimumChainWork);
        }
    }

    /// The easiest target as a number.
    public BigInteger limit() {
        return ProofOfWork.target(limitBits).orElseThrow();
    }

    /// Whether every block has the bits of the genesis block.
    public boolean neverRetargets() {
        return rules.contains(RetargetRule.NEVER);
    }
}
