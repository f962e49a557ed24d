package org.tutti.node.config;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// What signing keys are called wherever a person reads of them, and which key a name means.
/// Threads: any.
public final class ContactNames {
    private static final Pattern KEY = Pattern.compile("0[23][0-9a-fA-F]{64}");

    /// Digits of a key that has no name.
    private static final int SHORT = 12;

    private final Map<String, PublicKey> byName;
    private final Map<String, String> byKey = new HashMap<>();

    /// @param contacts keys by name
    public ContactNames(Map<String, PublicKey> contacts) {
        byName = Map.copyOf(contacts);
        byName.forEach((name, key) -> byKey.put(key.bytes().toHex(), name));
    }

    /// Whether a text has the form of a compressed key.
    public static boolean isKey(String text) {
        return KEY.matcher(text).matches();
    }

    /// The key that a text means.
    ///
    /// @param text a name, or 66 hex digits
    /// @throws IllegalArgumentException if it is neither
    public PublicKey key(String text) {
        PublicKey named = byName.get(text);
        if (named != null) {
            return named;
        }
        if (!isKey(text)) {
            throw new IllegalArgumentException(
                    text + ": neither a name in [requests.contacts] nor a key of 66 hex digits");
        }
        try {
            return PublicKey.parse(Bytes.fromHex(text));
        } catch (KeyException e) {
            throw new IllegalArgumentException(text + ": " + e.getMessage(), e);
        }
    }

    /// The name alone.
    ///
    /// @param key 66 hex digits
    public Optional<String> name(String key) {
        return Optional.ofNullable(byKey.get(key));
    }

    /// The name, or the beginning of the key.
    public String of(String key) {
        return name(key).orElse(key.length() <= SHORT ? key : key.substring(0, SHORT) + "…");
    }
}
