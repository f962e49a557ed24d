package org.tutti.signing.internal.wire;

import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.pb.HandOverRequestPb;
import org.tutti.signing.session.DropReason;

/// Asks a member that has consented for the next of what it remembers, in the order of session ids.
///
/// @param group id of the group, 32 bytes
/// @param signer index of the author in the group
/// @param journal id of the author's new journal
/// @param after the last session id that the author has; empty at first
public record HandOverRequest(Bytes group, int signer, Bytes journal, Bytes after) {
    public HandOverRequest {
        group.requireLength(32, "group id");
        journal.requireLength(JournalHead.JOURNAL_ID_BYTES, "journal id");
        requirePosition(after);
    }

    static void requirePosition(Bytes after) {
        if (!after.isEmpty()) {
            after.requireLength(32, "session id");
        }
    }

    Bytes encode() {
        return Bytes.wrap(
                HandOverRequestPb.newBuilder()
                        .setVersion(RequestCodec.VERSION)
                        .setGroup(ProtobufBytes.toProtobuf(group))
                        .setSigner(signer)
                        .setJournal(ProtobufBytes.toProtobuf(journal))
                        .setAfter(ProtobufBytes.toProtobuf(after))
                        .build()
                        .toByteArray());
    }

    /// @throws WireException if it is not such a request of this version
    static HandOverRequest decode(Bytes payload) throws WireException {
        try {
            HandOverRequestPb pb = HandOverRequestPb.parseFrom(payload.toArray());
            RequestCodec.requireVersion(pb.getVersion());
            return new HandOverRequest(
                    ProtobufBytes.fromProtobuf(pb.getGroup()),
                    pb.getSigner(),
                    ProtobufBytes.fromProtobuf(pb.getJournal()),
                    ProtobufBytes.fromProtobuf(pb.getAfter()));
        } catch (InvalidProtocolBufferException | IllegalArgumentException _) {
            throw new WireException(DropReason.MALFORMED, "a request that does not decode");
        }
    }
}
