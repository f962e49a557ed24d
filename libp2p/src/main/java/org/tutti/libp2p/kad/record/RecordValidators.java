package org.tutti.libp2p.kad.record;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.base.PlainText;
import org.tutti.libp2p.kad.record.InvalidRecordException.Code;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The validators of a DHT, by namespace. A key of another namespace is refused. Immutable.
public final class RecordValidators {
    /// The longest key of a value, a bound of ours that leaves room for any namespace of ours and
    /// for `/pk/` with any peer id (go refuses provider keys over 80 bytes).
    public static final int MAX_KEY = 80;

    private static final int MAX_NAMESPACE = 32;

    private final Map<String, RecordValidator> byNamespace = new LinkedHashMap<>();

    /// @throws IllegalArgumentException if two are for one namespace, or a name is no namespace
    public RecordValidators(List<? extends RecordValidator> validators) {
        for (RecordValidator validator : validators) {
            requireNamespace(validator.namespace());
            if (byNamespace.putIfAbsent(validator.namespace(), validator) != null) {
                throw new IllegalArgumentException(
                        "two validators for the namespace " + validator.namespace());
            }
        }
    }

    /// One of `validators` for each namespace.
    public static RecordValidators of(RecordValidator... validators) {
        return new RecordValidators(List.of(validators));
    }

    public Set<String> namespaces() {
        return Set.copyOf(byNamespace.keySet());
    }

    /// @throws InvalidRecordException if there is none for the key's namespace, which it names, or
    ///   the value does not belong under the key
    public ValidRecord validate(Bytes key, Bytes value, Instant now) throws InvalidRecordException {
        return validatorOf(key).validate(key, value, now);
    }

    /// The index of the value that counts most.
    ///
    /// @param values at least one
    /// @throws InvalidRecordException if there is no validator for the key, or none of the values
    ///   is a record
    public int select(Bytes key, List<Bytes> values) throws InvalidRecordException {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("nothing to select from");
        }
        return validatorOf(key).select(key, values);
    }

    /// @throws InvalidRecordException if there is none for the key's namespace, which it names
    public RecordValidator validatorOf(Bytes key) throws InvalidRecordException {
        String namespace = namespaceOf(key);
        RecordValidator validator = byNamespace.get(namespace);
        if (validator == null) {
            throw new InvalidRecordException(
                    Code.UNKNOWN_NAMESPACE,
                    "no validator for the namespace " + namespace + ", only for " + namespaces());
        }
        return validator;
    }

    /// The namespace of `/NAMESPACE/…`.
    ///
    /// @throws InvalidRecordException if the key has another form
    public static String namespaceOf(Bytes key) throws InvalidRecordException {
        if (key.length() > MAX_KEY) {
            throw new InvalidRecordException(
                    Code.MALFORMED_KEY, "key of " + key.length() + " bytes, at most " + MAX_KEY);
        }
        int end = endOfNamespace(key);
        if (end < 0) {
            throw new InvalidRecordException(
                    Code.MALFORMED_KEY, "the key does not begin with /NAMESPACE/");
        }
        return new String(key.slice(1, end).toArray(), StandardCharsets.US_ASCII);
    }

    /// What follows `/NAMESPACE/`, or null if the key is not of that namespace.
    static @Nullable Bytes restOf(Bytes key, String namespace) {
        int end = endOfNamespace(key);
        Bytes name = Bytes.wrap(namespace.getBytes(StandardCharsets.US_ASCII));
        return end > 0 && key.slice(1, end).equals(name) ? key.slice(end + 1, key.length()) : null;
    }

    /// The key `/namespace/rest`.
    static Bytes keyOf(String namespace, Bytes rest) {
        String start = "/" + namespace + "/";
        return Bytes.concat(Bytes.wrap(start.getBytes(StandardCharsets.US_ASCII)), rest);
    }

    /// The index of the slash that ends the namespace; -1 if the key does not begin with one.
    private static int endOfNamespace(Bytes key) {
        if (key.isEmpty() || key.get(0) != '/') {
            return -1;
        }
        for (int i = 1; i < key.length() && i <= MAX_NAMESPACE + 1; i++) {
            if (key.get(i) == '/') {
                return i > 1 ? i : -1;
            }
            if (!isOfNamespace(key.get(i))) {
                return -1;
            }
        }
        return -1;
    }

    /// Letters and digits that a message can show as they are: the names come from strangers.
    private static boolean isOfNamespace(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }

    /// @throws IllegalArgumentException unless the name has 1 to 32 of `a`–`z`, `0`–`9`, `-`
    static String requireNamespace(String namespace) {
        if (namespace.isEmpty()
                || namespace.length() > MAX_NAMESPACE
                || !namespace.chars().allMatch(RecordValidators::isOfNamespace)) {
            throw new IllegalArgumentException(
                    "a namespace has 1 to 32 of a-z, 0-9 and -, not "
                            + PlainText.escape(namespace));
        }
        return namespace;
    }
}
