package org.tutti.musig.vectors;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// The files of `vectors/`.
public final class Vectors {
    private Vectors() {}

    /// The text of a file; fails naming it when it is missing.
    public static String text(String file) {
        String root = Objects.requireNonNull(System.getProperty("tutti.vectors"), "tutti.vectors");
        Path path = Path.of(root).resolve(file);
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the vectors " + path, e);
        }
    }

    /// A JSON file.
    public static JsonNode json(String file) {
        return JsonMapper.shared().readTree(text(file));
    }

    /// The elements of an array.
    public static List<JsonNode> all(JsonNode array) {
        List<JsonNode> out = new ArrayList<>();
        array.forEach(out::add);
        return out;
    }

    /// The bytes of a hex string.
    public static Bytes bytes(JsonNode hex) {
        return Bytes.fromHex(hex.asString());
    }

    /// The bytes; empty for null and for a missing field.
    public static Optional<Bytes> maybe(@Nullable JsonNode hex) {
        return hex == null || hex.isNull() ? Optional.empty() : Optional.of(bytes(hex));
    }

    /// The elements of `pool` at the indices.
    public static List<Bytes> pick(JsonNode pool, JsonNode indices) {
        return all(indices).stream().map(i -> bytes(pool.get(i.asInt()))).toList();
    }

    /// The hex strings of an array.
    public static List<Bytes> list(JsonNode array) {
        return all(array).stream().map(Vectors::bytes).toList();
    }

    /// The arrays in the elements.
    public static List<byte[]> arrays(List<Bytes> list) {
        return list.stream().map(Bytes::toArray).toList();
    }
}
