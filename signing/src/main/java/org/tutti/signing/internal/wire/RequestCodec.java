package org.tutti.signing.internal.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.signing.pb.MessagePb;
import org.tutti.signing.pb.RequestPb;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Requests as protobuf.
public final class RequestCodec {
    /// The version of the whole protocol.
    static final int VERSION = 1;

    /// The latest time that is understood: the year 9999.
    private static final long MAX_MILLIS = 253_402_300_799_000L;

    private static final int KEY_BYTES = 40;
    private static final int MESSAGE_BYTES = 80;

    private RequestCodec() {}

    /// SAFETY 15: the id commits to every byte of the request.
    public static SessionId sessionId(Bytes payload) {
        return new SessionId(TaggedHash.of("tutti/session-id", payload.toArray()));
    }

    /// No request with this content needs more.
    static int bytesFor(SigningRequest request) {
        return request.context().length()
                + 4 * request.purpose().length()
                + KEY_BYTES * request.keys().size()
                + MESSAGE_BYTES * request.messages().size();
    }

    /// Builds a request from its parts, and encodes it, which determines the session id.
    public static SigningRequest create(
            long epoch,
            List<Bytes> keys,
            PeerId requester,
            Bytes salt,
            Instant created,
            Instant expires,
            List<MessageToSign> messages,
            String purpose,
            Bytes context) {
        RequestPb.Builder pb =
                RequestPb.newBuilder()
                        .setVersion(VERSION)
                        .setEpoch(epoch)
                        .setRequester(ProtobufBytes.toProtobuf(Bytes.of(requester.toBytes())))
                        .setSalt(ProtobufBytes.toProtobuf(salt))
                        .setCreatedMillis(created.toEpochMilli())
                        .setExpiresMillis(expires.toEpochMilli())
                        .setPurpose(purpose)
                        .setContext(ProtobufBytes.toProtobuf(context));
        keys.forEach(key -> pb.addKeys(ProtobufBytes.toProtobuf(key)));
        messages.forEach(message -> pb.addMessages(encode(message)));
        Bytes payload = Bytes.wrap(pb.build().toByteArray());
        return new SigningRequest(
                sessionId(payload),
                epoch,
                keys,
                requester,
                salt,
                Instant.ofEpochMilli(created.toEpochMilli()),
                Instant.ofEpochMilli(expires.toEpochMilli()),
                messages,
                purpose,
                context,
                payload);
    }

    private static MessagePb encode(MessageToSign message) {
        MessagePb.Builder pb =
                MessagePb.newBuilder().setHash(ProtobufBytes.toProtobuf(message.hash()));
        switch (message.tweak()) {
            case KeyTweak.None _ -> pb.setTweak(MessagePb.Tweak.TWEAK_NONE);
            case KeyTweak.Bip341KeyPath(Optional<Bytes> root) -> {
                pb.setTweak(MessagePb.Tweak.TWEAK_BIP341_KEY_PATH);
                root.ifPresent(r -> pb.setMerkleRoot(ProtobufBytes.toProtobuf(r)));
            }
        }
        return pb.build();
    }

    /// @throws WireException if it is not a request, or one beyond the limits
    public static SigningRequest decode(Bytes payload, SigningLimits limits) throws WireException {
        try {
            RequestPb pb = RequestPb.parseFrom(payload.toArray());
            if (pb.getVersion() != VERSION) {
                throw new WireException(
                        DropReason.WRONG_VERSION, "request of version " + pb.getVersion());
            }
            check(pb, limits);
            return new SigningRequest(
                    sessionId(payload),
                    pb.getEpoch(),
                    ProtobufBytes.listFromProtobuf(pb.getKeysList()),
                    PeerId.fromBytes(pb.getRequester().toByteArray()),
                    ProtobufBytes.fromProtobuf(pb.getSalt()),
                    Instant.ofEpochMilli(pb.getCreatedMillis()),
                    Instant.ofEpochMilli(pb.getExpiresMillis()),
                    messages(pb),
                    pb.getPurpose(),
                    ProtobufBytes.fromProtobuf(pb.getContext()),
                    payload);
        } catch (InvalidProtocolBufferException | IllegalArgumentException _) {
            throw new WireException(DropReason.MALFORMED, "the request does not decode");
        }
    }

    /// When the request in an envelope expires, without verifying its signature: for a node's own
    /// journal, most of whose requests have expired.
    ///
    /// @throws WireException if it is not a request
    public static Instant unverifiedExpiry(Bytes envelope) throws WireException {
        try {
            RequestPb pb =
                    RequestPb.parseFrom(VerifiedEnvelope.decode(envelope).payload().toArray());
            return badTime(pb.getExpiresMillis())
                    ? Instant.EPOCH
                    : Instant.ofEpochMilli(pb.getExpiresMillis());
        } catch (InvalidProtocolBufferException _) {
            throw new WireException(DropReason.MALFORMED, "the request does not decode");
        }
    }

    private static void check(RequestPb pb, SigningLimits limits) throws WireException {
        if (pb.getMessagesCount() == 0 || pb.getMessagesCount() > limits.requests().messages()) {
            throw new WireException(DropReason.MALFORMED, pb.getMessagesCount() + " messages");
        }
        if (pb.getContext().size() > limits.requests().contextBytes()
                || pb.getPurpose().length() > limits.requests().purposeChars()) {
            throw new WireException(DropReason.MALFORMED, "context or purpose too long");
        }
        for (ByteString key : pb.getKeysList()) {
            if (key.size() != 33) {
                throw new WireException(DropReason.MALFORMED, "a key of " + key.size() + " bytes");
            }
        }
        if (badTime(pb.getCreatedMillis()) || badTime(pb.getExpiresMillis())) {
            throw new WireException(DropReason.MALFORMED, "times out of range");
        }
    }

    private static boolean badTime(long millis) {
        return millis < 0 || millis > MAX_MILLIS;
    }

    private static List<MessageToSign> messages(RequestPb pb) throws WireException {
        List<MessageToSign> messages = new ArrayList<>();
        for (MessagePb message : pb.getMessagesList()) {
            Bytes root = ProtobufBytes.fromProtobuf(message.getMerkleRoot());
            KeyTweak tweak =
                    switch (message.getTweak()) {
                        case TWEAK_NONE -> {
                            if (!root.isEmpty()) {
                                throw new WireException(
                                        DropReason.MALFORMED, "a merkle root without a tweak");
                            }
                            yield KeyTweak.none();
                        }
                        case TWEAK_BIP341_KEY_PATH ->
                                new KeyTweak.Bip341KeyPath(
                                        root.isEmpty() ? Optional.empty() : Optional.of(root));
                        case UNRECOGNIZED ->
                                throw new WireException(DropReason.MALFORMED, "an unknown tweak");
                    };
            messages.add(new MessageToSign(ProtobufBytes.fromProtobuf(message.getHash()), tweak));
        }
        return messages;
    }
}
