package org.tutti.bitcoin.psbt;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;

import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// One map of a PSBT: whole keys to values, in the order in which they came. What its table of
/// fields knows is of the form that the table says; the rest is as it was.
///
/// Immutable; a change makes a new map.
final class PsbtMap {
    /// Many keys of one hash are no harm: the JDK keeps them in a tree, because they are
    /// comparable.
    private final Map<Bytes, Bytes> values;

    private final Map<Long, FieldType<?, ?>> table;

    private PsbtMap(Map<Long, FieldType<?, ?>> table, Map<Bytes, Bytes> values) {
        this.table = table;
        this.values = values;
    }

    static PsbtMap empty(Map<Long, FieldType<?, ?>> table) {
        return new PsbtMap(table, Map.of());
    }

    /// Reads up to the separator. Only the framing is looked at, and that no key comes twice.
    static PsbtMap read(WireReader in, Map<Long, FieldType<?, ?>> table, FieldBudget budget)
            throws DecodeException, PsbtException {
        Bytes key = in.varBytes("a key");
        if (key.isEmpty()) {
            return empty(table);
        }
        Map<Bytes, Bytes> values = new LinkedHashMap<>();
        while (!key.isEmpty()) {
            budget.takeOne();
            // BIP174: "PSBTs containing duplicate keys are invalid."
            if (values.put(key, in.varBytes("a value")) != null) {
                throw new PsbtException(
                        PsbtException.Code.DUPLICATE_KEY, "twice: key " + start(key));
            }
            key = in.varBytes("a key");
        }
        return new PsbtMap(table, Collections.unmodifiableMap(values));
    }

    /// Enough of a key to find it, and no megabyte of it.
    private static String start(Bytes key) {
        return key.slice(0, Math.min(key.length(), 40)).toHex();
    }

    /// Holds all fields against the table.
    void check(int version) throws PsbtException {
        for (var entry : values.entrySet()) {
            PsbtField field = field(entry.getKey(), entry.getValue());
            FieldType<?, ?> type = table.get(field.type());
            if (type != null) {
                check(type, field, version);
            }
        }
        for (FieldType<?, ?> type : table.values()) {
            if (type.versions().require(version) && !values.containsKey(onlyKey(type))) {
                throw new PsbtException(
                        PsbtException.Code.MISSING_FIELD,
                        "version " + version + " without " + type.name());
            }
        }
    }

    /// Holds the one field of this type against the table, if it is there.
    void check(FieldType<Bytes, ?> type) throws PsbtException {
        Bytes value = values.get(onlyKey(type));
        if (value != null) {
            type.check(Bytes.EMPTY, value);
        }
    }

    private static void check(FieldType<?, ?> type, PsbtField field, int version)
            throws PsbtException {
        if (!type.versions().allow(version)) {
            throw new PsbtException(
                    PsbtException.Code.FORBIDDEN_FIELD,
                    "version " + version + " with " + type.name());
        }
        type.check(field.keyData(), field.value());
    }

    private static PsbtField field(Bytes key, Bytes value) throws PsbtException {
        WireReader in = new WireReader(key);
        try {
            // BIP174: "This compact size unsigned integer must be minimally encoded".
            long type = in.compactSize();
            return new PsbtField(type, in.bytes(in.remaining()), value);
        } catch (DecodeException e) {
            throw new PsbtException(PsbtException.Code.BAD_KEY, "no type: " + e.getMessage(), e);
        }
    }

    private static PsbtField checkedField(Map.Entry<Bytes, Bytes> entry) {
        try {
            return field(entry.getKey(), entry.getValue());
        } catch (PsbtException e) {
            throw new IllegalStateException("a key was not checked", e);
        }
    }

    /// What [#read] read.
    void write(WireWriter out) {
        values.forEach((key, value) -> out.varBytes(key).varBytes(value));
        out.u8(0);
    }

    List<PsbtField> fields() {
        return values.entrySet().stream().map(PsbtMap::checkedField).toList();
    }

