package org.tutti.wallet.spend;

import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.bitcoin.units.Weight;

/// Outputs that cost more to spend than they are worth (Bitcoin Core `GetDustThreshold`, 3 sat/vB).
public final class Dust {
    private static final FeeRate RATE = FeeRate.satPerVirtualByte(3);

    /// Bytes of the input that would spend it: outpoint, script length, signature and key,
    /// sequence.
    private static final int SPENDING_INPUT = 32 + 4 + 1 + 107 + 4;

    /// The same with the signature at a quarter of its weight.
    private static final int SPENDING_WITNESS_INPUT = 32 + 4 + 1 + 107 / 4 + 4;

    private Dust() {}

    /// The least that an output with such a script may be worth: 330 sat for Taproot.
    public static Sat threshold(TxOut output) {
        if (output.scriptPubKey().isUnspendable()) {
            return Sat.ZERO;
        }
        int spending =
                output.scriptPubKey().isWitnessProgram() ? SPENDING_WITNESS_INPUT : SPENDING_INPUT;
        return RATE.feeFor(new Weight(4L * (output.size() + spending)));
    }

    public static boolean isDust(TxOut output) {
        return output.value().isLessThan(threshold(output));
    }
}
