package org.tutti.bitcoin.interpreter;

/// That an input does not satisfy the output it spends.
///
/// @param inputIndex which input
/// @param error why, as Bitcoin Core names it
public record ScriptFailure(int inputIndex, ScriptError error) {
    /// Why, for people: the name and what it means.
    public String reason() {
        return error + " (" + error.text() + ")";
    }

    @Override
    public String toString() {
        return "input " + inputIndex + ": " + reason();
    }
}
