package org.tutti.signing.journal;

import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.signing.pb.HeadPb;

/// Journal heads as protobuf, in messages.
public final class JournalHeadCodec {
    private JournalHeadCodec() {}

    public static HeadPb encode(JournalHead head) {
        return HeadPb.newBuilder()
                .setCount(head.count())
                .setHash(ProtobufBytes.toProtobuf(head.hash()))
                .setJournal(ProtobufBytes.toProtobuf(head.journal()))
                .build();
    }

    /// @throws IllegalArgumentException if the count is negative as a Java long, the hash has not
    ///   32 bytes or the journal's id not 16
    public static JournalHead decode(HeadPb pb) {
        return new JournalHead(
                ProtobufBytes.fromProtobuf(pb.getJournal()),
                pb.getCount(),
                ProtobufBytes.fromProtobuf(pb.getHash()));
    }
}
