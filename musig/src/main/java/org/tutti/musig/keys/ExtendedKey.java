package org.tutti.musig.keys;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeyException.Code;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// A key with the chain code that its children are derived from (BIP32).
public sealed interface ExtendedKey permits ExtendedPublicKey, ExtendedPrivateKey {
    /// Bytes before base58: version 4, depth 1, parent's fingerprint 4, child number 4, chain code
    /// 32, key 33.
    int BYTES = 78;

    /// Which version bytes its text has.
    ExtendedKeyVersions versions();

    /// Steps from the master key, 0…255.
    int depth();

    /// The first 4 bytes of the parent's HASH160; zeros for a master key.
    Bytes parentFingerprint();

    /// Which child of its parent it is, 0…2^32-1.
    long childNumber();

    /// 32 bytes.
    Bytes chainCode();

    /// The public half.
    PublicKey publicKey();

    /// This key without its secret.
    ExtendedPublicKey neuter();

    /// The first 4 bytes of this key's HASH160.
    default Bytes fingerprint() {
        return Hash160.of(publicKey().bytes()).slice(0, 4);
    }

    /// Parses `xpub…`, `xprv…`, `tpub…` or `tprv…`, with every check of BIP32's test vector 5.
    ///
    /// @throws KeyException BAD_BASE58, BAD_EXTENDED_KEY, NOT_ON_CURVE or SECRET_OUT_OF_RANGE
    static ExtendedKey parse(String text) throws KeyException {
        byte[] payload = Base58Check.decode(text);
        if (payload.length != BYTES) {
            throw new KeyException(
                    Code.BAD_EXTENDED_KEY, "an extended key has 78 bytes, not " + payload.length);
        }
        try {
            return read(ByteBuffer.wrap(payload));
        } finally {
            Arrays.fill(payload, (byte) 0);
        }
    }

    private static ExtendedKey read(ByteBuffer in) throws KeyException {
        byte[] start = new byte[ExtendedKeyVersions.LENGTH];
        in.get(start);
        Bytes version = Bytes.wrap(start);
        for (ExtendedKeyVersions versions : ExtendedKeyVersions.all()) {
            if (version.equals(versions.publicVersion())) {
                return ExtendedPublicKey.read(versions, in);
            }
            if (version.equals(versions.privateVersion())) {
                return ExtendedPrivateKey.read(versions, in);
            }
        }
        throw new KeyException(Code.BAD_EXTENDED_KEY, "unknown version " + version);
    }
}
