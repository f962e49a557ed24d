package org.tutti.app.architecture.planted.b;

import org.tutti.app.architecture.planted.a.First;

import java.util.Optional;

/// The other half.
public record Second(Optional<First> first) {
    /// Uses the other package.
    public First another() {
        return new First(this);
    }
}
