package org.tutti.signing.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;

import org.tutti.base.Bytes;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.pb.HeadPb;

/// Between protobuf's byte strings and ours.
public final class Pb {
    private Pb() {}

    public static ByteString string(Bytes bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes.toArray());
    }

    public static Bytes bytes(ByteString string) {
        return Bytes.wrap(string.toByteArray());
    }

    public static HeadPb head(JournalHead head) {
        return HeadPb.newBuilder().setCount(head.count()).setHash(string(head.hash())).build();
    }

    /// @throws IllegalArgumentException if the count is negative as a Java long or the hash has not
    ///   32 bytes
    public static JournalHead head(HeadPb pb) {
        return new JournalHead(pb.getCount(), bytes(pb.getHash()));
    }
}
