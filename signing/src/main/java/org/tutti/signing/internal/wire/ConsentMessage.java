package org.tutti.signing.internal.wire;

import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalHeadCodec;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.pb.ConsentPb;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.session.DropReason;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/// That another member, whose journal was lost, may go on with a new one: given by the operator of
/// its author, and signed with the author's signing key.
///
/// Signed is BIP340's tagged hash `tutti/recovery` of: version 1 (1 byte) ‖ network (32) ‖ group id
/// (32) ‖ epoch (8) ‖ 1 if the author is recovering too, else 0 (1) ‖ compressed key of the
/// recovering member (33) ‖ id of the new journal (16) ‖ of the old head: count (8), hash (32) and
/// journal (16), all zero if there is none. Numbers are big-endian.
///
/// @param group id of the group, 32 bytes
public record ConsentMessage(Bytes group, JournalRecord.Consent consent) {
    private static final byte VERSION = 1;
    private static final JournalHead NO_HEAD =
            new JournalHead(
                    Bytes.wrap(new byte[JournalHead.JOURNAL_ID_BYTES]),
                    0,
                    Bytes.wrap(new byte[32]));

    public ConsentMessage {
        group.requireLength(32, "group id");
    }

    /// Makes one with the signing key itself.
    ///
    /// @param signer index of the key in the group
    /// @param member index of the recovering one
    /// @param aux 32 random bytes for BIP340
    public static JournalRecord.Consent make(
            SecretKey key,
            RequestGroup group,
            int signer,
            int member,
            Bytes journal,
            Optional<JournalHead> oldHead,
            boolean recovering,
            List<Bytes> replaced,
            byte[] aux) {
        Bytes message = message(group, member, journal, oldHead, recovering);
        return new JournalRecord.Consent(
                signer,
                member,
                journal,
                oldHead,
                recovering,
                replaced,
                Schnorr.sign(key, message.toArray(), aux).bytes());
    }

    /// Whether this key signed it, for this group.
    public static boolean isOf(JournalRecord.Consent consent, RequestGroup group, PublicKey key) {
        Bytes message =
                message(
                        group,
                        consent.member(),
                        consent.journal(),
                        consent.oldHead(),
                        consent.recovering());
        return Schnorr.verify(
                key.xOnly(), message.toArray(), new SchnorrSignature(consent.signature()));
    }

    private static Bytes message(
            RequestGroup group,
            int member,
            Bytes journal,
            Optional<JournalHead> oldHead,
            boolean recovering) {
        JournalHead head = oldHead.orElse(NO_HEAD);
        return TaggedHash.of(
                "tutti/recovery",
                ByteBuffer.allocate(1 + 32 + 32 + 8 + 1)
                        .put(VERSION)
                        .put(group.network().toArray())
                        .put(group.id().toArray())
                        .putLong(group.epoch())
                        .put((byte) (recovering ? 1 : 0))
                        .array(),
                group.keys().get(member).toArray(),
                journal.toArray(),
                ByteBuffer.allocate(8 + 32 + JournalHead.JOURNAL_ID_BYTES)
                        .putLong(head.count())
                        .put(head.hash().toArray())
                        .put(head.journal().toArray())
                        .array());
    }

    Bytes encode() {
        ConsentPb.Builder pb =
                ConsentPb.newBuilder()
                        .setVersion(RequestCodec.VERSION)
                        .setGroup(ProtobufBytes.toProtobuf(group))
                        .setSigner(consent.signer())
                        .setMember(consent.member())
                        .setJournal(ProtobufBytes.toProtobuf(consent.journal()))
                        .setRecovering(consent.recovering())
                        .addAllReplaced(ProtobufBytes.listToProtobuf(consent.replaced()))
                        .setSignature(ProtobufBytes.toProtobuf(consent.signature()));
        consent.oldHead().ifPresent(head -> pb.setOldHead(JournalHeadCodec.encode(head)));
        return Bytes.wrap(pb.build().toByteArray());
    }

    /// @throws WireException if it is not a consent of this version
    static ConsentMessage decode(Bytes payload) throws WireException {
        try {
            ConsentPb pb = ConsentPb.parseFrom(payload.toArray());
            RequestCodec.requireVersion(pb.getVersion());
            return new ConsentMessage(
                    ProtobufBytes.fromProtobuf(pb.getGroup()),
                    new JournalRecord.Consent(
                            pb.getSigner(),
                            pb.getMember(),
                            ProtobufBytes.fromProtobuf(pb.getJournal()),
                            pb.hasOldHead()
                                    ? Optional.of(JournalHeadCodec.decode(pb.getOldHead()))
                                    : Optional.empty(),
                            pb.getRecovering(),
                            ProtobufBytes.listFromProtobuf(pb.getReplacedList()),
                            ProtobufBytes.fromProtobuf(pb.getSignature())));
        } catch (InvalidProtocolBufferException | IllegalArgumentException _) {
            throw new WireException(DropReason.MALFORMED, "the consent does not decode");
        }
    }
}
