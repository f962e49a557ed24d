package org.tutti.libp2p.multiformats;

import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.bouncycastle.crypto.digests.Blake2sDigest;
import org.bouncycastle.crypto.digests.Blake3Digest;
import org.bouncycastle.crypto.digests.KeccakDigest;
import org.bouncycastle.crypto.digests.RIPEMD160Digest;
import org.bouncycastle.crypto.digests.SM3Digest;
import org.tutti.base.Bytes;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// The hash functions of the multicodec table that we can compute: by the JDK, whose SHA-256 uses
/// the processor's instructions, and by BouncyCastle what the JDK does not have.
@SuppressWarnings("ImmutableEnumChecker") // the functions keep nothing
public enum HashFunction {
    /// The input itself.
    IDENTITY(0x00, input -> input.clone()),
    SHA1(0x11, "SHA-1"),
    SHA2_256(0x12, "SHA-256"),
    SHA2_512(0x13, "SHA-512"),
    SHA3_512(0x14, "SHA3-512"),
    SHA3_384(0x15, "SHA3-384"),
    SHA3_256(0x16, "SHA3-256"),
    SHA3_224(0x17, "SHA3-224"),
    KECCAK_224(0x1a, () -> new KeccakDigest(224)),
    KECCAK_256(0x1b, () -> new KeccakDigest(256)),
    KECCAK_384(0x1c, () -> new KeccakDigest(384)),
    KECCAK_512(0x1d, () -> new KeccakDigest(512)),
    BLAKE3(0x1e, () -> new Blake3Digest(256)),
    SHA2_384(0x20, "SHA-384"),
    MD5(0xd5, "MD5"),
    SHA2_224(0x1013, "SHA-224"),
    SHA2_512_224(0x1014, "SHA-512/224"),
    SHA2_512_256(0x1015, "SHA-512/256"),
    RIPEMD_160(0x1053, () -> new RIPEMD160Digest()),
    BLAKE2B_256(0xb220, () -> new Blake2bDigest(256)),
    BLAKE2B_512(0xb240, () -> new Blake2bDigest(512)),
    BLAKE2S_256(0xb260, () -> new Blake2sDigest(256)),
    SM3_256(0x534d, () -> new SM3Digest());

    private final long code;
    private final UnaryOperator<byte[]> function;

    HashFunction(long code, UnaryOperator<byte[]> function) {
        this.code = code;
        this.function = function;
    }

    HashFunction(long code, String jdkName) {
        this(code, input -> jdk(jdkName, input));
    }

    HashFunction(long code, Supplier<Digest> engine) {
        this(code, input -> bouncyCastle(engine.get(), input));
    }

    private static byte[] jdk(String name, byte[] input) {
        try {
            return MessageDigest.getInstance(name).digest(input);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK 25 has " + name, e);
        }
    }

    private static byte[] bouncyCastle(Digest engine, byte[] input) {
        engine.update(input, 0, input.length);
        byte[] out = new byte[engine.getDigestSize()];
        engine.doFinal(out, 0);
        return out;
    }

    /// The code in the multicodec table.
    public long code() {
        return code;
    }

    /// The function with this code in the multicodec table.
    public static Optional<HashFunction> of(long code) {
        return Arrays.stream(values()).filter(function -> function.code == code).findFirst();
    }

    /// The whole digest of `input`.
    public Bytes digest(byte[] input) {
        return Bytes.wrap(function.apply(input));
    }
}
