package org.tutti.musig.internal.secp256k1;

import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.NativeLibraryException.Code;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/// Known answers, asked before anything is signed: that the library computes what BIP340 says (its
/// test vector 0), and that an illegal argument comes back as a refusal instead of ending the
/// process.
final class SelfTest {
    private static final String PUBLIC_KEY =
            "02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9";
    private static final String SIGNATURE =
            "e907831f80848d1069a5371b402410364bdf1c5f8307b0084c55f1ce2dca8215"
                    + "25f66a4a85ea8b71e482a74f382d2ce5ebeee8fdb2172f477df4900d310536c0";

    private SelfTest() {}

    static void run() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment secretKey = arena.allocate(32);
            secretKey.set(ValueLayout.JAVA_BYTE, 31, (byte) 3);
            knownPublicKey(arena, secretKey);
            knownSignature(arena, secretKey);
            illegalArgumentsAreRefused(arena);
        }
    }

    private static void knownPublicKey(Arena arena, MemorySegment secretKey) {
        MemorySegment key = arena.allocate(Sizes.PUBLIC_KEY);
        MemorySegment output = arena.allocate(33);
        MemorySegment length = arena.allocate(8, 8);
        length.set(ValueLayout.JAVA_LONG, 0, 33);
        expect(LibSecp256k1.createPublicKey(key, secretKey), "public key");
        expect(
                LibSecp256k1.serializePublicKey(output, length, key, LibSecp256k1.COMPRESSED),
                "serialised key");
        expect(hex(output).equals(PUBLIC_KEY), "public key of 3");
    }

    private static void knownSignature(Arena arena, MemorySegment secretKey) {
        MemorySegment keypair = arena.allocate(Sizes.KEYPAIR);
        MemorySegment signature = arena.allocate(64);
        MemorySegment message = arena.allocate(32);
        MemorySegment extra = arena.allocate(Sizes.SCHNORR_EXTRA_PARAMS, 8);
        ExtraParams.write(extra, arena.allocate(32));
        expect(LibSecp256k1.createKeypair(keypair, secretKey), "key pair");
        expect(LibSecp256k1.signSchnorr(signature, message, keypair, extra), "signature");
        expect(hex(signature).equals(SIGNATURE), "signature of BIP340 vector 0");
    }

    private static void illegalArgumentsAreRefused(Arena arena) {
        MemorySegment zeroKey = arena.allocate(Sizes.PUBLIC_KEY);
        MemorySegment zeroCache = arena.allocate(Sizes.KEYAGG_CACHE);
        expect(!LibSecp256k1.aggregateKey(zeroKey, zeroCache), "refusal of a blank cache");
    }

    private static String hex(MemorySegment segment) {
        return HexFormat.of().formatHex(Scratch.get(segment, (int) segment.byteSize()));
    }

    private static void expect(boolean held, String what) {
        if (!held) {
            throw new NativeLibraryException(
                    Code.SELF_TEST_FAILED, "libsecp256k1's self-test failed: " + what);
        }
    }
}
