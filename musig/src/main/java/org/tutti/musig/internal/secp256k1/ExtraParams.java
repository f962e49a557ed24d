package org.tutti.musig.internal.secp256k1;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The structure `secp256k1_schnorrsig_extraparams`.
public final class ExtraParams {
    /// `SECP256K1_SCHNORRSIG_EXTRAPARAMS_MAGIC`, the first byte lowest in memory.
    private static final byte[] MAGIC = {(byte) 0xda, 0x6f, (byte) 0xb3, (byte) 0x8c};

    private ExtraParams() {}

    /// BIP340's own nonce function with these 32 bytes of auxiliary randomness (NULL: none).
    public static MemorySegment write(MemorySegment target, MemorySegment auxiliary) {
        target.fill((byte) 0);
        MemorySegment.copy(MAGIC, 0, target, ValueLayout.JAVA_BYTE, 0, MAGIC.length);
        target.set(ValueLayout.JAVA_LONG, 16, auxiliary.address());
        return target;
    }
}
