package org.tutti.bitcoin.psbt;

/// How many fields one PSBT may still have. Not thread-safe: one reader, one budget.
final class FieldBudget {
    private int left = Psbt.MAX_FIELDS;

    void takeOne() throws PsbtException {
        if (left == 0) {
            throw new PsbtException(
                    PsbtException.Code.TOO_LARGE, "more than " + Psbt.MAX_FIELDS + " fields");
        }
        left--;
    }
}
