package org.tutti.node.control;

import org.jspecify.annotations.Nullable;
import org.tutti.node.json.JsonObject;

import java.util.Map;

/// Answers the commands of the control socket, each on a virtual thread of its own.
@FunctionalInterface
public interface ControlHandler {
    /// The answer's fields; `"ok":true` is put in front of them.
    ///
    /// @throws ControlException if it cannot be done; the client is told code and reason
    Map<String, @Nullable Object> handle(JsonObject request) throws ControlException;
}
