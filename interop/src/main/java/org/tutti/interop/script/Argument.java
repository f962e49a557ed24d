package org.tutti.interop.script;

import org.tutti.base.Bytes;

/// An item that a script finds on the stack.
sealed interface Argument {
    /// These bytes.
    record Fixed(Bytes bytes) implements Argument {}

    /// A signature, made once the script is known.
    ///
    /// @param codeStart behind the last OP_CODESEPARATOR, in bytes
    /// @param separator its position in instructions, -1 if there is none
    /// @param hashType what is signed; it is written as the signature's last byte, unless 0 in
    ///   tapscript
    record Signature(Key key, int codeStart, long separator, int hashType, Writing writing)
            implements Argument {}

    /// How a signature is written down.
    enum Writing {
        PLAIN,
        /// No bytes.
        EMPTY,
        /// Of another message.
        WRONG,
        /// ECDSA: the other one of both s.
        HIGH_S,
        /// ECDSA: r is the order of the group, or more, or zero.
        R_OUT_OF_RANGE,
        /// ECDSA: a length takes more bytes than it needs.
        LONG_LENGTH,
        /// ECDSA: r has a zero in front.
        PADDED,
        /// ECDSA: r without the zero that keeps it positive.
        NEGATIVE,
        /// ECDSA: bytes behind s.
        TRAILING,
        /// ECDSA: cut off.
        TRUNCATED,
        /// Schnorr: a hash type of zero that is written.
        ZERO_TYPE,
        /// Schnorr: some other length.
        OTHER_SIZE,
        /// The hash type is another one than was signed, and none that is known.
        UNKNOWN_TYPE
    }
}
