package org.tutti.node.control;

import org.jspecify.annotations.Nullable;
import org.tutti.node.api.ApiException;
import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;

import java.util.Map;

/// Answers one line of the control socket.
@FunctionalInterface
interface ControlHandler {
    /// The answer's fields; `"ok":true` is put in front of them.
    ///
    /// @throws ApiException if it is not done; the client is told code and reason
    /// @throws JsonLineException if the object is not a request
    Map<String, @Nullable Object> handle(JsonObject request) throws ApiException, JsonLineException;
}
