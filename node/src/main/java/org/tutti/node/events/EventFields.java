package org.tutti.node.events;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A record as the fields of a JSON object, components in their order.
final class EventFields {
    private EventFields() {}

    /// `PeerConnected` is `peer-connected`.
    static String name(NodeEvent event) {
        return event.getClass()
                .getSimpleName()
                .replaceAll("(?<=.)([A-Z])", "-$1")
                .toLowerCase(Locale.ROOT);
    }

    static Map<String, @Nullable Object> of(Record event) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        for (RecordComponent component : event.getClass().getRecordComponents()) {
            fields.put(component.getName(), plain(valueOf(component, event)));
        }
        return fields;
    }

    private static @Nullable Object plain(@Nullable Object value) {
        return switch (value) {
            case Record nested -> of(nested);
            case List<?> list -> list.stream().map(EventFields::plain).toList();
            case Optional<?> optional -> optional.orElse(null);
            case null, default -> value;
        };
    }

    private static @Nullable Object valueOf(RecordComponent component, Record event) {
        try {
            return component.getAccessor().invoke(event);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
