package org.tutti.interop.p2p;

import org.tutti.libp2p.io.ByteStream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// Bytes of which no two blocks are alike, and hashes of what came.
final class Pattern {
    static final int BLOCK = 65_536;

    private Pattern() {}

    /// @return the SHA-256 of what was written
    static byte[] write(ByteStream stream, long length) throws IOException {
        byte[] block = new byte[BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            block[i] = (byte) (i * 31 + i / 251);
        }
        MessageDigest hash = sha256();
        for (long done = 0; done < length; ) {
            ByteBuffer.wrap(block).putLong(done);
            int count = (int) Math.min(BLOCK, length - done);
            hash.update(block, 0, count);
            stream.write(block, 0, count);
            done += count;
        }
        return hash.digest();
    }

    /// @return the SHA-256 of all bytes until the other side ends its direction
    static byte[] hashToEnd(ByteStream stream) throws IOException {
        byte[] buffer = new byte[BLOCK];
        MessageDigest hash = sha256();
        for (int count = stream.read(buffer, 0, BLOCK);
                count >= 0;
                count = stream.read(buffer, 0, BLOCK)) {
            hash.update(buffer, 0, count);
        }
        return hash.digest();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
