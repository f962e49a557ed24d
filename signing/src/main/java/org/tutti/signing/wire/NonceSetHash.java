package org.tutti.signing.wire;

import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.TaggedHash;

import java.util.List;

/// Which nonces a signer saw: the tagged hash `tutti/view` over all Nonces payloads of an attempt
/// in signer order, each hashed first (tag `tutti/nonces`), so that no two lists run into each
/// other.
///
/// A partial signature says by it what it is valid under; that is what makes a bad one provable
/// (SAFETY 11).
public final class NonceSetHash {
    private NonceSetHash() {}

    /// 32 bytes.
    public static Bytes of(List<Bytes> payloads) {
        byte[][] parts = new byte[payloads.size()][];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = TaggedHash.of("tutti/nonces", payloads.get(i).toArray()).toArray();
        }
        return TaggedHash.of("tutti/view", parts);
    }
}
