package org.tutti.benchmarks.headers;

import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.network.Network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// A long chain of regtest headers, one a minute, made on the spot.
final class RegtestHeaders {
    private static final int PREVIOUS = 4;
    private static final int MERKLE_ROOT = 36;
    private static final int TIME = 68;
    private static final int NONCE = 76;
    private static final int SECONDS = 60;

    private RegtestHeaders() {}

    /// The genesis header is not among them.
    static byte[] make(int count) {
        MessageDigest sha256 = sha256();
        ByteBuffer out =
                ByteBuffer.allocate(count * BlockHeader.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        BlockHeader genesis = Network.REGTEST.genesisHeader();
        ByteBuffer header =
                ByteBuffer.wrap(genesis.serialize().toArray()).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(0, 4);
        byte[] hash = genesis.hash().toArray();
        for (int i = 1; i <= count; i++) {
            header.put(PREVIOUS, hash);
            header.putInt(MERKLE_ROOT, i);
            header.putInt(TIME, (int) genesis.time() + i * SECONDS);
            int nonce = 0;
            do {
                header.putInt(NONCE, nonce++);
                hash = sha256.digest(sha256.digest(header.array()));
                // Regtest's limit is half of all numbers: the highest bit decides, but for very
                // few.
            } while (hash[31] < 0 || hash[31] == 0x7f);
            out.put(header.array());
        }
        return out.array();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
