package org.tutti.bitcoin.tx;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/// A witness of many items as it is sent: a block of 4 MB may have four million empty items, or two
/// million of one byte, and as objects these would take up to 22 times as much memory. An item is
/// made when it is asked for.
///
/// Immutable; safe for threads.
final class WitnessStack extends AbstractList<Bytes> implements RandomAccess {
    /// Up to so many items a list of objects is as good: the inputs of a block are not so many.
    static final int FEW = 16;

    /// Where every so many items begin is remembered.
    private static final int STRIDE = 64;

    /// Lengths and items, one after the other.
    private final byte[] serialized;

    private final int[] starts;
    private final int count;

    private WitnessStack(byte[] serialized, int[] starts, int count) {
        this.serialized = serialized;
        this.starts = starts;
        this.count = count;
    }

    /// Reads the number of items and the items.
    static List<Bytes> read(WireReader in) throws DecodeException {
        int count = in.count(1, "witness items");
        if (count <= FEW) {
            Bytes[] few = new Bytes[count];
            for (int i = 0; i < count; i++) {
                few[i] = in.varBytes("a witness item");
            }
            return List.of(few);
        }
        int from = in.position();
        int[] starts = new int[(count + STRIDE - 1) / STRIDE];
        for (int i = 0; i < count; i++) {
            if (i % STRIDE == 0) {
                starts[i / STRIDE] = in.position() - from;
            }
            in.skip(in.count(1, "bytes of a witness item"));
        }
        return new WitnessStack(in.arrayFrom(from), starts, count);
    }

    /// Writes the number of items and the items.
    static void write(List<Bytes> witness, WireWriter out) {
        out.compactSize(witness.size());
        if (witness instanceof WitnessStack stack) {
            out.bytes(stack.serialized);
        } else {
            witness.forEach(out::varBytes);
        }
    }

    /// How many bytes [#write] makes.
    static int size(List<Bytes> witness) {
        int size = WireWriter.compactSizeLength(witness.size());
        if (witness instanceof WitnessStack stack) {
            return size + stack.serialized.length;
        }
        for (Bytes item : witness) {
            size += WireWriter.compactSizeLength(item.length()) + item.length();
        }
        return size;
    }

    /// The same items, never to be changed.
    static List<Bytes> copyOf(List<Bytes> witness) {
        return witness instanceof WitnessStack ? witness : List.copyOf(witness);
    }

    @Override
    public Bytes get(int index) {
        Objects.checkIndex(index, count);
        int at = starts[index / STRIDE];
        for (int i = index % STRIDE; i > 0; i--) {
            at = end(at);
        }
        return Bytes.of(serialized, begin(at), end(at));
    }

    /// Where the item begins whose length is at this place.
    private int begin(int at) {
        return switch (serialized[at] & 0xff) {
            case 0xfd -> at + 3;
            case 0xfe -> at + 5;
            case 0xff -> at + 9;
            default -> at + 1;
        };
    }

    private int end(int at) {
        int first = serialized[at] & 0xff;
        int begin = begin(at);
        int length = first;
        if (begin > at + 1) {
            length = 0;
            // No item is as long as its last four bytes of nine could say: it was read.
            for (int i = Math.min(begin, at + 5) - 1; i > at; i--) {
                length = length << 8 | (serialized[i] & 0xff);
            }
        }
        return begin + length;
    }

    @Override
    public int size() {
        return count;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WitnessStack stack
                ? Arrays.equals(serialized, stack.serialized)
                : super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
