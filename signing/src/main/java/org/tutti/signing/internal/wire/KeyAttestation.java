package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.RequestGroup;

import java.nio.ByteBuffer;
import java.time.Instant;

/// A signing key's statement which peer id speaks for it in one group of one network and epoch,
/// until a time. Of two statements of one key the one with the higher sequence counts.
///
/// Signed is BIP340's tagged hash `tutti/attestation` of: version 2 (1 byte) ‖ network (32) ‖ group
/// id (32) ‖ epoch (8) ‖ not-after in Unix milliseconds (8) ‖ sequence (8) ‖ compressed key (33) ‖
/// peer id. Numbers are big-endian.
///
/// @param sequence Unix milliseconds when it was made
/// @param notAfterMillis Unix milliseconds from which on it no longer counts
/// @param signature 64 bytes
public record KeyAttestation(long sequence, long notAfterMillis, Bytes signature) {
    private static final byte VERSION = 2;

    public KeyAttestation {
        signature.requireLength(64, "attestation");
        if (sequence < 0 || notAfterMillis < 0) {
            throw new IllegalArgumentException("an attestation with a negative time");
        }
    }

    /// Makes one with the signing key itself.
    ///
    /// @param aux 32 random bytes for BIP340
    public static KeyAttestation make(
            SecretKey key,
            RequestGroup group,
            PeerId peer,
            long sequence,
            Instant notAfter,
            byte[] aux) {
        long millis = notAfter.toEpochMilli();
        Bytes message = message(group, peer, key.publicKey(), sequence, millis);
        return new KeyAttestation(
                sequence, millis, Schnorr.sign(key, message.toArray(), aux).bytes());
    }

    /// Whether it no longer counts.
    public boolean isOver(Instant now) {
        return now.toEpochMilli() >= notAfterMillis;
    }

    /// Whether the member's signing key made it, for the member's peer id. Times are not compared.
    public boolean isOf(RequestGroup group, Member member) {
        return isOf(group, member.peerId(), member.signingKey());
    }

    /// Whether this key made it, for this peer id. Times are not compared.
    public boolean isOf(RequestGroup group, PeerId peer, PublicKey key) {
        return Schnorr.verify(
                key.xOnly(),
                message(group, peer, key, sequence, notAfterMillis).toArray(),
                new SchnorrSignature(signature));
    }

    private static Bytes message(
            RequestGroup group, PeerId peer, PublicKey key, long sequence, long notAfterMillis) {
        ByteBuffer numbers = ByteBuffer.allocate(1 + 32 + 32 + 8 + 8 + 8);
        numbers.put(VERSION).put(group.network().toArray()).put(group.id().toArray());
        numbers.putLong(group.epoch()).putLong(notAfterMillis).putLong(sequence);
        return TaggedHash.of(
                "tutti/attestation",
                numbers.array(),
                key.bytes().toArray(),
                peer.multihash().toArray());
    }
}
