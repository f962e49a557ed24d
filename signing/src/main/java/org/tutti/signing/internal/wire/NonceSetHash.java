package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.TaggedHash;

import java.util.List;

/// Names the set of nonces that a signer has: the tagged hash `tutti/view` over all Nonces payloads
/// of an attempt in signer order, each hashed first (tag `tutti/nonces`), so that different lists
/// never give the same input.
///
/// Each partial signature names the nonce set it was made for, which makes a bad one provable
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
