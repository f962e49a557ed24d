package org.tutti.bitcoin.interpreter;

/// Decides on the signatures of one script: those of OP_CHECKSIG and its kin, and the single ones
/// of OP_CHECKMULTISIG. Not thread-safe.
sealed interface SignatureCheck permits EcdsaCheck, TapscriptCheck {
    /// Whether the signature is valid; false where the script goes on with that (Bitcoin Core
    /// `EvalChecksig`).
    ///
    /// @throws ScriptException where the script fails at once
    boolean check(byte[] signature, byte[] publicKey) throws ScriptException;

    /// Hears of an OP_CODESEPARATOR that was run.
    ///
    /// @param next where the next instruction starts, in bytes
    /// @param opcodePosition how many instructions came before, run or not
    void separateCode(int next, long opcodePosition);
}
