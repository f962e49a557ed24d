package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.musig.MusigException;

import java.util.function.BiPredicate;

/// One row of the tables of fields: a type, what its keys and values are, and which versions have
/// it.
///
/// @param type BIP174's `keytype`
/// @param name as the BIP has it
/// @param fits whether a value belongs to its key
record FieldType<K, V>(
        long type,
        String name,
        Versions versions,
        Codec<K> key,
        Codec<V> value,
        BiPredicate<K, V> fits) {
    /// The columns "Versions Requiring Inclusion", "Exclusion" and "Allowing Inclusion".
    enum Versions {
        BOTH,
        ONLY_0_REQUIRED,
        ONLY_2,
        ONLY_2_REQUIRED;

        boolean allow(int version) {
            return switch (this) {
                case BOTH -> true;
                case ONLY_0_REQUIRED -> version == 0;
                case ONLY_2, ONLY_2_REQUIRED -> version == 2;
            };
        }

        boolean require(int version) {
            return switch (this) {
                case BOTH, ONLY_2 -> false;
                case ONLY_0_REQUIRED -> version == 0;
                case ONLY_2_REQUIRED -> version == 2;
            };
        }
    }

    /// A type of which a map has one field at most: its key has no data.
    static <V> FieldType<Bytes, V> single(
            long type, String name, Versions versions, Codec<V> value) {
        return new FieldType<>(type, name, versions, Codecs.NOTHING, value, (_, _) -> true);
    }

    static <V> FieldType<Bytes, V> single(long type, String name, Codec<V> value) {
        return single(type, name, Versions.BOTH, value);
    }

    /// A type of which a map has a field for each key.
    static <K, V> FieldType<K, V> many(long type, String name, Codec<K> key, Codec<V> value) {
        return new FieldType<>(type, name, Versions.BOTH, key, value, (_, _) -> true);
    }

    FieldType<K, V> where(BiPredicate<K, V> belongs) {
        return new FieldType<>(type, name, versions, key, value, belongs);
    }

    /// BIP174: "If any key or value does not match the specified format for that type, the PSBT
    /// must be considered invalid."
    void check(Bytes keyData, Bytes data) throws PsbtException {
        K readKey = decode(PsbtException.Code.BAD_KEY, key, keyData);
        V readValue = decode(PsbtException.Code.BAD_VALUE, value, data);
        if (!fits.test(readKey, readValue)) {
            throw new PsbtException(
                    PsbtException.Code.BAD_VALUE, name + ": not a value for this field");
        }
    }

    private <T> T decode(PsbtException.Code code, Codec<T> codec, Bytes bytes)
            throws PsbtException {
        try {
            return codec.decode(bytes);
        } catch (DecodeException | KeyException | MusigException e) {
            throw new PsbtException(code, name + ": " + e.getMessage(), e);
        }
    }

    /// The key data of a field that was checked.
    K keyOf(Bytes keyData) {
        return checked(key, keyData);
    }

    /// The value of a field that was checked.
    V valueOf(Bytes data) {
        return checked(value, data);
    }

    private <T> T checked(Codec<T> codec, Bytes bytes) {
        try {
            return codec.decode(bytes);
        } catch (DecodeException | KeyException | MusigException e) {
            throw new IllegalStateException(name + " was not checked", e);
        }
    }
}
