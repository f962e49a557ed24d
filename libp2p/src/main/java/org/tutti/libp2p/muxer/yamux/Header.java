package org.tutti.libp2p.muxer.yamux;

/// The 12 bytes before each frame (yamux/README.md#framing), all numbers big-endian:
///
/// | byte | 0 | 1 | 2–3 | 4–7 | 8–11 |
/// |---|---|---|---|---|---|
/// | | version 0 | type | flags | stream id | length |
///
/// @param type as sent, one of the constants unless the remote is broken
/// @param flags a set of the flag constants
/// @param streamId unsigned 32 bits; 0 is the session
/// @param length unsigned 32 bits; means what `type` says: bytes of payload, window credit, opaque
///   ping value, go-away code
record Header(int version, int type, int flags, int streamId, int length) {
    static final int SIZE = 12;

    static final int DATA = 0;
    static final int WINDOW_UPDATE = 1;
    static final int PING = 2;
    static final int GO_AWAY = 3;

    static final int SYN = 1;
    static final int ACK = 2;
    static final int FIN = 4;
    static final int RST = 8;
    static final int ALL_FLAGS = SYN | ACK | FIN | RST;

    static final int NORMAL_TERMINATION = 0;
    static final int PROTOCOL_ERROR = 1;
    static final int INTERNAL_ERROR = 2;

    /// With version 0, the only one there is.
    Header(int type, int flags, int streamId, int length) {
        this(0, type, flags, streamId, length);
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    long unsignedLength() {
        return Integer.toUnsignedLong(length);
    }

    static Header decode(byte[] source, int offset) {
        return new Header(
                source[offset] & 0xff,
                source[offset + 1] & 0xff,
                (source[offset + 2] & 0xff) << 8 | (source[offset + 3] & 0xff),
                int32(source, offset + 4),
                int32(source, offset + 8));
    }

    void encode(byte[] target, int offset) {
        target[offset] = (byte) version;
        target[offset + 1] = (byte) type;
        target[offset + 2] = (byte) (flags >> 8);
        target[offset + 3] = (byte) flags;
        int32(target, offset + 4, streamId);
        int32(target, offset + 8, length);
    }

    private static int int32(byte[] source, int offset) {
        return source[offset] << 24
                | (source[offset + 1] & 0xff) << 16
                | (source[offset + 2] & 0xff) << 8
                | (source[offset + 3] & 0xff);
    }

    private static void int32(byte[] target, int offset, int value) {
        target[offset] = (byte) (value >> 24);
        target[offset + 1] = (byte) (value >> 16);
        target[offset + 2] = (byte) (value >> 8);
        target[offset + 3] = (byte) value;
    }
}
