package org.tutti.musig.keys;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeyException.Code;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// An extended private key (BIP32 `xprv`). Owns its [SecretKey]; [#close()] wipes it.
public final class ExtendedPrivateKey implements ExtendedKey, AutoCloseable {
    private final ExtendedKeyVersions versions;
    private final ExtendedFields fields;
    private final SecretKey secretKey;

    private ExtendedPrivateKey(
            ExtendedKeyVersions versions, ExtendedFields fields, SecretKey secretKey) {
        this.versions = versions;
        this.fields = fields;
        this.secretKey = secretKey;
    }

    /// The master key of a seed, 16…64 bytes, which the caller wipes.
    ///
    /// @throws KeyException WRONG_LENGTH, or (probability below 2^-127) SECRET_OUT_OF_RANGE
    public static ExtendedPrivateKey fromSeed(byte[] seed, ExtendedKeyVersions versions)
            throws KeyException {
        if (seed.length < 16 || seed.length > 64) {
            throw new KeyException(
                    Code.WRONG_LENGTH, "a seed has 16 to 64 bytes, not " + seed.length);
        }
        byte[] hmac = ExtendedFields.hmacSha512(ExtendedFields.SEED_KEY, seed);
        return split(versions, hmac, 0, ExtendedFields.NO_PARENT, 0, null);
    }

    /// Makes the key from 64 bytes of HMAC, which it wipes.
    private static ExtendedPrivateKey split(
            ExtendedKeyVersions versions,
            byte[] hmac,
            int depth,
            Bytes parentFingerprint,
            long number,
            @Nullable SecretKey parent)
            throws KeyException {
        byte[] left = Arrays.copyOf(hmac, 32);
        try {
            SecretKey key = parent == null ? SecretKey.of(left) : parent.plus(left);
            Bytes chainCode = Bytes.of(hmac, 32, 64);
            return new ExtendedPrivateKey(
                    versions, new ExtendedFields(depth, parentFingerprint, number, chainCode), key);
        } finally {
            Arrays.fill(left, (byte) 0);
            Arrays.fill(hmac, (byte) 0);
        }
    }

    static ExtendedPrivateKey read(ExtendedKeyVersions versions, ByteBuffer in)
            throws KeyException {
        byte[] scalar = new byte[SecretKey.BYTES];
        try {
            ExtendedFields fields = ExtendedFields.read(in);
            if (in.get() != 0) {
                throw new KeyException(
                        Code.BAD_EXTENDED_KEY, "a private extended key has prefix 00");
            }
            in.get(scalar);
            return new ExtendedPrivateKey(versions, fields, SecretKey.of(scalar));
        } finally {
            Arrays.fill(scalar, (byte) 0);
        }
    }

    /// Parses a private extended key.
    ///
    /// @throws KeyException as [ExtendedKey#parse], and BAD_EXTENDED_KEY for a public one
    public static ExtendedPrivateKey parse(String text) throws KeyException {
        return switch (ExtendedKey.parse(text)) {
            case ExtendedPrivateKey key -> key;
            case ExtendedPublicKey _ ->
                    throw new KeyException(
                            Code.BAD_EXTENDED_KEY,
                            "a public extended key where a private one belongs");
        };
    }

    /// The base58 text, which is the secret: for a key store and nothing else.
    public String exportText() {
        byte[] scalar = secretKey.export();
        ByteBuffer out = ByteBuffer.allocate(BYTES).put(versions.privateVersion().toArray());
        fields.write(out);
        String text = Base58Check.encode(out.put((byte) 0).put(scalar).array());
        Arrays.fill(scalar, (byte) 0);
        Arrays.fill(out.array(), (byte) 0);
        return text;
    }

    /// CKDpriv of BIP32, hardened from 2^31 on. The child is a key of its own, to be closed.
    ///
    /// @throws KeyException BAD_PATH for no child number or a depth over 255; (probability below
    ///   2^-127) SECRET_OUT_OF_RANGE
    public ExtendedPrivateKey child(long number) throws KeyException {
        if (number < 0 || number >= 2 * DerivationPath.HARDENED) {
            throw new KeyException(Code.BAD_PATH, "no child number: " + number);
        }
        byte[] hmac;
        if (number < DerivationPath.HARDENED) {
            hmac = ExtendedFields.hmac(chainCode(), publicKey().bytes().toArray(), number);
        } else {
            byte[] scalar = secretKey.export();
            byte[] data = new byte[1 + SecretKey.BYTES];
            System.arraycopy(scalar, 0, data, 1, SecretKey.BYTES);
            hmac = ExtendedFields.hmac(chainCode(), data, number);
            Arrays.fill(scalar, (byte) 0);
            Arrays.fill(data, (byte) 0);
        }
        return split(
                versions, hmac, ExtendedFields.deeper(depth()), fingerprint(), number, secretKey);
    }

    /// The descendant at the end of the path, to be closed; the keys on the way are wiped.
    ///
    /// @throws KeyException as [#child]
    public ExtendedPrivateKey derive(DerivationPath path) throws KeyException {
        ExtendedPrivateKey key = copy();
        for (long step : path.steps()) {
            try (ExtendedPrivateKey parent = key) {
                key = parent.child(step);
            }
        }
        return key;
    }

    private ExtendedPrivateKey copy() throws KeyException {
        byte[] scalar = secretKey.export();
        try {
            return new ExtendedPrivateKey(versions, fields, SecretKey.of(scalar));
        } finally {
            Arrays.fill(scalar, (byte) 0);
        }
    }

    /// The secret; it lives as long as this extended key is open.
    public SecretKey secretKey() {
        return secretKey;
    }

    @Override
    public ExtendedKeyVersions versions() {
        return versions;
    }

    @Override
    public int depth() {
        return fields.depth();
    }

    @Override
    public Bytes parentFingerprint() {
        return fields.parentFingerprint();
    }

    @Override
    public long childNumber() {
        return fields.childNumber();
    }

    @Override
    public Bytes chainCode() {
        return fields.chainCode();
    }

    @Override
    public PublicKey publicKey() {
        return secretKey.publicKey();
    }

    @Override
    public ExtendedPublicKey neuter() {
        return new ExtendedPublicKey(
                versions, depth(), parentFingerprint(), childNumber(), chainCode(), publicKey());
    }

    /// Wipes the secret. Idempotent.
    @Override
    public void close() {
        secretKey.close();
    }

    /// Redacted: names the public key alone, not even the chain code.
    @Override
    public String toString() {
        return "ExtendedPrivateKey[redacted, public " + publicKey() + "]";
    }
}
