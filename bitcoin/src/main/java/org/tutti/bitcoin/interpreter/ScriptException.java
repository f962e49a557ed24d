package org.tutti.bitcoin.interpreter;

/// Ends the run of a script that fails. Scripts of strangers fail all the time, therefore it takes
/// no stack trace.
final class ScriptException extends Exception {
    private static final long serialVersionUID = 1;

    private final ScriptError error;

    ScriptException(ScriptError error) {
        super(error.text(), null, false, false);
        this.error = error;
    }

    ScriptError error() {
        return error;
    }
}
