package org.tutti.node.files;

/// A path cannot be used with this locale: it would be another one ([PathEncoding]). The
/// surroundings are to blame, so it is no error of the configuration that the path may stand in.
public final class InexactPathException extends RuntimeException {

    private final String reason;

    /// @param reason one line for people
    public InexactPathException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /// One line for people.
    public String reason() {
        return reason;
    }
}
