package org.tutti.bitcoin.network;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.codec.DecodeException;

/// The first blocks, put together from the parts that they share (Bitcoin Core,
/// `CreateGenesisBlock`).
final class Genesis {
    private static final String NO_PARENT = "00".repeat(32);
    private static final String COINBASE_START = "01000000" + "01" + "00".repeat(32) + "ffffffff";

    /// "The Times 03/Jan/2009 Chancellor on brink of second bailout for banks", paid to Satoshi's
    /// key.
    private static final String TIMES_ROOT =
            "3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a";

    private static final String TIMES_COINBASE =
            COINBASE_START
                    + "4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72"
                    + "206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73"
                    + "ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a679"
                    + "62e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac"
                    + "00000000";

    /// "03/May/2024 000000000000000000001ebd58c244970b3aa9d783bb001011fbe8ea8e98e00e", paid to a
    /// key of zeros.
    private static final String MAY_ROOT =
            "4e7b2b9128fe0291db0693af2ae418b767e657cd407e80cb1434221eaea7a07a";

    private static final String MAY_COINBASE =
            COINBASE_START
                    + "5504ffff001d01044c4c30332f4d61792f323032342030303030303030303030303030303030303030"
                    + "303165626435386332343439373062336161396437383362623030313031316662653865613865393865"
                    + "303065ffffffff0100f2052a0100000023210000000000000000000000000000000000000000000000000"
                    + "00000000000000000ac00000000";

    private Genesis() {}

    /// The block that carries The Times of 3 January 2009.
    ///
    /// @param timeBitsNonce the last 12 bytes of the header as hex
    static Block times(String timeBitsNonce) {
        return block(TIMES_ROOT, timeBitsNonce, TIMES_COINBASE);
    }

    /// The block that carries a mainnet block hash of 3 May 2024 (BIP94).
    static Block may2024(String timeBitsNonce) {
        return block(MAY_ROOT, timeBitsNonce, MAY_COINBASE);
    }

    private static Block block(String root, String timeBitsNonce, String coinbase) {
        String hex = "01000000" + NO_PARENT + root + timeBitsNonce + "01" + coinbase;
        try {
            return Block.parse(Bytes.fromHex(hex));
        } catch (DecodeException e) {
            throw new IllegalStateException("genesis block in this source is broken", e);
        }
    }
}
