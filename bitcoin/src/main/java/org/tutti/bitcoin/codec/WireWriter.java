package org.tutti.bitcoin.codec;

import org.tutti.base.Bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Builds little-endian Bitcoin serialisation in a growing array. Not thread-safe.
public final class WireWriter {
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] data;
    private int length;

    public WireWriter() {
        this(256);
    }

    /// With room for `capacity` bytes before it must grow.
    public WireWriter(int capacity) {
        data = new byte[Math.max(16, capacity)];
    }

    /// How many bytes the CompactSize of `value` takes: 1, 3, 5 or 9.
    public static int compactSizeLength(long value) {
        return value < 0xfd ? 1 : value <= 0xffff ? 3 : value <= 0xffff_ffffL ? 5 : 9;
    }

    public WireWriter u8(int value) {
        ensure(1);
        data[length++] = (byte) value;
        return this;
    }

    public WireWriter u16(int value) {
        return u8(value).u8(value >>> 8);
    }

    public WireWriter i32(int value) {
        ensure(4);
        INT.set(data, length, value);
        length += 4;
        return this;
    }

    /// The low four bytes of `value`.
    public WireWriter u32(long value) {
        return i32((int) value);
    }

    public WireWriter i64(long value) {
        ensure(8);
        LONG.set(data, length, value);
        length += 8;
        return this;
    }

    /// A CompactSize in its shortest form. `value` is not negative.
    public WireWriter compactSize(long value) {
        return switch (compactSizeLength(value)) {
            case 1 -> u8((int) value);
            case 3 -> u8(0xfd).u16((int) value);
            case 5 -> u8(0xfe).u32(value);
            default -> u8(0xff).i64(value);
        };
    }

    public WireWriter bytes(Bytes bytes) {
        ensure(bytes.length());
        bytes.copyTo(data, length);
        length += bytes.length();
        return this;
    }

    public WireWriter bytes(byte[] bytes) {
        ensure(bytes.length);
        System.arraycopy(bytes, 0, data, length, bytes.length);
        length += bytes.length;
        return this;
    }

    /// The bytes in `[from, to)`.
    public WireWriter bytes(byte[] bytes, int from, int to) {
        ensure(to - from);
        System.arraycopy(bytes, from, data, length, to - from);
        length += to - from;
        return this;
    }

    /// A CompactSize length, then the bytes.
    public WireWriter varBytes(Bytes bytes) {
        return compactSize(bytes.length()).bytes(bytes);
    }

    /// A fresh array with what was written.
    public byte[] toArray() {
        return Arrays.copyOf(data, length);
    }

    public Bytes toBytes() {
        return Bytes.wrap(toArray());
    }

    private void ensure(int more) {
        if (data.length - length < more) {
            data = Arrays.copyOf(data, Math.max(data.length * 2, Math.addExact(length, more)));
        }
    }
}
