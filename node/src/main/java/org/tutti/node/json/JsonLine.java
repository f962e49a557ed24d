package org.tutti.node.json;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One JSON object in one line.
///
/// Values are String, Long, BigDecimal (Double is written, too), Boolean, null, List and Map;
/// anything else is written as its `toString` (hex for [org.tutti.base.Bytes]).
public final class JsonLine {
    /// Longest line that is read, in characters: a status of a large group fits many times.
    public static final int MAX_CHARS = 4 * 1024 * 1024;

    /// Deepest nesting that is read.
    public static final int MAX_DEPTH = 16;

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MAX_DEPTH)
                                    .maxStringLength(MAX_CHARS)
                                    .maxDocumentLength(MAX_CHARS)
                                    .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    // What others wrote may be in it: nothing in a line acts on a terminal.
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .build();

    private JsonLine() {}

    /// The object in one line, without the line feed.
    public static String write(Map<String, ? extends @Nullable Object> object) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            value(json, object);
        }
        return out.toString();
    }

    /// @throws JsonLineException if it is not exactly one JSON object, or too long or too deep
    public static JsonObject parse(String line) throws JsonLineException {
        if (line.length() > MAX_CHARS) {
            throw new JsonLineException("more than " + MAX_CHARS + " characters");
        }
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), line)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new JsonLineException("not a JSON object");
            }
            Map<String, @Nullable Object> object = object(json);
            if (json.nextToken() != null) {
                throw new JsonLineException("something follows the JSON object");
            }
            return new JsonObject(object);
        } catch (JacksonException e) {
            throw new JsonLineException("not JSON: " + e.getOriginalMessage());
        }
    }

    private static void value(JsonGenerator json, @Nullable Object value) {
        switch (value) {
            case null -> json.writeNull();
            case Boolean b -> json.writeBoolean(b);
            case Integer n -> json.writeNumber(n);
            case Long n -> json.writeNumber(n);
            case Double n -> json.writeNumber(n);
            case BigDecimal n -> json.writeRawValue(n.toPlainString());
            case Map<?, ?> map -> {
                json.writeStartObject();
                map.forEach((name, inner) -> {
                    json.writeName(String.valueOf(name));
                    value(json, inner);
                });
                json.writeEndObject();
            }
            case List<?> list -> {
                json.writeStartArray();
                list.forEach(inner -> value(json, inner));
                json.writeEndArray();
            }
            default -> json.writeString(value.toString());
        }
    }

    private static Map<String, @Nullable Object> object(JsonParser json) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            object.put(name, read(json, json.nextToken()));
        }
        return object;
    }

    private static List<@Nullable Object> array(JsonParser json) {
        List<@Nullable Object> array = new ArrayList<>();
        for (JsonToken token = json.nextToken();
                token != JsonToken.END_ARRAY && token != null;
                token = json.nextToken()) {
            array.add(read(json, token));
        }
        return array;
    }

    private static @Nullable Object read(JsonParser json, @Nullable JsonToken token) {
        return switch (token) {
            case START_OBJECT -> object(json);
            case START_ARRAY -> array(json);
            case VALUE_STRING -> json.getString();
            case VALUE_NUMBER_INT -> json.getLongValue();
            case VALUE_NUMBER_FLOAT -> json.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case null, default -> null;
        };
    }
}
