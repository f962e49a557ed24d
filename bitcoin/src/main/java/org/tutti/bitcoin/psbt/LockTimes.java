package org.tutti.bitcoin.psbt;

import org.tutti.bitcoin.tx.LockTime;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// BIP370, "Determining Lock Time".
final class LockTimes {
    private LockTimes() {}

    /// @throws PsbtException NO_LOCK_TIME if one input wants a height only, and another a time only
    static LockTime determine(List<PsbtInput> inputs, LockTime fallback) throws PsbtException {
        // "looking at all of the inputs which specify a locktime in either of those fields"
        List<PsbtInput> asking = inputs.stream().filter(LockTimes::asks).toList();
        if (asking.isEmpty()) {
            return fallback;
        }
        // "choosing the field which is present in all of those inputs"; where both are, "locktime
        // determined by looking at the PSBT_IN_REQUIRED_HEIGHT_LOCKTIME fields … must be chosen".
        return ofAll(asking, PsbtInput::requiredHeight)
                .or(() -> ofAll(asking, PsbtInput::requiredTime))
                .orElseThrow(() ->
                        new PsbtException(
                                PsbtException.Code.NO_LOCK_TIME,
                                "one input needs a height as lock time, another a time"));
    }

    private static boolean asks(PsbtInput input) {
        return input.requiredHeight().isPresent() || input.requiredTime().isPresent();
    }

    /// "The lock time chosen is then the maximum value of the chosen type of lock time."
    private static Optional<LockTime> ofAll(
            List<PsbtInput> inputs, Function<PsbtInput, Optional<LockTime>> required) {
        long most = 0;
        for (PsbtInput input : inputs) {
            Optional<LockTime> wanted = required.apply(input);
            if (wanted.isEmpty()) {
                return Optional.empty();
            }
            most = Math.max(most, wanted.get().value());
        }
        return Optional.of(LockTime.of(most));
    }
}
