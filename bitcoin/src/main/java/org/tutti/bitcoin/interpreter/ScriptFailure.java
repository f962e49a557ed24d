package org.tutti.bitcoin.interpreter;

/// That an input does not satisfy the output it spends.
///
/// @param inputIndex which input
/// @param reason for people; the interpreter's words
public record ScriptFailure(int inputIndex, String reason) {}
