package org.tutti.libp2p.multiformats;

import org.tutti.base.Bytes;

import java.nio.ByteBuffer;

/// A content identifier: which format some content has, and its hash (multiformats/cid).
///
/// @param version 0 or 1
/// @param codec from the multicodec table; 0x70 for version 0
public record Cid(int version, long codec, Multihash multihash) {
    /// The longest text that is looked at.
    private static final int MAX_TEXT = 512;

    private static final long DAG_PB = 0x70;
    private static final int SHA2_256_LENGTH = 34;

    /// Reads a CID, or a bare multihash in base58btc, of which a CID of version 0 is one.
    ///
    /// @throws MultiformatException if it is neither
    public static Cid parse(String text) {
        if (text.isEmpty() || text.length() > MAX_TEXT) {
            throw malformed("a CID of " + text.length() + " characters");
        }
        // CID, Decoding Algorithm: "If it's 46 characters long and starts with Qm…, it's a CIDv0".
        if (text.startsWith("Qm") || text.startsWith("1")) {
            return bare(Multibase.BASE58_BTC.decodeBare(text));
        }
        ByteBuffer bytes = ByteBuffer.wrap(Multibase.decode(text));
        if (Varint.get(bytes) != 1) {
            throw malformed("a CID of another version than 0 and 1");
        }
        return new Cid(1, Varint.get(bytes), Multihash.parse(bytes));
    }

    private static Cid bare(byte[] multihash) {
        if (multihash.length > SHA2_256_LENGTH + Multihash.MAX_DIGEST) {
            throw malformed("a multihash of " + multihash.length + " bytes");
        }
        return new Cid(0, DAG_PB, Multihash.parse(Bytes.wrap(multihash)));
    }

    private static MultiformatException malformed(String message) {
        return new MultiformatException(MultiformatException.Format.MULTIHASH, message);
    }
}
