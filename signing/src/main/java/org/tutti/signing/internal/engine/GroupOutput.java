package org.tutti.signing.internal.engine;

/// An output, and whose engine's it is.
public record GroupOutput(GroupEngine from, EngineOutput output) {
    void perform() {
        from.perform(output);
    }
}
