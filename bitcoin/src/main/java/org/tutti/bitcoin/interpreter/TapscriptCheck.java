package org.tutti.bitcoin.interpreter;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.tx.TaprootSighash;

/// The signatures of a leaf of a Taproot output (BIP342; Bitcoin Core `EvalChecksigTapscript`). Not
/// thread-safe.
final class TapscriptCheck implements SignatureCheck {
    /// BIP342: what each signature that is not empty takes from the budget.
    private static final long SIGNATURE_COST = 50;

    /// BIP342: "the budget is 50 + the total serialized size in bytes of the transaction input's
    /// witness".
    static final long FREE_BUDGET = 50;

    private static final int KEY_BYTES = 32;

    private final TaprootSpend spend;
    private final Bytes leafHash;
    private final Rules rules;
    private long budget;
    private long codeSeparator = TaprootSighash.NO_CODE_SEPARATOR;

    TapscriptCheck(TaprootSpend spend, Bytes leafHash, long witnessBytes, Rules rules) {
        this.spend = spend;
        this.leafHash = leafHash;
        this.rules = rules;
        budget = FREE_BUDGET + witnessBytes;
    }

    @Override
    public void separateCode(int next, long opcodePosition) {
        codeSeparator = opcodePosition;
    }

    @Override
    public boolean check(byte[] signature, byte[] publicKey) throws ScriptException {
        boolean signed = signature.length > 0;
        if (signed) {
            // Counted for keys of an unknown kind too.
            budget -= SIGNATURE_COST;
            if (budget < 0) {
                throw new ScriptException(ScriptError.TAPSCRIPT_VALIDATION_WEIGHT);
            }
        }
        if (publicKey.length == 0) {
            throw new ScriptException(ScriptError.TAPSCRIPT_EMPTY_PUBKEY);
        }
        if (publicKey.length == KEY_BYTES) {
            if (signed) {
                spend.checkScriptPath(signature, publicKey, leafHash, codeSeparator);
            }
        } else if (rules.has(ScriptFlag.DISCOURAGE_UPGRADABLE_PUBKEYTYPE)) {
            throw new ScriptException(ScriptError.DISCOURAGE_UPGRADABLE_PUBKEYTYPE);
        }
        return signed;
    }
}
