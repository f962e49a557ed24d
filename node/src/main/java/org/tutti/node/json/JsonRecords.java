package org.tutti.node.json;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Records as JSON objects and back: the names of the components are the names of the fields, in
/// their order, so that each name is written once.
///
/// A component is a String, long, int, double, boolean, enum, another record, or a List or Optional
/// of these. The constant `GIVEN_UP` of an enum is `"given-up"`. An empty Optional is written as
/// null, unless it is [JsonOmitted]; read, null and an absent field are the same. A nested record
/// is an object, unless it is [JsonInlined].
public final class JsonRecords {
    private JsonRecords() {}

    /// The fields of the object, for [JsonLine#write].
    public static Map<String, @Nullable Object> fields(Record value) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        for (RecordComponent component : value.getClass().getRecordComponents()) {
            Object content = content(component, value);
            if (component.isAnnotationPresent(JsonInlined.class)) {
                fields.putAll(fields((Record) content));
            } else if (!(component.isAnnotationPresent(JsonOmitted.class)
                    && content.equals(Optional.empty()))) {
                fields.put(component.getName(), json(content));
            }
        }
        return fields;
    }

    private static @Nullable Object json(Object content) {
        return switch (content) {
            case Record nested -> fields(nested);
            case Enum<?> constant -> name(constant);
            case List<?> list -> list.stream().map(JsonRecords::json).toList();
            case Optional<?> optional -> optional.map(JsonRecords::json).orElse(null);
            default -> content;
        };
    }

    /// What the constant is called in JSON.
    public static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Object content(RecordComponent component, Record value) {
        try {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(value);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The record with these fields.
    ///
    /// @throws JsonLineException if a field is missing, has the wrong type, or is not one of the
    ///   record's; or if the record does not accept the values
    public static <T extends Record> T read(Class<T> type, JsonObject object)
            throws JsonLineException {
        Set<String> known = names(type);
        for (String name : object.fields().keySet()) {
            if (!known.contains(name)) {
                throw new JsonLineException(
                        name
                                + ": unknown field; "
                                + (known.isEmpty()
                                        ? "none is known here"
                                        : "known here: " + String.join(", ", known)));
            }
        }
        return readKnown(type, object);
    }

    /// The same for an answer, where fields that the record does not have are from a newer program
    /// and are ignored.
    public static <T extends Record> T readKnown(Class<T> type, JsonObject object)
            throws JsonLineException {
        return type.cast(record(type, object.fields(), ""));
    }

    private static Set<String> names(Class<?> type) {
        Set<String> names = new LinkedHashSet<>();
        for (RecordComponent component : type.getRecordComponents()) {
            if (component.isAnnotationPresent(JsonInlined.class)) {
                names.addAll(names(component.getType()));
            } else {
                names.add(component.getName());
            }
        }
        return names;
    }

    /// @param prefix of the fields' names in messages, such as `coins[0].`
    private static Object record(Class<?> type, Map<?, ?> fields, String prefix)
            throws JsonLineException {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            RecordComponent component = components[i];
            types[i] = component.getType();
            values[i] =
                    component.isAnnotationPresent(JsonInlined.class)
                            ? record(component.getType(), fields, prefix)
                            : value(
                                    component.getGenericType(),
                                    fields.get(component.getName()),
                                    prefix + component.getName());
        }
        try {
            Constructor<?> canonical = type.getDeclaredConstructor(types);
            canonical.setAccessible(true);
            return canonical.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw new JsonLineException(String.valueOf(refused.getMessage()));
            }
            throw new IllegalStateException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object value(Type type, @Nullable Object json, String name)
            throws JsonLineException {
        if (type instanceof ParameterizedType generic) {
            Type content = generic.getActualTypeArguments()[0];
            return generic.getRawType() == Optional.class
                    ? optional(content, json, name)
                    : list(content, json, name);
        }
        if (type == String.class) {
            return json instanceof String ? json : refuse(name, "a string");
        }
        if (type == long.class || type == Long.class) {
            return json instanceof Long ? json : refuse(name, "an integer");
        }
        if (type == int.class || type == Integer.class) {
            return json instanceof Long number && number == number.intValue()
                    ? number.intValue()
                    : refuse(name, "an integer");
        }
        if (type == double.class || type == Double.class) {
            return json instanceof Number number ? number.doubleValue() : refuse(name, "a number");
        }
        if (type == boolean.class || type == Boolean.class) {
            return json instanceof Boolean ? json : refuse(name, "true or false");
        }
        if (type instanceof Class<?> constants && constants.isEnum()) {
            for (Object constant : constants.getEnumConstants()) {
                if (name((Enum<?>) constant).equals(json)) {
                    return constant;
                }
            }
            return refuse(name, "one of " + names(constants.getEnumConstants()));
        }
        if (type instanceof Class<?> nested && nested.isRecord()) {
            return json instanceof Map<?, ?> fields
                    ? record(nested, fields, name + ".")
                    : refuse(name, "an object");
        }
        throw new IllegalStateException(name + ": " + type + " has no form in JSON");
    }

    private static String names(Object[] constants) {
        return Arrays.stream(constants)
                .map(constant -> name((Enum<?>) constant))
                .collect(Collectors.joining(", "));
    }

    private static Optional<?> optional(Type content, @Nullable Object json, String name)
            throws JsonLineException {
        return json == null ? Optional.empty() : Optional.of(value(content, json, name));
    }

    private static Object list(Type content, @Nullable Object json, String name)
            throws JsonLineException {
        if (!(json instanceof List<?> list)) {
            return refuse(name, "an array");
        }
        List<Object> values = new ArrayList<>();
        for (Object entry : list) {
            values.add(value(content, entry, name + "[" + values.size() + "]"));
        }
        return List.copyOf(values);
    }

    private static Object refuse(String name, String wanted) throws JsonLineException {
        throw new JsonLineException(name + ": " + wanted + " is needed");
    }
}
