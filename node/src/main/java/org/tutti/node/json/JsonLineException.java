package org.tutti.node.json;

/// A line that is not JSON, or not the JSON object that is expected; the message says why.
public final class JsonLineException extends Exception {
    public JsonLineException(String message) {
        super(message);
    }

    /// Never null, unlike the message of a Throwable.
    public String reason() {
        return String.valueOf(getMessage());
    }
}
