package org.tutti.benchmarks.journal;

import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.journal.JournalEntry;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SessionId;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/// What a signer writes about payments of three signers with two inputs each, one every five
/// minutes, which are signed and settled. The sizes are those of real ones; the bytes mean nothing.
final class FinishedPayments {
    private static final Duration APART = Duration.ofMinutes(5);
    private static final Duration LIFETIME = Duration.ofMinutes(30);
    private static final Duration KEY_KEPT = Duration.ofDays(30);
    private static final int INPUTS = 2;
    private static final int SIGNERS = 3;

    private final Random random;
    private final Bytes group;
    private Instant now;

    /// @param group id of the group, 32 bytes
    /// @param first when the first is asked for
    FinishedPayments(long seed, Bytes group, Instant first) {
        this.random = new Random(seed);
        this.group = group;
        this.now = first;
    }

    /// When the next is asked for.
    Instant now() {
        return now;
    }

    private Bytes bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    /// `count` times so many bytes.
    private List<Bytes> list(int count, int length) {
        return IntStream.range(0, count).mapToObj(_ -> bytes(length)).toList();
    }

    List<JournalEntry> next() {
        SessionId id = new SessionId(bytes(32));
        Hold hold = new Hold(Set.copyOf(list(INPUTS, 36)), bytes(32));
        Instant expires = now.plus(LIFETIME);
        Instant keyFree = now.plus(KEY_KEPT);
        now = now.plus(APART);
        return List.<JournalRecord>of(
                        new JournalRecord.Ready(id, 1, 0, bytes(850), hold, expires.toEpochMilli()),
                        new JournalRecord.Sign(
                                id,
                                1,
                                list(INPUTS, 32),
                                list(SIGNERS, 440),
                                list(INPUTS, 66),
                                bytes(32),
                                bytes(380)),
                        new JournalRecord.Final(id, list(INPUTS, 64)),
                        new JournalRecord.Settled(
                                id, 1, bytes(32), hold.content(), keyFree, Bytes.EMPTY))
                .stream()
                .map(record -> new JournalEntry(group, record))
                .toList();
    }
}
