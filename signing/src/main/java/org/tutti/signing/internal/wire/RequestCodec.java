package org.tutti.signing.internal.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.base.PlainText;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.signing.pb.MessagePb;
import org.tutti.signing.pb.RequestPb;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.DropReason;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Requests as protobuf.
public final class RequestCodec {
    /// The version of the whole protocol.
    static final int VERSION = 2;

    /// The latest time that is understood: the year 9999.
    private static final long MAX_MILLIS = 253_402_300_799_000L;

    private static final int KEY_BYTES = 40;
    private static final int MESSAGE_BYTES = 80 + 40 + 6 * MessageToSign.MAX_PATH;

    private RequestCodec() {}

    /// SAFETY 15: the id commits to every byte of the request.
    public static SessionId sessionId(Bytes payload) {
        return new SessionId(TaggedHash.of("tutti/session-id", payload.toArray()));
    }

    /// No request with this content needs more.
    static int bytesFor(SigningRequest request) {
        return request.context().length()
                + request.idempotencyKey().length()
                + 4 * request.purpose().length()
                + KEY_BYTES * request.keys().size()
                + MESSAGE_BYTES * request.messages().size();
    }

    /// Builds a request from its parts, and encodes it, which determines the session id.
    ///
    /// @param salt 32 random bytes
    public static SigningRequest create(
            RequestGroup group,
            PeerId requester,
            Bytes salt,
            Instant created,
            SigningRequestDraft draft) {
        Instant expires = created.plus(draft.lifetime());
        RequestPb.Builder pb =
                RequestPb.newBuilder()
                        .setVersion(VERSION)
                        .setNetwork(ProtobufBytes.toProtobuf(group.network()))
                        .setGroup(ProtobufBytes.toProtobuf(group.id()))
                        .setEpoch(group.epoch())
                        .setKeyOrder(keyOrder(group.keys()))
                        .setRequester(ProtobufBytes.toProtobuf(Bytes.of(requester.toBytes())))
                        .setSalt(ProtobufBytes.toProtobuf(salt))
                        .setCreatedMillis(created.toEpochMilli())
                        .setExpiresMillis(expires.toEpochMilli())
                        .setPurpose(draft.purpose())
                        .setContext(ProtobufBytes.toProtobuf(draft.context()))
                        .setIdempotencyKey(ProtobufBytes.toProtobuf(draft.idempotencyKey()));
        group.keys().forEach(key -> pb.addKeys(ProtobufBytes.toProtobuf(key)));
        draft.messages().forEach(message -> pb.addMessages(encode(message)));
        Bytes payload = Bytes.wrap(pb.build().toByteArray());
        return new SigningRequest(
                sessionId(payload),
                group,
                requester,
                salt,
                Instant.ofEpochMilli(created.toEpochMilli()),
                Instant.ofEpochMilli(expires.toEpochMilli()),
                draft.messages(),
                draft.purpose(),
                draft.context(),
                draft.idempotencyKey(),
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
        message.leaf().ifPresent(leaf -> pb.setLeaf(ProtobufBytes.toProtobuf(leaf)));
        pb.addAllPath(message.path());
        return pb.build();
    }

    /// @throws WireException if it is not a request, or one beyond the limits
    public static SigningRequest decode(Bytes payload, SigningLimits limits) throws WireException {
        try {
            RequestPb pb = RequestPb.parseFrom(payload.toArray());
            requireVersion(pb.getVersion());
            check(pb, limits);
            return new SigningRequest(
                    sessionId(payload),
                    new RequestGroup(
                            ProtobufBytes.fromProtobuf(pb.getNetwork()),
                            ProtobufBytes.fromProtobuf(pb.getGroup()),
                            pb.getEpoch(),
                            ProtobufBytes.listFromProtobuf(pb.getKeysList())),
                    PeerId.fromBytes(pb.getRequester().toByteArray()),
                    ProtobufBytes.fromProtobuf(pb.getSalt()),
                    Instant.ofEpochMilli(pb.getCreatedMillis()),
                    Instant.ofEpochMilli(pb.getExpiresMillis()),
                    messages(pb),
                    pb.getPurpose(),
                    ProtobufBytes.fromProtobuf(pb.getContext()),
                    ProtobufBytes.fromProtobuf(pb.getIdempotencyKey()),
                    payload);
        } catch (InvalidProtocolBufferException | IllegalArgumentException _) {
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
        if (!PlainText.isPlain(pb.getPurpose())) {
            throw new WireException(
                    DropReason.MALFORMED, "a purpose with characters that are not plain text");
        }
        if (pb.getIdempotencyKey().size() > SigningRequestDraft.MAX_KEY_BYTES) {
            throw new WireException(DropReason.MALFORMED, "idempotency key too long");
        }
        for (ByteString key : pb.getKeysList()) {
            if (key.size() != 33) {
                throw new WireException(DropReason.MALFORMED, "a key of " + key.size() + " bytes");
            }
        }
        if (pb.getKeyOrder() != keyOrder(ProtobufBytes.listFromProtobuf(pb.getKeysList()))) {
            throw new WireException(DropReason.MALFORMED, "keys in another order than it says");
        }
        if (badTime(pb.getCreatedMillis()) || badTime(pb.getExpiresMillis())) {
            throw new WireException(DropReason.MALFORMED, "times out of range");
        }
    }

    /// Sorted where they are, whoever ordered them: one group has one name.
    private static RequestPb.KeyOrder keyOrder(List<Bytes> keys) {
        for (int i = 1; i < keys.size(); i++) {
            if (keys.get(i - 1).compareTo(keys.get(i)) > 0) {
                return RequestPb.KeyOrder.KEY_ORDER_AS_GIVEN;
            }
        }
        return RequestPb.KeyOrder.KEY_ORDER_SORTED;
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
            Bytes leaf = ProtobufBytes.fromProtobuf(message.getLeaf());
            messages.add(
                    new MessageToSign(
                            ProtobufBytes.fromProtobuf(message.getHash()),
                            tweak,
                            leaf.isEmpty() ? Optional.empty() : Optional.of(leaf),
                            message.getPathList()));
        }
        return messages;
    }

    /// @throws WireException if it is a message of another version of the protocol
    static void requireVersion(int version) throws WireException {
        if (version != VERSION) {
            throw new WireException(DropReason.WRONG_VERSION, "a message of version " + version);
        }
    }
}
