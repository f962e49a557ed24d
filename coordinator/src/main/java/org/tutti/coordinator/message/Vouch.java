package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.schnorr.TaggedHash;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;

/// Somebody's word for a signing key on one chain: who trusts the voucher's key takes the other as
/// verified. Verified where the voucher's key is one that somebody trusts, and nowhere else.
///
/// @param key who vouches
/// @param notAfter from then on it does not count; whole milliseconds
/// @param signature BIP340, 64 bytes, of the tagged hash `tutti/vouch` of network ‖ the key that is
///   vouched for (33) ‖ notAfter (8, big-endian)
public record Vouch(PublicKey key, Instant notAfter, Bytes signature) {
    /// Most of one advert.
    public static final int MAX = 4;

    public Vouch {
        signature.requireLength(64, "signature of a vouch");
    }

    /// Vouches for a key.
    ///
    /// @param network 32 bytes that name the chain
    /// @param subject the key that is vouched for
    public static Vouch make(
            SecretKey voucher,
            Bytes network,
            PublicKey subject,
            Instant notAfter,
            SecureRandom random) {
        Instant until = Instant.ofEpochMilli(notAfter.toEpochMilli());
        return new Vouch(
                voucher.publicKey(),
                until,
                Schnorr.sign(voucher, message(network, subject, until), random).bytes());
    }

    /// Whether the signature is the voucher's for this key.
    public boolean isFor(Bytes network, PublicKey subject) {
        return Schnorr.verify(
                key.xOnly(), message(network, subject, notAfter), new SchnorrSignature(signature));
    }

    /// As it is written in configurations: key, milliseconds and signature, with colons between.
    public String text() {
        return key.bytes().toHex() + ":" + notAfter.toEpochMilli() + ":" + signature.toHex();
    }

    /// Reads [#text].
    ///
    /// @throws IllegalArgumentException if it is none
    public static Vouch parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("not key:time:signature");
        }
        try {
            return new Vouch(
                    PublicKey.parse(Bytes.fromHex(parts[0])),
                    Instant.ofEpochMilli(Long.parseLong(parts[1])),
                    Bytes.fromHex(parts[2]));
        } catch (KeyException e) {
            throw new IllegalArgumentException("not a public key: " + parts[0], e);
        }
    }

    private static byte[] message(Bytes network, PublicKey subject, Instant notAfter) {
        Bytes until = Bytes.wrap(ByteBuffer.allocate(8).putLong(notAfter.toEpochMilli()).array());
        return TaggedHash.of("tutti/vouch", network, subject.bytes(), until).toArray();
    }
}
