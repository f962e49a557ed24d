package org.tutti.musig.schnorr;

import org.tutti.base.Bytes;
import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.internal.secp256k1.ExtraParams;
import org.tutti.musig.internal.secp256k1.LibSecp256k1;
import org.tutti.musig.internal.secp256k1.Scratch;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.keys.XOnlyPublicKey;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.Arrays;

/// BIP340 for one signer: messages of any length.
public final class Schnorr {
    private Schnorr() {}

    /// Signs a message of any length with auxiliary randomness that is drawn now and wiped.
    ///
    /// @param random the system's; 32 bytes are drawn
    /// @throws IllegalStateException if the key was closed
    public static SchnorrSignature sign(SecretKey key, byte[] message, SecureRandom random) {
        byte[] auxRand = new byte[32];
        try {
            random.nextBytes(auxRand);
            return sign(key, message, auxRand);
        } finally {
            Arrays.fill(auxRand, (byte) 0);
        }
    }

    /// Signs a message of any length.
    ///
    /// @param auxRand 32 bytes of fresh randomness (BIP340 "auxiliary random data"); the caller
    ///   wipes it
    /// @throws IllegalArgumentException if `auxRand` does not have 32 bytes
    /// @throws IllegalStateException if the key was closed
    public static SchnorrSignature sign(SecretKey key, byte[] message, byte[] auxRand) {
        if (auxRand.length != 32) {
            throw new IllegalArgumentException("auxRand must have 32 bytes, not " + auxRand.length);
        }
        Scratch s = Scratch.take();
        try {
            MemorySegment input = offHeap(message, s);
            ExtraParams.write(s.extraParams, Scratch.put(s.bytes32, auxRand));
            boolean signed =
                    key.use(slot ->
                            LibSecp256k1.signSchnorr(
                                    s.bytes66, input, SecretKey.keypair(slot), s.extraParams));
            if (!signed) {
                throw new NativeLibraryException(
                        NativeLibraryException.Code.CALL_FAILED, "signing failed");
            }
            return new SchnorrSignature(Bytes.wrap(Scratch.get(s.bytes66, SchnorrSignature.BYTES)));
        } finally {
            s.bytes32.fill((byte) 0);
            s.giveBack();
        }
    }

    /// Whether the signature is valid for the key and the message.
    public static boolean verify(XOnlyPublicKey key, byte[] message, SchnorrSignature signature) {
        Scratch s = Scratch.take();
        try {
            MemorySegment input = offHeap(message, s);
            return LibSecp256k1.verifySchnorr(
                    Scratch.put(s.bytes66, signature.bytes().toArray()),
                    input,
                    key.writeTo(s.xOnlyKey));
        } finally {
            s.giveBack();
        }
    }

    /// A message off the heap: in the scratch where it fits, else in memory of its own, which is
    /// left to the garbage collector.
    private static MemorySegment offHeap(byte[] message, Scratch s) {
        MemorySegment room =
                message.length <= s.message.byteSize()
                        ? s.message.asSlice(0, message.length)
                        : Arena.ofAuto().allocate(message.length);
        return Scratch.put(room, message);
    }
}