    /// The fields of types that the table does not have.
    List<PsbtField> unknown() {
        return fields().stream().filter(field -> !table.containsKey(field.type())).toList();
    }

    int size() {
        return values.size();
    }

    /// The key of a type that a map has once at most.
    private static Bytes onlyKey(FieldType<?, ?> type) {
        return PsbtField.key(type.type(), Bytes.EMPTY);
    }

    /// The value of a type that a map has once at most.
    <V> Optional<V> get(FieldType<Bytes, V> type) {
        Bytes value = values.get(onlyKey(type));
        return Optional.ofNullable(value).map(type::valueOf);
    }

    /// All fields of a type, sorted by the bytes of their keys. Not by hashes: whoever makes a PSBT
    /// chooses its keys, and thousands with one hash would be a list that is searched from its
    /// start.
    <K, V> Map<K, V> all(FieldType<K, V> type) {
        Map<K, V> found = new TreeMap<>(Comparator.comparing(type.key()::encode));
        for (PsbtField field : fields()) {
            if (field.type() == type.type()) {
                found.put(type.keyOf(field.keyData()), type.valueOf(field.value()));
            }
        }
        return Collections.unmodifiableMap(found);
    }

    <V> PsbtMap with(FieldType<Bytes, V> type, V value) {
        return with(type, Bytes.EMPTY, value);
    }

    /// With this field, in place of the one of the same key.
    <K, V> PsbtMap with(FieldType<K, V> type, K key, V value) {
        return with(PsbtField.key(type.type(), type.key().encode(key)), type.value().encode(value));
    }

    /// With this field, which is held against the table, in place of the one of the same key.
    PsbtMap with(PsbtField field, int version) throws PsbtException {
        FieldType<?, ?> type = table.get(field.type());
        if (type != null) {
            check(type, field, version);
        }
        return with(field.key(), field.value());
    }

    /// A new key stands before the first one that is greater: where they are sorted they stay so.
    private PsbtMap with(Bytes key, Bytes value) {
        Map<Bytes, Bytes> changed = new LinkedHashMap<>();
        boolean isIn = values.containsKey(key);
        for (var entry : values.entrySet()) {
            if (!isIn && entry.getKey().compareTo(key) > 0) {
                changed.put(key, value);
                isIn = true;
            }
            changed.put(entry.getKey(), entry.getValue());
        }
        changed.put(key, value);
        return new PsbtMap(table, Collections.unmodifiableMap(changed));
    }

    /// Only the fields whose type is in the table and passes, and with them all others.
    PsbtMap keeping(Predicate<FieldType<?, ?>> kept) {
        Map<Bytes, Bytes> rest = new LinkedHashMap<>();
        for (var entry : values.entrySet()) {
            FieldType<?, ?> type = table.get(checkedField(entry).type());
            if (type == null || kept.test(type)) {
                rest.put(entry.getKey(), entry.getValue());
            }
        }
        return new PsbtMap(table, Collections.unmodifiableMap(rest));
    }

    PsbtMap without(Collection<FieldType<?, ?>> types) {
        return keeping(type -> !types.contains(type));
    }

    /// All fields of both, sorted by their keys.
    ///
    /// @throws PsbtException CONFLICT if both have a key with different values
    PsbtMap union(PsbtMap other) throws PsbtException {
        Map<Bytes, Bytes> sorted = new TreeMap<>(values);
        for (var entry : other.values.entrySet()) {
            @Nullable Bytes ours = sorted.putIfAbsent(entry.getKey(), entry.getValue());
            if (ours != null && !ours.equals(entry.getValue())) {
                throw new PsbtException(
                        PsbtException.Code.CONFLICT, "two values of " + name(entry));
            }
        }
        return new PsbtMap(table, Collections.unmodifiableMap(new LinkedHashMap<>(sorted)));
    }

    private String name(Map.Entry<Bytes, Bytes> entry) {
        FieldType<?, ?> type = table.get(checkedField(entry).type());
        return type == null ? "key " + start(entry.getKey()) : type.name();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PsbtMap map && fields().equals(map.fields());
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }
}
