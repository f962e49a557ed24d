package org.tutti.signing.group;

/// An invalid group: the configuration is wrong; no peer misbehaved.
public final class GroupException extends Exception {
    private static final long serialVersionUID = 1;

    /// What is wrong with the group.
    public enum Code {
        TOO_FEW_MEMBERS,
        TOO_MANY_MEMBERS,
        DUPLICATE_SIGNING_KEY,
        DUPLICATE_PEER_ID
    }

    private final Code code;

    public GroupException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
