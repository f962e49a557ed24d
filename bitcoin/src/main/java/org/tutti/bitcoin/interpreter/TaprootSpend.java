package org.tutti.bitcoin.interpreter;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.util.Optional;

/// The Schnorr signatures of one Taproot input (BIP341, BIP342; Bitcoin Core
/// `CheckSchnorrSignature`). Not thread-safe.
final class TaprootSpend {
    private final TaprootSighash.Input sighash;

    TaprootSpend(TaprootSighash.Input sighash) {
        this.sighash = sighash;
    }

    /// Checks a signature by the output key.
    void checkKeyPath(byte[] signature, byte[] outputKey) throws ScriptException {
        SighashType type = type(signature);
        verify(signature, outputKey, sighash.keyPath(type));
    }

    /// Checks a signature by a key of 32 bytes in a script.
    void checkScriptPath(byte[] signature, byte[] key, Bytes leafHash, long codeSeparator)
            throws ScriptException {
        SighashType type = type(signature);
        verify(signature, key, sighash.scriptPath(type, leafHash, codeSeparator));
    }

    private SighashType type(byte[] signature) throws ScriptException {
        if (signature.length == SchnorrSignature.BYTES) {
            return SighashType.DEFAULT;
        }
        if (signature.length != SchnorrSignature.BYTES + 1) {
            throw new ScriptException(ScriptError.SCHNORR_SIG_SIZE);
        }
        int value = signature[SchnorrSignature.BYTES] & 0xff;
        // BIP341: a signature of 65 bytes that ends with zero would be another way to write one of
        // 64.
        Optional<SighashType> type =
                SighashType.of(value)
                        .filter(t -> t != SighashType.DEFAULT)
                        .filter(sighash::canSign);
        return type.orElseThrow(() -> new ScriptException(ScriptError.SCHNORR_SIG_HASHTYPE));
    }

    private static void verify(byte[] signature, byte[] key, Bytes hash) throws ScriptException {
        Bytes sixtyFour = Bytes.of(signature, 0, SchnorrSignature.BYTES);
        try {
            XOnlyPublicKey parsed = XOnlyPublicKey.parse(Bytes.of(key));
            if (Schnorr.verify(parsed, hash.toArray(), new SchnorrSignature(sixtyFour))) {
                return;
            }
        } catch (KeyException e) {
            // A key that is no point signs nothing.
        }
        throw new ScriptException(ScriptError.SCHNORR_SIG);
    }
}
