package org.tutti.base;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/// An immutable run of bytes with value equality: what a record holds where an array would leak its
/// insides.
///
/// Not for secrets: there is no way to wipe one, and `toString` shows the content as hex.
public final class Bytes implements Comparable<Bytes> {
    /// No bytes at all.
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private static final HexFormat HEX = HexFormat.of();

    private final byte[] value;

    private Bytes(byte[] value) {
        this.value = value;
    }

    /// A copy of the array.
    public static Bytes of(byte[] value) {
        return value.length == 0 ? EMPTY : new Bytes(value.clone());
    }

    /// A copy of `value[from, to)`.
    public static Bytes of(byte[] value, int from, int to) {
        return new Bytes(Arrays.copyOfRange(value, from, to));
    }

    /// Takes the array without copying: the caller promises never to write to it again.
    public static Bytes wrap(byte[] value) {
        return new Bytes(value);
    }

    /// @throws IllegalArgumentException if the text is not an even number of hex digits
    public static Bytes fromHex(String hex) {
        return new Bytes(HEX.parseHex(hex));
    }

    /// The parts one after the other.
    public static Bytes concat(Bytes... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Bytes part : parts) {
            out.writeBytes(part.value);
        }
        return new Bytes(out.toByteArray());
    }

    public int length() {
        return value.length;
    }

    public boolean isEmpty() {
        return value.length == 0;
    }

    /// The byte at `index`, signed as Java has it.
    public byte get(int index) {
        return value[index];
    }

    /// The bytes in `[from, to)`.
    public Bytes slice(int from, int to) {
        return of(value, from, to);
    }

    public Bytes reversed() {
        byte[] out = new byte[value.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = value[value.length - 1 - i];
        }
        return new Bytes(out);
    }

    /// A fresh array with the content.
    public byte[] toArray() {
        return value.clone();
    }

    /// Copies the content to `target` from `offset` on.
    public void copyTo(byte[] target, int offset) {
        System.arraycopy(value, 0, target, offset, value.length);
    }

    /// Lower-case hex, two digits a byte.
    public String toHex() {
        return HEX.formatHex(value);
    }

    /// Refuses any other length: for the compact constructors of records.
    ///
    /// @throws IllegalArgumentException naming `what` and both lengths
    public Bytes requireLength(int length, String what) {
        if (value.length != length) {
            throw new IllegalArgumentException(
                    what + " must have " + length + " bytes, not " + value.length);
        }
        return this;
    }

    /// Unsigned lexicographic order, a shorter prefix first.
    @Override
    public int compareTo(Bytes other) {
        return Arrays.compareUnsigned(value, other.value);
    }

    /// Takes time that depends on the lengths alone.
    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && MessageDigest.isEqual(value, bytes.value);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return toHex();
    }
}
