package org.tutti.musig.internal.secp256k1;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// Off-heap working space for one native call at a time: the places that arguments are copied to
/// and results are read from. Never holds a secret.
///
/// Use: `Scratch s = Scratch.take(); try { … } finally { s.giveBack(); }`. Between the two it
/// belongs to one thread. Memory outside the pool is left to the garbage collector, so that no
/// close is paid.
public final class Scratch {
    /// As many list elements as fit here go without memory of their own.
    public static final int LIST = 16;

    private static final int POOL = 64;
    private static final int PROBES = 4;

    // The pool is a cache of blank working spaces: no state that one call leaves to another.
    private static final AtomicReferenceArray<Scratch> FREE = new AtomicReferenceArray<>(POOL);

    private final MemorySegment all = Arena.ofAuto().allocate(6144, 64);
    private long next;

    /// A parsed public key.
    public final MemorySegment publicKey = cut(Sizes.PUBLIC_KEY);

    /// A parsed x-only public key.
    public final MemorySegment xOnlyKey = cut(Sizes.XONLY_KEY);

    /// A parsed ECDSA signature.
    public final MemorySegment ecdsaSignature = cut(Sizes.ECDSA_SIGNATURE);

    /// A key aggregation cache.
    public final MemorySegment keyAggCache = cut(Sizes.KEYAGG_CACHE);

    /// A signing session.
    public final MemorySegment session = cut(Sizes.SESSION);

    /// An aggregate nonce.
    public final MemorySegment aggregateNonce = cut(Sizes.AGGREGATE_NONCE);

    /// A public nonce.
    public final MemorySegment publicNonce = cut(Sizes.PUBLIC_NONCE);

    /// A partial signature.
    public final MemorySegment partialSignature = cut(Sizes.PARTIAL_SIGNATURE);

    /// 32 bytes: a message, a tweak, an x-only key, a scalar.
    public final MemorySegment bytes32 = cut(32);

    /// Other 32 bytes.
    public final MemorySegment more32 = cut(32);

    /// 66 bytes: serialised keys, nonces and signatures.
    public final MemorySegment bytes66 = cut(66);

    /// A length that goes in and comes out.
    public final MemorySegment length = cut(8);

    /// The extra parameters of Schnorr signing.
    public final MemorySegment extraParams = cut(Sizes.SCHNORR_EXTRA_PARAMS);

    /// Pointers to [#LIST] elements.
    public final MemorySegment pointers = cut((long) LIST * Sizes.POINTER);

    /// The [#LIST] elements, [Sizes#PUBLIC_NONCE] bytes each at most.
    public final MemorySegment elements = cut((long) LIST * Sizes.PUBLIC_NONCE);

    /// Up to 1024 bytes of a message.
    public final MemorySegment message = cut(1024);

    private Scratch() {}

    private MemorySegment cut(long bytes) {
        MemorySegment segment = all.asSlice(next, bytes);
        next += (bytes + 7) & ~7L;
        return segment;
    }

    /// A working space whose content is undefined.
    public static Scratch take() {
        int start = (int) Thread.currentThread().threadId();
        for (int i = 0; i < PROBES; i++) {
            int at = (start + i) & (POOL - 1);
            if (FREE.getPlain(at) != null) {
                Scratch taken = FREE.getAndSet(at, null);
                if (taken != null) {
                    return taken;
                }
            }
        }
        return new Scratch();
    }

    /// Ends the use.
    public void giveBack() {
        int start = (int) Thread.currentThread().threadId();
        for (int i = 0; i < PROBES; i++) {
            if (FREE.compareAndSet((start + i) & (POOL - 1), null, this)) {
                return;
            }
        }
    }

    /// Copies an array to the start of a segment and returns the segment.
    public static MemorySegment put(MemorySegment target, byte[] source) {
        MemorySegment.copy(source, 0, target, ValueLayout.JAVA_BYTE, 0, source.length);
        return target;
    }

    /// The first `length` bytes of a segment.
    public static byte[] get(MemorySegment source, int length) {
        byte[] out = new byte[length];
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, 0, out, 0, length);
        return out;
    }
}
