package org.tutti.libp2p.identity;

import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.EnvelopeException.Code;
import org.tutti.libp2p.internal.pb.EnvelopePb;
import org.tutti.libp2p.multiformats.Varint;
import org.tutti.libp2p.protobuf.ProtobufBytes;

import java.nio.charset.StandardCharsets;

/// A payload with the key and signature of the peer that signed it (libp2p/specs
/// RFC/0002-signed-envelopes.md).
///
/// Having one proves nothing until [#verify] has passed: the domain is not in the envelope, the
/// reader knows which one it expects.
///
/// @param payloadType what the payload is, such as 0x03 0x01 for a peer record; may be empty
public record SignedEnvelope(PublicKey key, Bytes payloadType, Bytes payload, Bytes signature) {
    /// The longest envelope that [#decode] looks at. Protocols that carry envelopes set lower
    /// limits of their own; this one keeps any reader safe.
    public static final int MAX_LENGTH = 4 << 20;

    /// Reads the key in an envelope: whoever reads many of the same peers may have their keys at
    /// hand.
    @FunctionalInterface
    public interface KeyReader {
        /// @param protobuf the key's encoding; the caller never writes to it again
        /// @return the key that [PublicKey#fromProtobuf] gives for these bytes
        /// @throws KeyFormatException if it would throw
        PublicKey read(byte[] protobuf) throws KeyFormatException;
    }

    /// Signs `payload` under `domain`.
    ///
    /// @param domain separates uses of one key, such as `libp2p-peer-record`; not empty
    public static SignedEnvelope seal(
            PrivateKey key, String domain, Bytes payloadType, Bytes payload) {
        byte[] signature = key.sign(signedBytes(domain, payloadType, payload));
        return new SignedEnvelope(key.publicKey(), payloadType, payload, Bytes.wrap(signature));
    }

    /// Reads an envelope without judging its signature.
    ///
    /// @throws EnvelopeException if the bytes are not an envelope, or its key is not one
    public static SignedEnvelope decode(Bytes envelope) throws EnvelopeException {
        return decode(envelope, PublicKey::fromProtobuf);
    }

    /// As [#decode(Bytes)], with another way to its key.
    ///
    /// @throws EnvelopeException if the bytes are not an envelope, or its key is not one
    public static SignedEnvelope decode(Bytes envelope, KeyReader keys) throws EnvelopeException {
        if (envelope.length() > MAX_LENGTH) {
            throw new EnvelopeException(
                    Code.MALFORMED,
                    "envelope of " + envelope.length() + " bytes, at most " + MAX_LENGTH);
        }
        try {
            EnvelopePb message = EnvelopePb.parseFrom(envelope.toArray());
            return new SignedEnvelope(
                    keys.read(message.getPublicKey().toByteArray()),
                    ProtobufBytes.fromProtobuf(message.getPayloadType()),
                    ProtobufBytes.fromProtobuf(message.getPayload()),
                    ProtobufBytes.fromProtobuf(message.getSignature()));
        } catch (InvalidProtocolBufferException e) {
            throw new EnvelopeException(Code.MALFORMED, "not a signed envelope");
        } catch (KeyFormatException e) {
            throw new EnvelopeException(
                    Code.KEY, "envelope with an unusable key: " + e.getMessage());
        }
    }

    /// Checks the signature.
    ///
    /// @throws EnvelopeException if it is not the key's signature for this domain, type and payload
    public void verify(String domain) throws EnvelopeException {
        if (!key.verify(signedBytes(domain, payloadType, payload), signature.toArray())) {
            throw new EnvelopeException(
                    Code.SIGNATURE, "envelope of " + key.peerId() + " has a wrong signature");
        }
    }

    /// Checks the payload type and then the signature.
    ///
    /// @throws EnvelopeException if either is not as expected
    public void verify(String domain, Bytes expectedType) throws EnvelopeException {
        if (!payloadType.equals(expectedType)) {
            throw new EnvelopeException(
                    Code.PAYLOAD_TYPE, "envelope of " + key.peerId() + " holds something else");
        }
        verify(domain);
    }

    /// Who sealed it, once verified.
    public PeerId signer() {
        return key.peerId();
    }

    /// As bytes on the wire, which `decode` reads.
    public Bytes encode() {
        return Bytes.wrap(
                EnvelopePb.newBuilder()
                        .setPublicKey(ProtobufBytes.toProtobuf(key.toProtobuf()))
                        .setPayloadType(ProtobufBytes.toProtobuf(payloadType))
                        .setPayload(ProtobufBytes.toProtobuf(payload))
                        .setSignature(ProtobufBytes.toProtobuf(signature))
                        .build()
                        .toByteArray());
    }

    /// RFC 0002, Signature Production: domain, payload type and payload, each after its length.
    private static byte[] signedBytes(String domain, Bytes payloadType, Bytes payload) {
        byte[] name = domain.getBytes(StandardCharsets.UTF_8);
        if (name.length == 0) {
            throw new IllegalArgumentException("an envelope needs a domain");
        }
        byte[] out =
                new byte
                        [prefixed(name.length)
                                + prefixed(payloadType.length())
                                + prefixed(payload.length())];
        int at = append(out, 0, Bytes.wrap(name));
        at = append(out, at, payloadType);
        append(out, at, payload);
        return out;
    }

    private static int prefixed(int length) {
        return Varint.size(length) + length;
    }

    private static int append(byte[] out, int at, Bytes part) {
        int start = Varint.put(part.length(), out, at);
        part.copyTo(out, start);
        return start + part.length();
    }
}
