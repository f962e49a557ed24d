package org.tutti.libp2p.security.noise;

import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyFormatException;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.internal.pb.NoiseExtensionsPb;
import org.tutti.libp2p.internal.pb.NoiseHandshakePayloadPb;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.libp2p.security.HandshakeException;
import org.tutti.libp2p.security.HandshakeException.Code;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// What messages 2 and 3 carry (noise/README.md#the-libp2p-handshake-payload).
///
/// @param identityKey the `PublicKey` message of the peer-ids specification
/// @param signature by that key over the prefix and the static Noise key
/// @param streamMuxers protocol ids in order of preference; empty if none were sent
record NoisePayload(Bytes identityKey, Bytes signature, List<String> streamMuxers) {
    /// The most muxers that we look at; nobody has more than a few.
    static final int MAX_MUXERS = 32;

    /// Static key authentication: "the UTF-8 string `noise-libp2p-static-key:`, followed by the
    /// Noise static public key".
    private static final byte[] PREFIX =
            "noise-libp2p-static-key:".getBytes(StandardCharsets.UTF_8);

    NoisePayload {
        streamMuxers = List.copyOf(streamMuxers);
    }

    static NoisePayload sign(PrivateKey identity, byte[] noiseStatic, List<String> streamMuxers) {
        return new NoisePayload(
                identity.publicKey().toProtobuf(),
                Bytes.wrap(identity.sign(signedData(noiseStatic))),
                streamMuxers);
    }

    private static byte[] signedData(byte[] noiseStatic) {
        byte[] data = java.util.Arrays.copyOf(PREFIX, PREFIX.length + noiseStatic.length);
        System.arraycopy(noiseStatic, 0, data, PREFIX.length, noiseStatic.length);
        return data;
    }

    byte[] encode() {
        NoiseHandshakePayloadPb.Builder builder =
                NoiseHandshakePayloadPb.newBuilder()
                        .setIdentityKey(ProtobufBytes.toProtobuf(identityKey))
                        .setIdentitySig(ProtobufBytes.toProtobuf(signature));
        if (!streamMuxers.isEmpty()) {
            builder.setExtensions(NoiseExtensionsPb.newBuilder().addAllStreamMuxers(streamMuxers));
        }
        return builder.build().toByteArray();
    }

    static NoisePayload decode(byte[] payload) throws HandshakeException {
        NoiseHandshakePayloadPb message;
        try {
            message = NoiseHandshakePayloadPb.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw new HandshakeException(
                    Code.BAD_PAYLOAD, "handshake payload is not the protobuf it should be");
        }
        if (message.getExtensions().getStreamMuxersCount() > MAX_MUXERS) {
            throw new HandshakeException(
                    Code.BAD_PAYLOAD, "more than " + MAX_MUXERS + " stream muxers");
        }
        return new NoisePayload(
                ProtobufBytes.fromProtobuf(message.getIdentityKey()),
                ProtobufBytes.fromProtobuf(message.getIdentitySig()),
                message.getExtensions().getStreamMuxersList());
    }

    /// "The key MUST then be used to validate the `identity_sig` field against the static Noise key
    /// received in the handshake."
    ///
    /// @return the identity key
    PublicKey verify(byte[] noiseStatic) throws HandshakeException {
        PublicKey key;
        try {
            key = PublicKey.fromProtobuf(identityKey.toArray());
        } catch (KeyFormatException e) {
            throw new HandshakeException(Code.BAD_IDENTITY_KEY, "identity key: " + e.getMessage());
        }
        if (!key.verify(signedData(noiseStatic), signature.toArray())) {
            throw new HandshakeException(
                    Code.BAD_SIGNATURE, key.peerId() + " did not sign the key of this handshake");
        }
        return key;
    }
}
