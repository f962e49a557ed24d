package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.signing.session.DropReason;

import java.io.Serial;

/// A hello for a group that this node is not in: of a member that is in other groups too, or one
/// whose configuration differs.
public final class OtherGroupException extends WireException {
    @Serial private static final long serialVersionUID = 1L;

    private final transient Bytes group;

    OtherGroupException(Bytes group) {
        super(DropReason.WRONG_GROUP, "a hello for group " + group);
        this.group = group;
    }

    /// Id of that group, 32 bytes.
    public Bytes group() {
        return group;
    }
}
