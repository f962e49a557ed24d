package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.units.Sat;
import org.tutti.wallet.policy.ClockReading;
import org.tutti.wallet.policy.DailySpending;
import org.tutti.wallet.policy.TestSpending;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The day's limit of one node of a simulated world, with the file that its processes have, and
/// what must be true of it: by the time that really passes, whatever the node's clocks say, never
/// more is signed in a day.
final class DayLimit {
    /// Two or three payments.
    static final long LIMIT = 100_000;

    /// What is signed may have been approved half an hour earlier, and an hour is room enough.
    private static final Duration DAY = Duration.ofHours(23);

    /// @param payment of which it is a version: at most one of all can be mined
    private record Signed(Instant at, Object payment, long sat) {}

    private final WorldNode node;
    private @Nullable Path file;
    private final Map<Bytes, Signed> signed = new HashMap<>();

    /// @param file null without a limit
    DayLimit(WorldNode node, @Nullable Path file) {
        this.node = node;
        this.file = file;
    }

    /// For one process.
    DailySpending open() {
        Path path = file;
        return path == null
                ? DailySpending.unlimited()
                : TestSpending.open(
                        path,
                        Sat.of(LIMIT),
                        () ->
                                new ClockReading(
                                        node.time().wall(),
                                        node.time().boot().toNanos(),
                                        Instant.MIN));
    }

    /// From the next process on there is none.
    void lift() {
        file = null;
    }

    /// The most that a version of each payment takes.
    private Map<Object, Long> most(Predicate<Signed> which) {
        return signed.values().stream()
                .filter(which)
                .collect(Collectors.toMap(Signed::payment, Signed::sat, Math::max));
    }

    /// Partial signatures for this transaction leave, perhaps not for the first time.
    ///
    /// @param payment of which it is a version
    void require(WorldNode by, Bytes transaction, Object payment, long outflow) {
        if (file == null) {
            return;
        }
        Instant now = by.world.now;
        signed.putIfAbsent(transaction, new Signed(now, payment, outflow));
        long today =
                most(each -> true).entrySet().stream()
                        .mapToLong(each ->
                                each.getValue()
                                        - most(before -> !before.at.plus(DAY).isAfter(now))
                                                .getOrDefault(each.getKey(), 0L))
                        .sum();
        if (today > LIMIT) {
            throw new AssertionError(by + " signed " + today + " sat in a day");
        }
        if (signed.values().stream().map(Signed::payment).distinct().count() < signed.size()) {
            by.world.counts.count("signed under a day's limit, another version");
        }
        by.world.counts.count(
                today > LIMIT / 2
                        ? "signed under a day's limit that is half used up"
                        : "signed under a day's limit");
    }
}
