package org.tutti.bitcoin.psbt;

import org.tutti.bitcoin.psbt.Fields.Global;
import org.tutti.bitcoin.tx.SighashType;

import java.util.Optional;

/// BIP370 `PSBT_GLOBAL_TX_MODIFIABLE`: what may still be changed.
///
/// @param flags the byte, with bits that mean nothing; absent is as good as 0
record Modifiable(Optional<Integer> flags) {
    private static final int INPUTS = 1;
    private static final int OUTPUTS = 1 << 1;
    private static final int SIGHASH_SINGLE = 1 << 2;

    static Modifiable of(PsbtMap global) {
        return new Modifiable(global.get(Global.TX_MODIFIABLE));
    }

    boolean inputs() {
        return has(INPUTS);
    }

    boolean outputs() {
        return has(OUTPUTS);
    }

    boolean sighashSingle() {
        return has(SIGHASH_SINGLE);
    }

    private boolean has(int flag) {
        return (flags.orElse(0) & flag) != 0;
    }

    /// BIP370, "Signer": what a signature of this type leaves. Where nothing may be changed anyway,
    /// nothing is said.
    Modifiable after(SighashType type) {
        return new Modifiable(flags.map(now -> after(now, type)));
    }

    private static int after(int now, SighashType type) {
        int left = now;
        // "If the Signer added a signature that does not use SIGHASH_ANYONECANPAY, the Input
        // Modifiable flag must be set to False."
        left &= (type.value() & 0x80) == 0 ? ~INPUTS : ~0;
        // "… does not use SIGHASH_NONE, the Outputs Modifiable flag must be set to False."
        left &= (type.value() & 3) != SighashType.NONE.value() ? ~OUTPUTS : ~0;
        // "… uses SIGHASH_SINGLE, the Has SIGHASH_SINGLE flag must be set to True."
        left |= (type.value() & 3) == SighashType.SINGLE.value() ? SIGHASH_SINGLE : 0;
        return left;
    }

    /// What both allow: who signed has taken something away, who did not has not heard of it.
    Modifiable and(Modifiable other) {
        if (flags.isEmpty() && other.flags.isEmpty()) {
            return this;
        }
        int ours = flags.orElse(0);
        int theirs = other.flags.orElse(0);
        return new Modifiable(Optional.of((ours & theirs) | ((ours | theirs) & SIGHASH_SINGLE)));
    }

    PsbtMap in(PsbtMap global) {
        return flags.map(byteOfFlags -> global.with(Global.TX_MODIFIABLE, byteOfFlags))
                .orElse(global);
    }
}
