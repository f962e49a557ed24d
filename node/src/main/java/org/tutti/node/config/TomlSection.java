package org.tutti.node.config;

import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/// One table of a TOML file: every look-up knows its line in the file, and remembers its key, so
/// that [#refuseUnknown] can name the keys that were never looked up.
final class TomlSection {
    private final Path file;
    private final String path;
    private final int line;
    private final TomlTable table;
    private final Set<String> known = new HashSet<>();

    TomlSection(Path file, String path, int line, TomlTable table) {
        this.file = file;
        this.path = path;
        this.line = line;
        this.table = table;
    }

    String string(String key) throws ConfigException {
        return optionalString(key).orElseThrow(() -> missing(key));
    }

    Optional<String> optionalString(String key) throws ConfigException {
        return switch (value(key)) {
            case null -> Optional.empty();
            case String text -> Optional.of(text);
            default -> throw error(key, "text in quotes is needed");
        };
    }

    long integer(String key, long min, long max) throws ConfigException {
        OptionalLong value = optionalInteger(key, min, max);
        if (value.isEmpty()) {
            throw missing(key);
        }
        return value.getAsLong();
    }

    OptionalLong optionalInteger(String key, long min, long max) throws ConfigException {
        return switch (value(key)) {
            case null -> OptionalLong.empty();
            case Long number when number >= min && number <= max -> OptionalLong.of(number);
            case Long number -> throw error(key, number + " is not between " + min + " and " + max);
            default -> throw error(key, "a whole number is needed");
        };
    }

    /// Whether the key has a value of whatever kind.
    boolean isThere(String key) {
        return value(key) != null;
    }

    /// Whether the key has a whole number.
    boolean isNumber(String key) {
        return value(key) instanceof Long;
    }

    Optional<LocalDate> optionalDay(String key) throws ConfigException {
        return switch (value(key)) {
            case null -> Optional.empty();
            case LocalDate day -> Optional.of(day);
            default -> throw error(key, "a height or a day, as 2026-11-30, is needed");
        };
    }

    boolean flag(String key, boolean otherwise) throws ConfigException {
        return switch (value(key)) {
            case null -> otherwise;
            case Boolean flag -> flag;
            default -> throw error(key, "true or false is needed");
        };
    }

    /// The strings of an array, each read by `reader`; none where the key is absent.
    <T> List<T> list(String key, int max, Function<String, T> reader) throws ConfigException {
        List<T> out = new ArrayList<>();
        TomlArray array = array(key, max);
        if (array == null) {
            return out;
        }
        for (int i = 0; i < array.size(); i++) {
            int at = lineOf(array.inputPositionOf(i));
            if (!(array.get(i) instanceof String text)) {
                throw errorAt(at, key + "[" + i + "]", "text in quotes is needed");
            }
            out.add(parsed(at, key + "[" + i + "]", text, reader));
        }
        return out;
    }

    /// As `list`, where a single string may stand for an array of one.
    <T> List<T> oneOrMore(String key, int max, Function<String, T> reader) throws ConfigException {
        return value(key) instanceof String ? List.of(parsed(key, reader)) : list(key, max, reader);
    }

    /// The value of a key, read by `reader`, whose IllegalArgumentException becomes ours.
    <T> T parsed(String key, Function<String, T> reader) throws ConfigException {
        return parsed(lineOf(key), key, string(key), reader);
    }

    private <T> T parsed(int at, String key, String text, Function<String, T> reader)
            throws ConfigException {
        try {
            return reader.apply(text);
        } catch (IllegalArgumentException e) {
            throw errorAt(at, key, "\"" + shorten(text) + "\": " + e.getMessage());
        }
    }

    /// All keys of this table, whose values are strings that `reader` reads.
    <T> Map<String, T> map(int max, Function<String, T> reader) throws ConfigException {
        if (table.size() > max) {
            throw new ConfigException(file, line, path, "at most " + max + " entries");
        }
        Map<String, T> out = new HashMap<>();
        for (String key : table.keySet()) {
            out.put(key, parsed(key, reader));
        }
        return out;
    }

    /// The table below this one; an empty one where it is absent.
    TomlSection section(String key) throws ConfigException {
        return switch (value(key)) {
            case null -> new TomlSection(file, full(key), line, Toml.parse(""));
            case TomlTable inner -> new TomlSection(file, full(key), lineOf(key), inner);
            default -> throw error(key, "a table is needed: [" + full(key) + "]");
        };
    }

    /// The tables written as `[[key]]`.
    List<TomlSection> sections(String key, int max) throws ConfigException {
        List<TomlSection> out = new ArrayList<>();
        TomlArray array = array(key, max);
        if (array == null) {
            return out;
        }
        for (int i = 0; i < array.size(); i++) {
            int at = lineOf(array.inputPositionOf(i));
            if (!(array.get(i) instanceof TomlTable inner)) {
                throw errorAt(at, key, "tables are needed: [[" + full(key) + "]]");
            }
            out.add(new TomlSection(file, full(key) + "[" + i + "]", at, inner));
        }
        return out;
    }

    private @Nullable TomlArray array(String key, int max) throws ConfigException {
        return switch (value(key)) {
            case null -> null;
            case TomlArray array when array.size() <= max -> array;
            case TomlArray array ->
                    throw error(key, "at most " + max + " entries, not " + array.size());
            default -> throw error(key, "an array is needed");
        };
    }

    /// A misspelt key would otherwise leave a limit at its default silently.
    void refuseUnknown() throws ConfigException {
        for (String key : table.keySet()) {
            if (!known.contains(key)) {
                throw error(key, "unknown key; known here: " + String.join(", ", sorted()));
            }
        }
    }

    private List<String> sorted() {
        return known.stream().sorted().toList();
    }

    ConfigException error(String key, String reason) {
        return errorAt(lineOf(key), key, reason);
    }

    ConfigException missing(String key) {
        return new ConfigException(file, line, full(key), "missing");
    }

    private ConfigException errorAt(int at, String key, String reason) {
        return new ConfigException(file, at, full(key), reason);
    }

    private String full(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private @Nullable Object value(String key) {
        known.add(key);
        return table.get(List.of(key));
    }

    private int lineOf(String key) {
        return lineOf(table.inputPositionOf(List.of(key)));
    }

    private int lineOf(@Nullable TomlPosition position) {
        return position == null ? line : position.line();
    }

    private static String shorten(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }
}
