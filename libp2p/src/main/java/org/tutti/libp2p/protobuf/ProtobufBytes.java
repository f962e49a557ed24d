package org.tutti.libp2p.protobuf;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;

import org.tutti.base.Bytes;

/// Between protobuf's byte strings and ours.
public final class ProtobufBytes {
    private ProtobufBytes() {}

    public static ByteString toProtobuf(Bytes bytes) {
        // A fresh array that nobody else has.
        return UnsafeByteOperations.unsafeWrap(bytes.toArray());
    }

    public static Bytes fromProtobuf(ByteString string) {
        return Bytes.wrap(string.toByteArray());
    }
}
