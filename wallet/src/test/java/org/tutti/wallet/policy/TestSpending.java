package org.tutti.wallet.policy;

import org.tutti.bitcoin.units.Sat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/// The real [DailySpending] for tests of other packages, with files that are not forced.
public final class TestSpending {
    private TestSpending() {}

    public static DailySpending open(Path path, Sat limit, Supplier<ClockReading> clocks) {
        try {
            return DailySpending.open(
                    path, limit, clocks, DailySpending.MAX_COUNTED, (_, _, _) -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
