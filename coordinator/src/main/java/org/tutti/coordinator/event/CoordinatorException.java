package org.tutti.coordinator.event;

/// A command that cannot be obeyed. Nothing was changed.
public final class CoordinatorException extends Exception {
    private static final long serialVersionUID = 1;

    /// Why.
    public enum Code {
        /// No such request is here, or it is over.
        NO_SUCH_REQUEST,
        /// No such proposal of a group is here, or it is over.
        NO_SUCH_PROPOSAL,
        /// It does not wait for this node's decision, or for this step.
        NOT_WAITING,
        /// This node did not make it.
        NOT_OURS,
        /// The limits have no room for another.
        BUSY,
        /// It breaks a limit or names keys wrongly.
        INVALID
    }

    private final Code code;

    public CoordinatorException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
