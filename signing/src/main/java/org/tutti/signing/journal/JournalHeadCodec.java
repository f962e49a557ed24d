package org.tutti.signing.journal;

import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.signing.pb.HeadPb;

/// Journal heads as protobuf, in messages and in journal entries.
public final class JournalHeadCodec {
    private JournalHeadCodec() {}

    public static HeadPb encode(JournalHead head) {
        return HeadPb.newBuilder()
                .setCount(head.count())
                .setHash(ProtobufBytes.toProtobuf(head.hash()))
                .build();
    }

    /// @throws IllegalArgumentException if the count is negative as a Java long or the hash has not
    ///   32 bytes
    public static JournalHead decode(HeadPb pb) {
        return new JournalHead(pb.getCount(), ProtobufBytes.fromProtobuf(pb.getHash()));
    }
}
