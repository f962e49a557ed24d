package org.tutti.signing.journal;

import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.SessionId;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/// What nodes of two groups write into one journal over days: sessions that go on, are killed, end,
/// are learned later and settled, or not.
final class RandomJournal {
    /// Bounds of these sessions; nothing is compacted by size.
    static final JournalRetention RETENTION =
            new JournalRetention(
                    Duration.ofHours(1), Duration.ofMinutes(1), Long.MAX_VALUE, Long.MAX_VALUE);

    private static final List<Bytes> GROUPS =
            List.of(TestJournals.GROUP, Bytes.fromHex("61".repeat(32)));

    private final Random random;
    private final List<Live> live = new ArrayList<>();
    private final List<Live> over = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    RandomJournal(long seed) {
        random = new Random(seed);
    }

    private static final class Live {
        final SessionId id;
        final Bytes group;
        final Instant expires;
        final Hold hold;
        int attempt = 1;
        boolean signed;

        Live(SessionId id, Bytes group, Instant expires, Hold hold) {
            this.id = id;
            this.group = group;
            this.expires = expires;
            this.hold = hold;
        }
    }

    Instant now() {
        return now;
    }

    private Bytes bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    private Bytes group() {
        return GROUPS.get(random.nextInt(GROUPS.size()));
    }

    /// The next entries, at least so many.
    List<JournalEntry> next(int count) {
        List<JournalEntry> entries = new ArrayList<>();
        while (entries.size() < count) {
            now = now.plusSeconds(random.nextInt(400));
            expire(entries);
            step(entries);
        }
        return entries;
    }

    private void expire(List<JournalEntry> entries) {
        for (Live session : List.copyOf(live)) {
            if (!now.isBefore(session.expires)) {
                end(session, entries);
            }
        }
    }

    private void step(List<JournalEntry> entries) {
        int kind = random.nextInt(20);
        if (kind < 6 || live.isEmpty()) {
            open(entries);
        } else if (kind < 9) {
            sign(any(live), entries);
        } else if (kind < 10) {
            Live session = any(live);
            session.attempt += 1 + random.nextInt(3);
            add(entries, session, ready(session, Bytes.EMPTY, session.attempt - 1));
        } else if (kind < 15) {
            end(any(live), entries);
        } else if (kind < 18 && !over.isEmpty()) {
            afterTheEnd(any(over), entries);
        } else if (kind == 18) {
            add(entries, any(live), new JournalRecord.ConflictAllowed(any(live).id));
        } else if (random.nextInt(10) == 0) {
            entries.add(new JournalEntry(group(), new JournalRecord.Refused(bytes(40))));
        } else if (random.nextInt(4) == 0) {
            entries.add(
                    new JournalEntry(
                            group(),
                            new JournalRecord.Agreed(random.nextInt(3), bytes(9), bytes(64))));
        } else if (random.nextInt(4) == 0) {
            entries.add(new JournalEntry(group(), ofRecovery()));
        } else {
            entries.add(new JournalEntry(group(), new JournalRecord.Started(bytes(16))));
            // Its sessions are resumed; one is not, because it expired meanwhile.
            if (random.nextInt(3) == 0) {
                Live lost = live.removeFirst();
                now = now.isBefore(lost.expires) ? lost.expires : now;
                over.add(lost);
            }
        }
    }

    private JournalRecord ofRecovery() {
        return switch (random.nextInt(4)) {
            case 0 -> new JournalRecord.Recovering(random.nextBoolean());
            case 1 ->
                    new JournalRecord.Consent(
                            random.nextInt(3),
                            random.nextInt(3),
                            bytes(16),
                            random.nextBoolean()
                                    ? Optional.of(
                                            new JournalHead(
                                                    bytes(16), random.nextInt(99), bytes(32)))
                                    : Optional.empty(),
                            random.nextBoolean(),
                            List.of(bytes(16)),
                            bytes(64));
            case 2 -> new JournalRecord.HandedOver(random.nextInt(3));
            default -> new JournalRecord.Recovered();
        };
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private static void add(List<JournalEntry> entries, Live session, JournalRecord record) {
        entries.add(new JournalEntry(session.group, record));
    }

    private void open(List<JournalEntry> entries) {
        Hold hold = random.nextInt(3) == 0 ? Hold.NONE : new Hold(Set.of(bytes(36)), bytes(32));
        Live session =
                new Live(
                        new SessionId(bytes(32)),
                        group(),
                        now.plusSeconds(60 + random.nextInt(3_540)),
                        hold);
        live.add(session);
        add(entries, session, ready(session, bytes(200 + random.nextInt(400)), 0));
    }

    private static JournalRecord ready(Live session, Bytes request, int restarts) {
        return new JournalRecord.Ready(
                session.id,
                session.attempt,
                restarts,
                request,
                session.hold,
                request.isEmpty() ? 0 : session.expires.toEpochMilli());
    }

    private void sign(Live session, List<JournalEntry> entries) {
        session.signed = true;
        add(
                entries,
                session,
                new JournalRecord.Sign(
                        session.id,
                        session.attempt,
                        List.of(bytes(32)),
                        List.of(bytes(300), bytes(300)),
                        List.of(bytes(66)),
                        bytes(32),
                        bytes(200)));
    }

    private void end(Live session, List<JournalEntry> entries) {
        live.remove(session);
        over.add(session);
        boolean signed = random.nextInt(session.signed ? 2 : 8) == 0;
        session.signed |= signed;
        add(entries, session, signed ? signatures(session) : ended(session));
    }

    private JournalRecord signatures(Live session) {
        return new JournalRecord.Final(session.id, List.of(bytes(64)));
    }

    private static JournalRecord ended(Live session) {
        return new JournalRecord.Ended(session.id, "NO_ANSWER");
    }

    private void afterTheEnd(Live session, List<JournalEntry> entries) {
        if (!session.signed) {
            over.remove(session);
        } else if (random.nextInt(4) == 0) {
            add(entries, session, signatures(session));
        } else if (random.nextInt(4) == 0) {
            add(entries, session, new JournalRecord.ConflictAllowed(session.id));
        } else {
            over.remove(session);
            add(
                    entries,
                    session,
                    new JournalRecord.Settled(
                            session.id,
                            1,
                            random.nextInt(4) == 0 ? Bytes.EMPTY : bytes(16),
                            session.hold.content(),
                            now.plusSeconds(random.nextInt(20_000)),
                            Bytes.EMPTY));
        }
    }
}
