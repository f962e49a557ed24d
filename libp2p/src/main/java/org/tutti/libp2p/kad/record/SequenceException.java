package org.tutti.libp2p.kad.record;

import java.io.IOException;

/// The clock went back: what would be made now would count less than what was made before, or be
/// refused as made in the future.
public final class SequenceException extends IOException {
    private static final long serialVersionUID = 1;

    public SequenceException(String message) {
        super(message);
    }
}
