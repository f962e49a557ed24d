package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.psbt.PsbtException.Code;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.SighashType;
import org.tutti.bitcoin.tx.TaprootSighash;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.schnorr.Schnorr;

import java.util.List;

/// BIP174, "Input Finalizer", for the key path of Taproot: "For each input, the Input Finalizer
/// determines if the input has enough data to pass validation."
final class Finalizer {
    private final Psbt psbt;
    private final TaprootSighash sighash;

    private Finalizer(Psbt psbt, TaprootSighash sighash) {
        this.psbt = psbt;
        this.sighash = sighash;
    }

    static Finalizer of(Psbt psbt) throws PsbtException {
        return new Finalizer(psbt, psbt.taprootSighash());
    }

    PsbtInput finalised(int index) throws PsbtException {
        PsbtInput input = psbt.inputs().get(index);
        if (input.isFinal()) {
            return input;
        }
        Script script = input.prevout().map(TxOut::scriptPubKey).orElseThrow();
        if (!script.isP2tr()) {
            throw refusal(Code.NOT_TAPROOT, index, "spends no Taproot output");
        }
        TaprootSignature signature =
                input.tapKeySig()
                        .orElseThrow(() ->
                                refusal(
                                        Code.NOT_SIGNED,
                                        index,
                                        "has no signature for the key path"));
        requireType(index, input, signature.type());
        Bytes signed = Psbt.sighash(sighash, index, signature.type());
        if (!verifies(script.witnessProgram(), signed, signature)) {
            throw refusal(Code.BAD_SIGNATURE, index, "the signature is not valid");
        }
        return input.finalised(List.of(signature.bytes()));
    }

    /// BIP174: "If the input has a PSBT_IN_SIGHASH_TYPE field, the Input Finalizer must fail to
    /// finalize that input if any signature does not match the specified sighash type." Where it
    /// has none, nobody asked for a signature that leaves anything open.
    private static void requireType(int index, PsbtInput input, SighashType type)
            throws PsbtException {
        boolean fits =
                input.sighashTypeNumber().isPresent()
                        ? type == input.sighashType()
                        : type == SighashType.DEFAULT || type == SighashType.ALL;
        if (!fits) {
            throw refusal(
                    Code.OTHER_SIGHASH_TYPE,
                    index,
                    "signed with " + type + ", which nobody asked for");
        }
    }

    private static boolean verifies(Bytes outputKey, Bytes signed, TaprootSignature signature) {
        try {
            return Schnorr.verify(
                    XOnlyPublicKey.parse(outputKey), signed.toArray(), signature.signature());
        } catch (KeyException _) {
            // An output of which nobody has the key.
            return false;
        }
    }

    private static PsbtException refusal(Code code, int index, String what) {
        return new PsbtException(code, "input " + index + ": " + what);
    }
}
