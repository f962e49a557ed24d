package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.musig.MusigException;

import java.util.function.BiConsumer;

/// How the data of a key, or a value, is written.
record Codec<T>(Reader<T> reader, BiConsumer<T, WireWriter> writer) {
    /// Reads all of what it is given.
    interface Reader<T> {
        T read(WireReader in) throws DecodeException, KeyException, MusigException;
    }

    /// One that takes so many bytes and no others: the length is looked at first, because 33 bytes
    /// of a key are no key of 32 with one left over.
    static <T> Codec<T> sized(int length, Reader<T> reader, BiConsumer<T, WireWriter> writer) {
        return new Codec<>(
                in -> {
                    if (in.remaining() != length) {
                        throw new DecodeException(
                                DecodeException.Code.BAD_VALUE,
                                in.remaining() + " bytes instead of " + length);
                    }
                    return reader.read(in);
                },
                writer);
    }

    T decode(Bytes bytes) throws DecodeException, KeyException, MusigException {
        WireReader in = new WireReader(bytes);
        T value = reader.read(in);
        in.requireEnd();
        return value;
    }

    Bytes encode(T value) {
        WireWriter out = new WireWriter(64);
        writer.accept(value, out);
        return out.toBytes();
    }
}
