package org.tutti.musig.keys;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeyException.Code;

import java.nio.ByteBuffer;

/// An extended public key (BIP32 `xpub`): derives the public half of every child that is not
/// hardened.
///
/// @param versions which version bytes its text has
/// @param depth steps from the master key, 0…255
/// @param parentFingerprint 4 bytes
/// @param childNumber 0…2^32-1
/// @param chainCode 32 bytes
/// @param publicKey the key
public record ExtendedPublicKey(
        ExtendedKeyVersions versions,
        int depth,
        Bytes parentFingerprint,
        long childNumber,
        Bytes chainCode,
        PublicKey publicKey)
        implements ExtendedKey {
    /// @throws IllegalArgumentException if a field does not have its length or range
    public ExtendedPublicKey {
        ExtendedFields.require(depth, parentFingerprint, childNumber, chainCode);
    }

    static ExtendedPublicKey read(ExtendedKeyVersions versions, ByteBuffer in) throws KeyException {
        ExtendedFields fields = ExtendedFields.read(in);
        byte[] key = new byte[PublicKey.BYTES];
        in.get(key);
        return new ExtendedPublicKey(
                versions,
                fields.depth(),
                fields.parentFingerprint(),
                fields.childNumber(),
                fields.chainCode(),
                PublicKey.parse(Bytes.wrap(key)));
    }

    /// Parses a public extended key.
    ///
    /// @throws KeyException as [ExtendedKey#parse], and BAD_EXTENDED_KEY for a private one
    public static ExtendedPublicKey parse(String text) throws KeyException {
        return switch (ExtendedKey.parse(text)) {
            case ExtendedPublicKey key -> key;
            case ExtendedPrivateKey secret -> {
                secret.close();
                throw new KeyException(
                        Code.BAD_EXTENDED_KEY, "a private extended key where a public one belongs");
            }
        };
    }

    /// The base58 text.
    public String toText() {
        ByteBuffer out = ByteBuffer.allocate(BYTES).put(versions.publicVersion().toArray());
        new ExtendedFields(depth, parentFingerprint, childNumber, chainCode).write(out);
        return Base58Check.encode(out.put(publicKey.bytes().toArray()).array());
    }

    /// A child and the scalar, 32 bytes below n, whose multiple of G was added to get there.
    ///
    /// @param tweak what a signer adds as plain tweak (BIP328)
    /// @param key the child
    public record Child(Bytes tweak, ExtendedPublicKey key) {}

    /// CKDpub of BIP32.
    ///
    /// @throws KeyException BAD_PATH for a hardened child, a depth over 255, or (probability below
    ///   2^-127) a child that does not exist
    public Child child(long number) throws KeyException {
        if (number < 0 || number >= DerivationPath.HARDENED) {
            throw new KeyException(Code.BAD_PATH, "a public key has no hardened child: " + number);
        }
        byte[] hmac = ExtendedFields.hmac(chainCode, publicKey.bytes().toArray(), number);
        Bytes tweak = Bytes.of(hmac, 0, 32);
        ExtendedPublicKey key =
                new ExtendedPublicKey(
                        versions,
                        ExtendedFields.deeper(depth),
                        fingerprint(),
                        number,
                        Bytes.of(hmac, 32, 64),
                        publicKey.plus(tweak));
        return new Child(tweak, key);
    }

    /// The descendant at the end of the path.
    ///
    /// @throws KeyException as [#child]
    public ExtendedPublicKey derive(DerivationPath path) throws KeyException {
        ExtendedPublicKey key = this;
        for (long step : path.steps()) {
            key = key.child(step).key();
        }
        return key;
    }

    @Override
    public ExtendedPublicKey neuter() {
        return this;
    }

    @Override
    public String toString() {
        return toText();
    }
}
