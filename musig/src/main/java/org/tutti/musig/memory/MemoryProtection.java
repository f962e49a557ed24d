package org.tutti.musig.memory;

import java.util.Optional;

/// How far the system protects the memory that secrets lie in.
///
/// @param notLocked why it may be written to swap; empty if it is locked
/// @param inCoreFiles why it may be in a core file; empty if it is left out
public record MemoryProtection(Optional<String> notLocked, Optional<String> inCoreFiles) {
    /// Nothing is missing.
    public static final MemoryProtection FULL =
            new MemoryProtection(Optional.empty(), Optional.empty());

    /// What is missing in one or the other.
    public MemoryProtection and(MemoryProtection other) {
        return new MemoryProtection(
                notLocked.or(other::notLocked), inCoreFiles.or(other::inCoreFiles));
    }
}
