package org.tutti.node.config;

import java.nio.file.Path;

/// A configuration file is wrong: `file:line: key: reason`.
public final class ConfigException extends Exception {
    private final String file;
    private final int line;
    private final String key;
    private final String reason;

    /// @param line from 1; 0 for the file as a whole
    /// @param key the key with its tables, as `policy.max_fee_sat`; empty for the file as a whole
    public ConfigException(Path file, int line, String key, String reason) {
        super(
                file
                        + (line > 0 ? ":" + line : "")
                        + ": "
                        + (key.isEmpty() ? "" : key + ": ")
                        + reason);
        this.file = file.toString();
        this.line = line;
        this.key = key;
        this.reason = reason;
    }

    public String file() {
        return file;
    }

    public int line() {
        return line;
    }

    public String key() {
        return key;
    }

    public String reason() {
        return reason;
    }

    /// The whole line for people.
    public String text() {
        return String.valueOf(getMessage());
    }
}
