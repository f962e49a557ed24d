package org.tutti.bitcoin.interpreter;

import org.tutti.musig.ecdsa.Ecdsa;

import java.util.Arrays;
import java.util.List;

/// The signatures of a script before Taproot (Bitcoin Core `EvalChecksigPreTapscript`,
/// `CheckECDSASignature`, and OP_CHECKMULTISIG's use of them). Not thread-safe.
final class EcdsaCheck implements SignatureCheck {
    private final byte[] script;
    private final SignatureVersion version;
    private final Rules rules;
    private final SighashCache sighashes;

    /// The script from behind the last OP_CODESEPARATOR that was run.
    private byte[] scriptCode;

    EcdsaCheck(byte[] script, SignatureVersion version, Rules rules, SighashCache sighashes) {
        this.script = script;
        this.version = version;
        this.rules = rules;
        this.sighashes = sighashes;
        scriptCode = script;
    }

    @Override
    public void separateCode(int next, long opcodePosition) {
        scriptCode = Arrays.copyOfRange(script, next, script.length);
    }

    @Override
    public boolean check(byte[] signature, byte[] publicKey) throws ScriptException {
        byte[] signedCode = codeWithout(List.of(signature));
        boolean valid = check(signature, publicKey, signedCode);
        if (!valid && rules.has(ScriptFlag.NULLFAIL) && signature.length > 0) {
            throw new ScriptException(ScriptError.SIG_NULLFAIL);
        }
        return valid;
    }

    /// Whether the signatures are valid for some of the keys in the same order. Which pairs are
    /// tried shows where a key or a signature is badly written: as in Core, the first signature
    /// against one key after the other, and no further once there are too few keys left.
    boolean checkMulti(List<byte[]> signatures, List<byte[]> publicKeys) throws ScriptException {
        byte[] signedCode = codeWithout(signatures);
        int signature = 0;
        for (int key = 0; signature < signatures.size(); key++) {
            if (signatures.size() - signature > publicKeys.size() - key) {
                return false;
            }
            if (check(signatures.get(signature), publicKeys.get(key), signedCode)) {
                signature++;
            }
        }
        return true;
    }

    /// Before segwit, a signature cannot sign itself: it is taken out of the code that is signed.
    private byte[] codeWithout(List<byte[]> signatures) throws ScriptException {
        byte[] code = scriptCode;
        if (version == SignatureVersion.BASE) {
            for (byte[] signature : signatures) {
                byte[] shorter = ScriptEdits.delete(code, ScriptEdits.push(signature));
                if (shorter.length < code.length && rules.has(ScriptFlag.CONST_SCRIPTCODE)) {
                    throw new ScriptException(ScriptError.SIG_FINDANDDELETE);
                }
                code = shorter;
            }
        }
        return code;
    }

    private boolean check(byte[] signature, byte[] publicKey, byte[] signedCode)
            throws ScriptException {
        SignatureEncoding.check(signature, rules);
        SignatureEncoding.checkKey(publicKey, rules, version);
        if (signature.length == 0 || !Ecdsa.hasKeyLength(publicKey)) {
            return false;
        }
        int hashType = signature[signature.length - 1] & 0xff;
        return Ecdsa.verify(
                publicKey,
                sighashes.hash(signedCode, hashType),
                SignatureEncoding.withoutHashType(signature));
    }
}
