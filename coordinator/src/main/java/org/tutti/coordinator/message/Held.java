package org.tutti.coordinator.message;

import org.tutti.base.Bytes;

/// A member holds all seals of a descriptor, on disk. From then on it waits for the others,
/// whatever is said: one of them may have formed the group already.
///
/// @param descriptor its id, 32 bytes
public record Held(Header header, Bytes descriptor, Bytes envelope) implements Statement {
    public Held {
        descriptor.requireLength(32, "descriptor id");
    }
}
