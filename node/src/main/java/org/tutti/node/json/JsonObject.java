package org.tutti.node.json;

import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A JSON object that was read: typed look-ups that say which field is wrong.
public record JsonObject(Map<String, @Nullable Object> fields) {
    public JsonObject {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /// @throws JsonLineException if it is absent or not a string
    public String string(String name) throws JsonLineException {
        if (fields.get(name) instanceof String text) {
            return text;
        }
        throw new JsonLineException(name + ": a string is needed");
    }

    /// @throws JsonLineException if it is absent or not an integer
    public long integer(String name) throws JsonLineException {
        if (fields.get(name) instanceof Long number) {
            return number;
        }
        throw new JsonLineException(name + ": an integer is needed");
    }

    /// The number of the field with or without a fraction; 0 if there is none.
    public double number(String name) {
        return fields.get(name) instanceof Number number ? number.doubleValue() : 0;
    }

    /// True only if the field is there and true.
    public boolean flag(String name) {
        return Boolean.TRUE.equals(fields.get(name));
    }

    public boolean has(String name) {
        return fields.get(name) != null;
    }

    /// The string, or empty where it is absent or something else.
    public Optional<String> text(String name) {
        return fields.get(name) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /// The strings of an array; none where the field is absent.
    public List<String> strings(String name) {
        return fields.get(name) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    /// The objects of an array; none where the field is absent.
    public List<JsonObject> objects(String name) {
        if (!(fields.get(name) instanceof List<?> list)) {
            return List.of();
        }
        return list.stream().filter(Map.class::isInstance).map(JsonObject::cast).toList();
    }

    /// The same object without one field.
    public JsonObject without(String name) {
        Map<String, @Nullable Object> rest = new LinkedHashMap<>(fields);
        rest.remove(name);
        return new JsonObject(rest);
    }

    /// The same object in one line.
    public String line() {
        return JsonLine.write(fields);
    }

    private static JsonObject cast(Object map) {
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        ((Map<?, ?>) map).forEach((name, value) -> out.put(String.valueOf(name), value));
        return new JsonObject(out);
    }
}
