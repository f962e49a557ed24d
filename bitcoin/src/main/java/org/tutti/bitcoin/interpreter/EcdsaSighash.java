package org.tutti.bitcoin.interpreter;

import java.security.MessageDigest;

/// What an ECDSA signature signs, up to its last four bytes.
sealed interface EcdsaSighash permits LegacySighash, WitnessV0Sighash {
    /// All outputs.
    int ALL = 1;

    /// No output.
    int NONE = 2;

    /// The output of the same index.
    int SINGLE = 3;

    /// One input, where the others may be any.
    int ANYONE_CAN_PAY = 0x80;

    /// A SHA-256 that has taken in everything but the hash type, which comes last.
    ///
    /// @param hashType all of its bits; what stands for none of the above counts as ALL
    MessageDigest started(int inputIndex, byte[] scriptCode, int hashType);

    /// Whether there is no such output for SINGLE: before segwit every signature then signs the
    /// number 1, which was a mistake once and is a rule since.
    boolean signsOne(int inputIndex, int hashType);

    static boolean isNone(int hashType) {
        return (hashType & 0x1f) == NONE;
    }

    static boolean isSingle(int hashType) {
        return (hashType & 0x1f) == SINGLE;
    }

    static boolean isAnyoneCanPay(int hashType) {
        return (hashType & ANYONE_CAN_PAY) != 0;
    }
}
