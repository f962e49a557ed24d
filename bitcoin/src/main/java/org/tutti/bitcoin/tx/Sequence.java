package org.tutti.bitcoin.tx;

import java.time.Duration;
import java.util.Optional;

/// The sequence number of an input: whether the transaction may be replaced (BIP125), whether its
/// lock time counts, and how old the spent output must be (BIP68).
///
/// @param value 0 to 2^32 - 1
public record Sequence(long value) {
    /// Not replaceable, no relative lock, and the lock time does not count.
    public static final Sequence FINAL = new Sequence(0xffff_ffffL);

    /// Not replaceable and no relative lock, and the lock time counts.
    public static final Sequence LOCK_TIME = new Sequence(0xffff_fffeL);

    /// Replaceable (BIP125) and no relative lock, and the lock time counts.
    public static final Sequence REPLACEABLE = new Sequence(0xffff_fffdL);

    /// Replaceable, with a relative lock of no blocks.
    public static final Sequence ZERO = new Sequence(0);

    /// BIP68: "If bit (1 << 31) of the sequence number is set, then no consensus meaning is
    /// applied".
    private static final long DISABLED = 1L << 31;

    /// BIP68: set where the lock counts time in units of 512 seconds, not blocks.
    private static final long COUNTS_TIME = 1L << 22;

    private static final long LOCK_VALUE = 0xffff;
    private static final long SECONDS_PER_UNIT = 512;

    /// How old the spent output must be (BIP68).
    public sealed interface RelativeLock {
        /// At least so many blocks.
        ///
        /// @param count 0 to 65,535
        record Blocks(int count) implements RelativeLock {}

        /// At least so long, by median times past.
        ///
        /// @param time 0 to 65,535 times 512 seconds
        record Time(Duration time) implements RelativeLock {}
    }

    /// @throws IllegalArgumentException if the value does not fit 32 bits
    public Sequence {
        if (value < 0 || value > 0xffff_ffffL) {
            throw new IllegalArgumentException("not a sequence number: " + value);
        }
    }

    /// The sequence number of this value; nearly all inputs share four objects.
    ///
    /// @throws IllegalArgumentException if the value does not fit 32 bits
    public static Sequence of(long value) {
        if (value == FINAL.value) {
            return FINAL;
        }
        if (value == REPLACEABLE.value) {
            return REPLACEABLE;
        }
        if (value == LOCK_TIME.value) {
            return LOCK_TIME;
        }
        return value == 0 ? ZERO : new Sequence(value);
    }

    /// Whether the transaction's lock time does not count for this input. Where that holds for all
    /// inputs, the transaction is final at once.
    public boolean isFinal() {
        return value == FINAL.value;
    }

    /// Whether the input announces that the transaction may be replaced (BIP125).
    public boolean signalsReplacement() {
        return value < LOCK_TIME.value;
    }

    /// How old the spent output must be, in a transaction of version 2 or higher; nothing where it
    /// may be of any age.
    public Optional<RelativeLock> relativeLock() {
        if ((value & DISABLED) != 0) {
            return Optional.empty();
        }
        long lock = value & LOCK_VALUE;
        return Optional.of(
                (value & COUNTS_TIME) == 0
                        ? new RelativeLock.Blocks((int) lock)
                        : new RelativeLock.Time(Duration.ofSeconds(lock * SECONDS_PER_UNIT)));
    }

    /// The number in decimal.
    @Override
    public String toString() {
        return Long.toString(value);
    }
}
