package org.tutti.node.json;

/// A line that is not the JSON object it should be; the message says why.
public final class JsonLineException extends Exception {
    public JsonLineException(String message) {
        super(message);
    }

    /// Never null, unlike the message of a Throwable.
    public String reason() {
        return String.valueOf(getMessage());
    }
}
