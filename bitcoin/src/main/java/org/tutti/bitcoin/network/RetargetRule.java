package org.tutti.bitcoin.network;

/// Where a network deviates from mainnet's rules for the difficulty of the next block.
public enum RetargetRule {
    /// The bits stay what they are in the genesis block (regtest).
    NEVER,

    /// A block 20 minutes later than the one before may have the easiest target (testnets).
    MINIMUM_AFTER_20_MINUTES,

    /// The retarget looks at the first block of the period instead of the last, so that blocks of
    /// the easiest target do not reset it (BIP94, testnet4).
    FIRST_BLOCK_OF_PERIOD,

    /// The first block of a period is at most ten minutes before the last of the one before (BIP94,
    /// testnet4).
    NO_TIME_WARP
}
