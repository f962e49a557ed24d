package org.tutti.bitcoin.interpreter;

import org.tutti.musig.ecdsa.Ecdsa;

import java.util.Arrays;

/// How ECDSA signatures and their keys may be written (Bitcoin Core `CheckSignatureEncoding`,
/// `CheckPubKeyEncoding`): which rules hold depends on the flags; none of them looks at whether the
/// signature is valid.
final class SignatureEncoding {
    private static final int COMPRESSED_BYTES = 33;
    private static final int UNCOMPRESSED_BYTES = 65;
    private static final int INTEGER = 0x02;

    private SignatureEncoding() {}

    /// @param signature with the hash type behind it; without any byte it is one that fails
    static void check(byte[] signature, Rules rules) throws ScriptException {
        if (signature.length == 0) {
            return;
        }
        if (rules.strictDer() && !isValidDer(signature)) {
            throw new ScriptException(ScriptError.SIG_DER);
        }
        if (rules.has(ScriptFlag.LOW_S) && !Ecdsa.hasLowS(withoutHashType(signature))) {
            throw new ScriptException(ScriptError.SIG_HIGH_S);
        }
        if (rules.has(ScriptFlag.STRICTENC) && !hasDefinedHashType(signature)) {
            throw new ScriptException(ScriptError.SIG_HASHTYPE);
        }
    }

    static void checkKey(byte[] publicKey, Rules rules, SignatureVersion version)
            throws ScriptException {
        if (rules.has(ScriptFlag.STRICTENC) && !isCompressedOrUncompressed(publicKey)) {
            throw new ScriptException(ScriptError.PUBKEYTYPE);
        }
        if (rules.has(ScriptFlag.WITNESS_PUBKEYTYPE)
                && version == SignatureVersion.WITNESS_V0
                && !isCompressed(publicKey)) {
            throw new ScriptException(ScriptError.WITNESS_PUBKEYTYPE);
        }
    }

    static byte[] withoutHashType(byte[] signature) {
        return Arrays.copyOf(signature, signature.length - 1);
    }

    private static boolean hasDefinedHashType(byte[] signature) {
        int type = signature[signature.length - 1] & 0xff & ~EcdsaSighash.ANYONE_CAN_PAY;
        return type >= EcdsaSighash.ALL && type <= EcdsaSighash.SINGLE;
    }

    private static boolean isCompressedOrUncompressed(byte[] key) {
        return isCompressed(key) || (key.length == UNCOMPRESSED_BYTES && key[0] == 4);
    }

    private static boolean isCompressed(byte[] key) {
        return key.length == COMPRESSED_BYTES && (key[0] == 2 || key[0] == 3);
    }

    /// BIP66: `0x30 [total-length] 0x02 [R-length] [R] 0x02 [S-length] [S] [sighash]`, 9 to 73
    /// bytes, where both integers are positive and as short as they can be.
    static boolean isValidDer(byte[] signature) {
        int size = signature.length;
        if (size < 9 || size > 73 || signature[0] != 0x30 || (signature[1] & 0xff) != size - 3) {
            return false;
        }
        int lengthR = signature[3] & 0xff;
        if (5 + lengthR >= size) {
            return false;
        }
        int lengthS = signature[5 + lengthR] & 0xff;
        return lengthR + lengthS + 7 == size
                && isPositiveInteger(signature, 2, lengthR)
                && isPositiveInteger(signature, 4 + lengthR, lengthS);
    }

    /// @param at where the tag stands; its length and its bytes follow
    private static boolean isPositiveInteger(byte[] signature, int at, int length) {
        int first = at + 2;
        return signature[at] == INTEGER
                && length > 0
                && signature[first] >= 0
                && (length == 1 || signature[first] != 0 || signature[first + 1] < 0);
    }
}
