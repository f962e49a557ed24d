package org.tutti.bitcoin.codec;

import org.tutti.base.Bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// A cursor over little-endian Bitcoin serialisation that refuses instead of guessing.
///
/// Not thread-safe: one reader, one thread, one message.
public final class WireReader {
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] data;
    private int position;

    /// Reads `data` without copying it: the caller does not write to the array meanwhile.
    public WireReader(byte[] data) {
        this.data = data;
    }

    public WireReader(Bytes data) {
        this(data.toArray());
    }

    public int position() {
        return position;
    }

    public int remaining() {
        return data.length - position;
    }

    /// One unsigned byte.
    public int u8() throws DecodeException {
        return data[advance(1)] & 0xff;
    }

    /// The next byte, unsigned, left where it is.
    public int peekU8() throws DecodeException {
        require(1);
        return data[position] & 0xff;
    }

    /// Two bytes, unsigned, little-endian.
    public int u16() throws DecodeException {
        int at = advance(2);
        return (data[at] & 0xff) | (data[at + 1] & 0xff) << 8;
    }

    /// Four bytes, signed, little-endian.
    public int i32() throws DecodeException {
        return (int) INT.get(data, advance(4));
    }

    /// Four bytes, unsigned, little-endian.
    public long u32() throws DecodeException {
        return i32() & 0xffffffffL;
    }

    /// Eight bytes, signed, little-endian.
    public long i64() throws DecodeException {
        return (long) LONG.get(data, advance(8));
    }

    /// Leaves out exactly `length` bytes.
    public void skip(int length) throws DecodeException {
        advance(length);
    }

    /// What was read since this position, in a fresh array.
    ///
    /// @param from what [#position] was
    public byte[] arrayFrom(int from) {
        return Arrays.copyOfRange(data, from, position);
    }

    /// Exactly `length` bytes, in a fresh array.
    public byte[] array(int length) throws DecodeException {
        int at = advance(length);
        return Arrays.copyOfRange(data, at, at + length);
    }

    /// Exactly `length` bytes.
    public Bytes bytes(int length) throws DecodeException {
        int at = advance(length);
        return length == 0 ? Bytes.EMPTY : Bytes.of(data, at, at + length);
    }

    /// A CompactSize, 0 to 2^63 - 1. Refuses forms longer than needed, as Bitcoin Core does.
    public long compactSize() throws DecodeException {
        int first = u8();
        return switch (first) {
            case 0xfd -> minimal(u16(), 0xfd);
            case 0xfe -> minimal(u32(), 0x1_0000L);
            case 0xff -> minimal(i64(), 0x1_0000_0000L);
            default -> first;
        };
    }

    private static long minimal(long value, long least) throws DecodeException {
        if (value < 0) {
            throw new DecodeException(DecodeException.Code.TOO_LARGE, "CompactSize above 2^63 - 1");
        }
        if (value < least) {
            throw new DecodeException(
                    DecodeException.Code.NON_MINIMAL_SIZE,
                    "CompactSize " + value + " in a longer form than it needs");
        }
        return value;
    }

    /// A CompactSize that counts items of at least `leastBytesEach` bytes: refused when the bytes
    /// left cannot hold them, so a caller may allocate what it says.
    public int count(int leastBytesEach, String what) throws DecodeException {
        long count = compactSize();
        if (count > remaining() / leastBytesEach) {
            throw new DecodeException(
                    DecodeException.Code.TOO_LARGE,
                    count + " " + what + " cannot stand in " + remaining() + " bytes");
        }
        return (int) count;
    }

    /// A CompactSize length and that many bytes, in a fresh array.
    public byte[] varArray(String what) throws DecodeException {
        return array(count(1, "bytes of " + what));
    }

    /// A CompactSize length and that many bytes.
    public Bytes varBytes(String what) throws DecodeException {
        return bytes(count(1, "bytes of " + what));
    }

    /// Refuses anything that is left over.
    public void requireEnd() throws DecodeException {
        if (remaining() != 0) {
            throw new DecodeException(
                    DecodeException.Code.TRAILING_BYTES, remaining() + " bytes left over");
        }
    }

    private int advance(int length) throws DecodeException {
        require(length);
        int at = position;
        position += length;
        return at;
    }

    private void require(int length) throws DecodeException {
        if (length < 0 || length > remaining()) {
            throw new DecodeException(
                    DecodeException.Code.TRUNCATED,
                    length + " bytes wanted, " + remaining() + " left");
        }
    }
}
