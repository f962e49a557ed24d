package org.tutti.libp2p.multiformats;

import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.bouncycastle.crypto.digests.Blake2sDigest;
import org.bouncycastle.crypto.digests.Blake3Digest;
import org.bouncycastle.crypto.digests.KeccakDigest;
import org.bouncycastle.crypto.digests.MD5Digest;
import org.bouncycastle.crypto.digests.RIPEMD160Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA224Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA3Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.digests.SHA512tDigest;
import org.bouncycastle.crypto.digests.SM3Digest;
import org.jspecify.annotations.Nullable;
import org.tutti.bytes.Bytes;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/// The hash functions of the multicodec table that we can compute.
@SuppressWarnings("ImmutableEnumChecker") // the suppliers are constructors
public enum HashFunction {
    /// The input itself.
    IDENTITY(0x00, null),
    SHA1(0x11, SHA1Digest::new),
    SHA2_256(0x12, SHA256Digest::new),
    SHA2_512(0x13, SHA512Digest::new),
    SHA3_512(0x14, () -> new SHA3Digest(512)),
    SHA3_384(0x15, () -> new SHA3Digest(384)),
    SHA3_256(0x16, () -> new SHA3Digest(256)),
    SHA3_224(0x17, () -> new SHA3Digest(224)),
    KECCAK_224(0x1a, () -> new KeccakDigest(224)),
    KECCAK_256(0x1b, () -> new KeccakDigest(256)),
    KECCAK_384(0x1c, () -> new KeccakDigest(384)),
    KECCAK_512(0x1d, () -> new KeccakDigest(512)),
    BLAKE3(0x1e, () -> new Blake3Digest(256)),
    SHA2_384(0x20, SHA384Digest::new),
    MD5(0xd5, MD5Digest::new),
    SHA2_224(0x1013, SHA224Digest::new),
    SHA2_512_224(0x1014, () -> new SHA512tDigest(224)),
    SHA2_512_256(0x1015, () -> new SHA512tDigest(256)),
    RIPEMD_160(0x1053, RIPEMD160Digest::new),
    BLAKE2B_256(0xb220, () -> new Blake2bDigest(256)),
    BLAKE2B_512(0xb240, () -> new Blake2bDigest(512)),
    BLAKE2S_256(0xb260, () -> new Blake2sDigest(256)),
    SM3_256(0x534d, SM3Digest::new);

    private final long code;
    private final @Nullable Supplier<Digest> digest;

    HashFunction(long code, @Nullable Supplier<Digest> digest) {
        this.code = code;
        this.digest = digest;
    }

    /// The code in the multicodec table.
    public long code() {
        return code;
    }

    public static Optional<HashFunction> of(long code) {
        return Arrays.stream(values()).filter(function -> function.code == code).findFirst();
    }

    /// The whole digest of `input`.
    public Bytes digest(byte[] input) {
        if (digest == null) {
            return Bytes.of(input);
        }
        Digest engine = digest.get();
        engine.update(input, 0, input.length);
        byte[] out = new byte[engine.getDigestSize()];
        engine.doFinal(out, 0);
        return Bytes.wrap(out);
    }
}
