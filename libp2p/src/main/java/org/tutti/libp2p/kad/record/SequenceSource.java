package org.tutti.libp2p.kad.record;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/// Gives each record of an author its sequence: the time in milliseconds since 1970, or one more
/// than the last where that is later. Each is on disk before anybody sees it.
///
/// An author whose disk is lost goes on with the time, and so above all that it used before, after
/// at most [#MAX_AHEAD].
///
/// Safe for threads: one at a time, each waiting for the disk.
public final class SequenceSource {
    /// How far a sequence may be ahead of the clock: less than what readers allow a clock, so that
    /// some of that is left for the clocks.
    public static final Duration MAX_AHEAD = Duration.ofMinutes(1);

    private final SequenceStorage storage;
    private long last;

    /// @throws IOException if the storage cannot be read
    public SequenceSource(SequenceStorage storage) throws IOException {
        this.storage = storage;
        this.last = storage.load();
    }

    /// The next sequence, on disk.
    ///
    /// @throws SequenceException if the clock is more than a minute behind the last one
    /// @throws IOException if it cannot be written; then nothing was given
    public synchronized long next(Instant now) throws IOException {
        long millis = now.toEpochMilli();
        long next = Math.max(millis, last + 1);
        if (next - millis > MAX_AHEAD.toMillis()) {
            throw new SequenceException(
                    "the last record was made at "
                            + Instant.ofEpochMilli(last)
                            + " by a clock that says "
                            + now
                            + " now: right it, or wait");
        }
        storage.save(next);
        last = next;
        return next;
    }
}
