package org.tutti.regtest;

import java.util.List;

/// One JSON object on one line, written field by field: too little to need a library.
final class Json {
    private final StringBuilder text = new StringBuilder("{");

    private Json() {}

    static Json event(String name) {
        return new Json().put("event", name);
    }

    Json put(String name, String value) {
        return field(name, quoted(value));
    }

    Json put(String name, long value) {
        return field(name, Long.toString(value));
    }

    Json put(String name, boolean value) {
        return field(name, Boolean.toString(value));
    }

    Json put(String name, List<String> values) {
        return field(
                name, "[" + String.join(",", values.stream().map(Json::quoted).toList()) + "]");
    }

    private Json field(String name, String value) {
        text.append(text.length() > 1 ? "," : "").append(quoted(name)).append(':').append(value);
        return this;
    }

    private static String quoted(String value) {
        StringBuilder out = new StringBuilder("\"");
        value.chars()
                .forEach(c -> {
                    if (c == '"' || c == '\\') {
                        out.append('\\').append((char) c);
                    } else if (c < 0x20) {
                        out.append(String.format("\\u%04x", c));
                    } else {
                        out.append((char) c);
                    }
                });
        return out.append('"').toString();
    }

    @Override
    public String toString() {
        return text + "}";
    }
}
