package org.tutti.libp2p.protobuf;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;

import org.tutti.base.Bytes;

import java.util.List;

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

    /// Each of a repeated field's values, in order.
    public static List<ByteString> listToProtobuf(List<Bytes> values) {
        return values.stream().map(ProtobufBytes::toProtobuf).toList();
    }

    /// Each of a repeated field's values, in order.
    public static List<Bytes> listFromProtobuf(List<ByteString> values) {
        return values.stream().map(ProtobufBytes::fromProtobuf).toList();
    }
}
