package org.tutti.bitcoin.psbt;

/// A PSBT is not one, or what was asked of it cannot be done with what is in it. Always the fault
/// of whoever made it, never ours.
public final class PsbtException extends Exception {
    /// What was wrong, for programs.
    public enum Code {
        /// Larger than the reader allows, or counts that the bytes cannot hold.
        TOO_LARGE,
        /// Text that is not base64 as RFC 4648 section 4 writes it.
        BAD_BASE64,
        /// Does not begin as a PSBT does.
        BAD_MAGIC,
        /// The bytes end before the PSBT does.
        TRUNCATED,
        /// Bytes are left after the last map.
        TRAILING_BYTES,
        /// A length or type in a longer form than it needs.
        NON_MINIMAL_SIZE,
        /// A version other than 0 and 2.
        UNKNOWN_VERSION,
        /// One map has a key twice.
        DUPLICATE_KEY,
        /// A field that the version demands is not there.
        MISSING_FIELD,
        /// A field that the version does not allow.
        FORBIDDEN_FIELD,
        /// The key of a field is not of the form that its type has.
        BAD_KEY,
        /// The value of a field is not of the form that its type has, or does not belong to its
        /// key.
        BAD_VALUE,
        /// The transaction whose output is spent has another id, no such output, or another one
        /// than the witness UTXO says.
        OTHER_PREVOUT,

        /// Inputs want a height and others a time: no lock time serves all.
        NO_LOCK_TIME,
        /// The output that an input spends is not told.
        MISSING_PREVOUT,
        /// A sighash type that Taproot does not have, or that has nothing to sign here.
        BAD_SIGHASH_TYPE,
        /// To be combined are PSBTs of two transactions.
        OTHER_TRANSACTION,
        /// To be combined are two values of one key.
        CONFLICT,
        /// To be finalised is an input that spends no Taproot output.
        NOT_TAPROOT,
        /// To be finalised is an input without signature for the key path.
        NOT_SIGNED,
        /// The signature has another sighash type than the input names.
        OTHER_SIGHASH_TYPE,
        /// The signature is not the output key's, or is for something else.
        BAD_SIGNATURE,
        /// To be extracted is a transaction of which an input is not final.
        NOT_FINAL
    }

    private final Code code;

    PsbtException(Code code, String message) {
        super(message);
        this.code = code;
    }

    PsbtException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /// The same, and in which map.
    PsbtException in(String place) {
        return new PsbtException(code, place + ": " + getMessage(), this);
    }

    public Code code() {
        return code;
    }
}
