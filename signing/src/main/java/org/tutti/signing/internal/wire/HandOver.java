package org.tutti.signing.internal.wire;

import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.pb.HandOverPb;
import org.tutti.signing.pb.HandedOverKeyPb;
import org.tutti.signing.pb.HandedOverSessionPb;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.DropReason;

import java.util.List;
import java.util.stream.Stream;

/// A part of what a member remembers, for another whose journal was lost: the sessions for which
/// the author's partial signatures left and whose holds are not settled, and the idempotency keys
/// that are not free, in the order of session ids. No signature is complete without the author's,
/// so nothing else can have been signed.
///
/// @param group id of the group, 32 bytes
/// @param signer index of the author in the group
/// @param journal id of the receiver's new journal
/// @param after as in the [HandOverRequest]
/// @param through the last session id up to which this is all; empty if there is nothing
/// @param last nothing follows
public record HandOver(
        Bytes group,
        int signer,
        Bytes journal,
        Bytes after,
        Bytes through,
        boolean last,
        List<Session> sessions,
        List<Key> keys) {
    /// Most sessions in one part: each costs the receiver the verification of all nonces.
    public static final int MAX_SESSIONS = 32;

    /// Most keys in one part.
    public static final int MAX_KEYS = 1_024;

    public HandOver {
        group.requireLength(32, "group id");
        journal.requireLength(JournalHead.JOURNAL_ID_BYTES, "journal id");
        HandOverRequest.requirePosition(after);
        HandOverRequest.requirePosition(through);
        sessions = List.copyOf(sessions);
        keys = List.copyOf(keys);
        if (sessions.size() > MAX_SESSIONS || keys.size() > MAX_KEYS) {
            throw new IllegalArgumentException("a part that is too large");
        }
    }

    /// A session.
    ///
    /// @param request envelope
    /// @param nonces envelopes of the last attempt that the author signed in: of all signers, in
    ///   signer order, or the receiver's alone where all would be too large
    /// @param partials envelopes of partial signatures of that attempt: those that the author has,
    ///   its own among them
    /// @param signatures 64 bytes each; empty if they are not known
    public record Session(
            Bytes request, List<Bytes> nonces, List<Bytes> partials, List<Bytes> signatures) {
        public Session {
            nonces = List.copyOf(nonces);
            partials = List.copyOf(partials);
            signatures = List.copyOf(signatures);
            signatures.forEach(signature -> signature.requireLength(64, "signature"));
        }

        /// About how many bytes it needs.
        public int length() {
            return request.length()
                    + 68 * signatures.size()
                    + Stream.concat(nonces.stream(), partials.stream())
                            .mapToInt(envelope -> envelope.length() + 4)
                            .sum();
        }
    }

    /// An idempotency key that stays taken.
    ///
    /// @param session that had it, 32 bytes
    /// @param requester index in the group
    /// @param freeMillis Unix time from which on it may be used again
    public record Key(Bytes session, int requester, Bytes key, Bytes content, long freeMillis) {
        public Key {
            session.requireLength(32, "session id");
            if (requester < 0
                    || key.isEmpty()
                    || key.length() > SigningRequestDraft.MAX_KEY_BYTES
                    || content.length() > 32
                    || freeMillis < 0) {
                throw new IllegalArgumentException("an entry of an invalid idempotency key");
            }
        }
    }

    Bytes encode() {
        HandOverPb.Builder pb =
                HandOverPb.newBuilder()
                        .setVersion(RequestCodec.VERSION)
                        .setGroup(ProtobufBytes.toProtobuf(group))
                        .setSigner(signer)
                        .setJournal(ProtobufBytes.toProtobuf(journal))
                        .setAfter(ProtobufBytes.toProtobuf(after))
                        .setThrough(ProtobufBytes.toProtobuf(through))
                        .setLast(last);
        for (Session session : sessions) {
            pb.addSessions(
                    HandedOverSessionPb.newBuilder()
                            .setRequest(ProtobufBytes.toProtobuf(session.request))
                            .addAllNonces(ProtobufBytes.listToProtobuf(session.nonces))
                            .addAllPartials(ProtobufBytes.listToProtobuf(session.partials))
                            .addAllSignatures(ProtobufBytes.listToProtobuf(session.signatures)));
        }
        for (Key key : keys) {
            pb.addKeys(
                    HandedOverKeyPb.newBuilder()
                            .setSession(ProtobufBytes.toProtobuf(key.session))
                            .setRequester(key.requester)
                            .setKey(ProtobufBytes.toProtobuf(key.key))
                            .setContent(ProtobufBytes.toProtobuf(key.content))
                            .setFreeMillis(key.freeMillis));
        }
        return Bytes.wrap(pb.build().toByteArray());
    }

    /// @throws WireException if it is not a part of this version
    static HandOver decode(Bytes payload) throws WireException {
        try {
            HandOverPb pb = HandOverPb.parseFrom(payload.toArray());
            RequestCodec.requireVersion(pb.getVersion());
            return new HandOver(
                    ProtobufBytes.fromProtobuf(pb.getGroup()),
                    pb.getSigner(),
                    ProtobufBytes.fromProtobuf(pb.getJournal()),
                    ProtobufBytes.fromProtobuf(pb.getAfter()),
                    ProtobufBytes.fromProtobuf(pb.getThrough()),
                    pb.getLast(),
                    pb.getSessionsList().stream().map(HandOver::session).toList(),
                    pb.getKeysList().stream().map(HandOver::key).toList());
        } catch (InvalidProtocolBufferException | IllegalArgumentException _) {
            throw new WireException(DropReason.MALFORMED, "the hand-over does not decode");
        }
    }

    private static Session session(HandedOverSessionPb pb) {
        return new Session(
                ProtobufBytes.fromProtobuf(pb.getRequest()),
                ProtobufBytes.listFromProtobuf(pb.getNoncesList()),
                ProtobufBytes.listFromProtobuf(pb.getPartialsList()),
                ProtobufBytes.listFromProtobuf(pb.getSignaturesList()));
    }

    private static Key key(HandedOverKeyPb pb) {
        return new Key(
                ProtobufBytes.fromProtobuf(pb.getSession()),
                pb.getRequester(),
                ProtobufBytes.fromProtobuf(pb.getKey()),
                ProtobufBytes.fromProtobuf(pb.getContent()),
                pb.getFreeMillis());
    }
}
