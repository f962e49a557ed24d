package org.tutti.signing.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.SessionId;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a compacted journal still says, and what its file survives.
class JournalCompactionTest {
    private static final int SEEDS = 300;
    private static final Bytes GROUP = TestJournals.GROUP;
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant FAR_AHEAD = Instant.parse("2099-01-01T00:00:00Z");

    private static JournalState state(MemoryJournalFiles files, Instant now) throws IOException {
        JournalState state = new JournalState(RandomJournal.RETENTION, now);
        TestJournals.open(files, state);
        return state;
    }

    /// All that a start finds.
    private static List<JournalEntry> found(MemoryJournalFiles files, Instant now)
            throws IOException {
        return state(files, now).entries().toList();
    }

    private static Journal open(MemoryJournalFiles files) throws IOException {
        return TestJournals.open(files, new JournalState(RandomJournal.RETENTION, Instant.EPOCH));
    }

    private static void compact(Journal journal, Instant now) throws IOException {
        Journal.Compacted compacted =
                journal.compact(journal.size(), RandomJournal.RETENTION, now, () -> false);
        assertThat(journal.continueIn(compacted)).isTrue();
    }

    private static int size(MemoryJournalFiles files) {
        return files.content().length;
    }

    // --- what is kept

    @Test
    void compactedJournalSaysTheSameAsTheWholeOneAlsoLaterAndTwice() throws IOException {
        long dropped = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            RandomJournal random = new RandomJournal(seed);
            MemoryJournalFiles whole = new MemoryJournalFiles();
            MemoryJournalFiles small = new MemoryJournalFiles();
            Journal journal = open(whole);
            Journal compacting = open(small);
            for (int part = 0; part < 4; part++) {
                List<JournalEntry> entries = random.next(80);
                journal.append(entries);
                compacting.append(entries);
                Instant now = random.now();
                // The last part stays behind the snapshot.
                if (part < 3) {
                    compact(compacting, now);
                }
                assertThat(found(small, now))
                        .as("seed %d, part %d", seed, part)
                        .isEqualTo(found(whole, now));
                Instant later = now.plus(Duration.ofHours(5));
                assertThat(found(small, later))
                        .as("seed %d, part %d, later", seed, part)
                        .isEqualTo(found(whole, later));
                assertThat(compacting.head(GROUP)).isEqualTo(journal.head(GROUP));
            }
            dropped += size(whole) - size(small);
        }
        assertThat(dropped / SEEDS).as("bytes of 320 entries").isGreaterThan(30_000);
    }

    @Test
    void compactingAtAStartSaysTheSameToo() throws IOException {
        int compacted = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            RandomJournal random = new RandomJournal(seed);
            MemoryJournalFiles files = new MemoryJournalFiles();
            open(files).append(random.next(300));
            Instant now = random.now().plus(Duration.ofDays(1));
            List<JournalEntry> expected = found(files, now);
            int before = size(files);
            TestJournals.open(files, new JournalState(compactingAbove(0), now));
            assertThat(found(files, now)).as("seed %d", seed).isEqualTo(expected);
            compacted += size(files) < before ? 1 : 0;
        }
        assertThat(compacted).isGreaterThan(SEEDS / 2);
    }

    private static JournalRetention compactingAbove(long bytes) {
        return new JournalRetention(
                RandomJournal.RETENTION.requestLifetime(),
                RandomJournal.RETENTION.clockSkew(),
                bytes,
                Long.MAX_VALUE);
    }

    private static SessionId id(int number) {
        return new SessionId(Bytes.wrap(ByteBuffer.allocate(32).putInt(number).array()));
    }

    private static JournalRecord.Ready ready(int session, Instant expires) {
        Hold hold = new Hold(Set.of(id(session).bytes()), Bytes.fromHex("c0"));
        return new JournalRecord.Ready(
                id(session), 1, 0, Bytes.wrap(new byte[500]), hold, expires.toEpochMilli());
    }

    private static JournalRecord.Sign sign(int session) {
        Bytes nonces = Bytes.wrap(new byte[] {(byte) session});
        return new JournalRecord.Sign(
                id(session), 1, List.of(), List.of(nonces), List.of(), Bytes.EMPTY, Bytes.EMPTY);
    }

    private static JournalRecord ended(int session) {
        return new JournalRecord.Ended(id(session), "EXPIRED");
    }

    private static JournalRecord settled(int session, Instant keyFreeAt) {
        return new JournalRecord.Settled(
                id(session), 1, Bytes.fromHex("aa"), Bytes.fromHex("c0"), keyFreeAt, Bytes.EMPTY);
    }

    private static MemoryJournalFiles journalOf(JournalRecord... records) throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = open(files);
        journal.append(GROUP, List.of(records));
        journal.force();
        return files;
    }

    private static MemoryJournalFiles compacted(Instant now, JournalRecord... records)
            throws IOException {
        MemoryJournalFiles files = journalOf(records);
        compact(open(files), now);
        return files;
    }

    @Test
    void whatLeftAndIsNotSettledStaysHoweverOldItIs() throws IOException {
        Instant expires = NOW.plusSeconds(600);
        Instant later = NOW.plus(Duration.ofDays(400));
        MemoryJournalFiles files =
                compacted(
                        later,
                        ready(1, expires),
                        sign(1),
                        ended(1),
                        ready(2, expires),
                        new JournalRecord.Final(id(2), List.of(Bytes.wrap(new byte[64]))),
                        ready(3, expires),
                        ended(3),
                        ready(5, later),
                        sign(5),
                        ready(4, expires),
                        sign(4),
                        settled(4, later.minus(Duration.ofHours(2))),
                        ended(4));
        GroupState group = state(files, later).group(GROUP);
        assertThat(group.sessions()).containsOnlyKeys(id(1), id(2), id(5));
        assertThat(group.settled()).isEmpty();
        assertThat(group.lastNonces()).as("those of session 4").isEqualTo(sign(4).nonceEnvelopes());
        assertThat(group.forgotten().ranges())
                .containsExactly(
                        new ForgottenTimes.Range(expires.toEpochMilli(), expires.toEpochMilli()));
    }

    @Test
    void sessionWhoseEndWasNotWrittenIsForgottenAtAStartAlone() throws IOException {
        MemoryJournalFiles files =
                compacted(FAR_AHEAD, ready(1, NOW), ready(2, NOW.plus(Duration.ofHours(9))));
        assertThat(TestJournals.records(files))
                .filteredOn(JournalRecord.Ready.class::isInstance)
                .as("partial signatures may leave after the snapshot was made")
                .hasSize(2);
        assertThat(state(files, FAR_AHEAD).group(GROUP).sessions()).containsOnlyKeys(id(2));
    }

    @Test
    void wallClockThatIsFarAheadForgetsNothing() throws IOException {
        JournalRecord[] records = {
            ready(1, NOW.plusSeconds(60)),
            ended(1),
            ready(2, NOW.plusSeconds(60)),
            sign(2),
            ended(2),
            settled(2, NOW.plus(Duration.ofDays(30))),
            ready(3, NOW.plusSeconds(1_800))
        };
        List<JournalEntry> expected = found(journalOf(records), NOW);
        MemoryJournalFiles files = journalOf(records);
        TestJournals.open(files, new JournalState(compactingAbove(0), FAR_AHEAD));
        compact(open(files), FAR_AHEAD);
        assertThat(found(files, NOW)).isEqualTo(expected);
        GroupState group = state(files, NOW).group(GROUP);
        assertThat(group.sessions()).containsOnlyKeys(id(1), id(2), id(3));
        assertThat(group.settled()).hasSize(1);
    }

    /// Its own requests, which nobody else was ready for, are dated with that clock.
    @Test
    void wallClockThatIsFarAheadFreesNoKeyThoughRequestsAreDatedWithIt() throws IOException {
        MemoryJournalFiles files =
                compacted(
                        FAR_AHEAD,
                        ready(1, NOW.plusSeconds(60)),
                        sign(1),
                        ended(1),
                        settled(1, NOW.plus(Duration.ofDays(30))),
                        ready(2, FAR_AHEAD.plus(Duration.ofHours(1))),
                        ended(2));
        TestJournals.open(files, new JournalState(compactingAbove(0), FAR_AHEAD));
        assertThat(state(files, NOW).group(GROUP).settled()).hasSize(1);
    }

    @Test
    void requestIsRememberedUntilNoClockTakesItForANewOne() throws IOException {
        Instant expires = NOW.plusSeconds(600);
        Instant forgotten = expires.plus(RandomJournal.RETENTION.clockSkew());
        JournalRecord newer = ready(2, NOW.plus(Duration.ofHours(9)));
        assertThat(
                        state(
                                        compacted(
                                                forgotten.minusMillis(1),
                                                ready(1, expires),
                                                ended(1),
                                                newer),
                                        NOW)
                                .group(GROUP)
                                .sessions())
                .containsOnlyKeys(id(1), id(2));
        assertThat(
                        state(compacted(forgotten, ready(1, expires), ended(1), newer), NOW)
                                .group(GROUP)
                                .sessions())
                .containsOnlyKeys(id(2));
    }

    @Test
    void refusedJournalStaysRefused() throws IOException {
        MemoryJournalFiles files =
                compacted(FAR_AHEAD, new JournalRecord.Refused(Bytes.fromHex("01")));
        assertThat(state(files, NOW).group(GROUP).refused()).isTrue();
    }

    @Test
    void lastAgreementOfEachSignerIsKept() throws IOException {
        Bytes signature = Bytes.wrap(new byte[64]);
        JournalRecord.Agreed first = new JournalRecord.Agreed(1, Bytes.fromHex("01"), signature);
        JournalRecord.Agreed second = new JournalRecord.Agreed(1, Bytes.fromHex("02"), signature);
        JournalRecord.Agreed other = new JournalRecord.Agreed(0, Bytes.fromHex("01"), signature);
        MemoryJournalFiles files = compacted(FAR_AHEAD, first, second, other);
        assertThat(state(files, NOW).group(GROUP).agreed()).containsExactly(other, second);
    }

    @Test
    void whatIsKnownOfLostJournalsIsKept() throws Exception {
        JournalRecord.Consent first = consent(1, "01");
        JournalRecord.Consent second = consent(1, "02");
        JournalRecord.Consent other = consent(2, "03");
        MemoryJournalFiles files =
                compacted(
                        FAR_AHEAD,
                        new JournalRecord.Recovering(true),
                        first,
                        other,
                        new JournalRecord.HandedOver(2),
                        second,
                        new JournalRecord.Recovering(false));
        RecoveryState recovery = state(files, NOW).group(GROUP).recovery();
        assertThat(recovery.consents()).containsExactly(second, other);
        assertThat(recovery.handedOver()).containsExactly(2);
        assertThat(recovery.began()).isTrue();
        assertThat(recovery.earlierUnknown()).isTrue();
        assertThat(recovery.over()).isFalse();
        files = compacted(FAR_AHEAD, new JournalRecord.Recovered());
        assertThat(state(files, NOW).group(GROUP).recovery().over()).isTrue();
        assertThat(state(files, NOW).group(GROUP).recovery().began()).isFalse();
    }

    private static JournalRecord.Consent consent(int signer, String journal) {
        return new JournalRecord.Consent(
                signer,
                0,
                Bytes.fromHex(journal.repeat(16)),
                Optional.of(new JournalHead(TestJournals.ID, 3, Bytes.wrap(new byte[32]))),
                true,
                List.of(TestJournals.ID),
                Bytes.wrap(new byte[64]));
    }

    @Test
    void olderHeadsAreComparedAsBefore() throws IOException {
        MemoryJournalFiles files = new MemoryJournalFiles();
        Journal journal = open(files);
        List<JournalHead> heads = new ArrayList<>();
        JournalRecord.Started started = new JournalRecord.Started(Bytes.wrap(new byte[16]));
        int entries = OwnHeads.MAX_KEPT + 10;
        JournalHead head = journal.head(GROUP);
        for (int i = 0; i < entries; i++) {
            head = head.next(started.type(), started.payload());
            heads.add(head);
        }
        journal.append(GROUP, java.util.Collections.nCopies(entries, started));
        int before = size(files);
        compact(journal, NOW);
        assertThat(size(files)).isLessThan(before);
        OwnHeads own = state(files, NOW).group(GROUP).ownHeads();
        assertThat(heads).allMatch(own::has);
        JournalHead oldest = heads.get(entries - OwnHeads.MAX_KEPT);
        Bytes other = Bytes.wrap(new byte[32]);
        assertThat(own.has(TestJournals.head(oldest.count(), other))).isFalse();
        assertThat(own.has(TestJournals.head(oldest.count() - 1, other)))
                .as("too old to be compared")
                .isTrue();
        assertThat(own.has(new JournalHead(Bytes.wrap(new byte[16]), 1, heads.getFirst().hash())))
                .as("of another journal")
                .isFalse();
    }

    @Test
    void readingALongJournalNeedsMemoryOnlyForWhatMatters() throws IOException {
        int sessions = 50_000;
        Instant now = NOW.plus(Duration.ofDays(400));
        JournalState state = new JournalState(RandomJournal.RETENTION, now);
        state.begin(TestJournals.ID);
        for (int i = 0; i < sessions; i++) {
            JournalRecord first = ready(i, NOW.plus(Duration.ofMinutes(10L * i)));
            for (JournalRecord record : List.of(first, ended(i))) {
                state.accept(new JournalEntry(GROUP, record), TestJournals.NO_ENTRY);
            }
            assertThat(state.group(GROUP).size()).isLessThan(1_100);
        }
    }

    // --- when

    @Test
    void soDoesALongJournalOfWhichManySessionsMatter() {
        int mattering = 1_500;
        JournalState state = new JournalState(RandomJournal.RETENTION, NOW);
        state.begin(TestJournals.ID);
        for (int i = 0; i < mattering; i++) {
            state.accept(new JournalEntry(GROUP, ready(i, NOW.plusSeconds(3_000))), null);
        }
        for (int i = mattering; i < 9 * mattering; i++) {
            JournalRecord first = ready(i, NOW.minusSeconds(3_000));
            for (JournalRecord record : List.of(first, ended(i))) {
                state.accept(new JournalEntry(GROUP, record), null);
            }
            assertThat(state.group(GROUP).size()).isLessThan(3 * mattering);
        }
        assertThat(state.group(GROUP).sessions()).containsKey(id(0));
    }

    @Test
    void journalIsCompactedAtAStartIfItIsLargeAndHalfOfItWouldGo() throws IOException {
        Instant later = NOW.plus(Duration.ofDays(1));
        List<JournalRecord> records = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            records.addAll(List.of(ready(i, NOW), ended(i)));
        }
        records.add(ready(9, later));
        MemoryJournalFiles files = journalOf(records.toArray(JournalRecord[]::new));
        int whole = size(files);
        TestJournals.open(files, new JournalState(compactingAbove(whole), later));
        assertThat(size(files)).as("not above the bound").isEqualTo(whole);
        TestJournals.open(files, new JournalState(compactingAbove(whole - 1), later));
        int small = size(files);
        assertThat(small).isLessThan(whole / 2);
        TestJournals.open(files, new JournalState(compactingAbove(0), later));
        assertThat(size(files)).as("nothing would go").isEqualTo(small);
    }

    /// The size of the first session's request decides.
    @Test
    void journalOfWhichExactlyHalfWouldGoIsCompacted() throws IOException {
        Instant later = NOW.plus(Duration.ofDays(1));
        int length = 500;
        MemoryJournalFiles files = halfFull(length, later);
        length += (int) (2 * kept(files, later)) - size(files);
        files = halfFull(length - 1, later);
        int whole = size(files);
        TestJournals.open(files, new JournalState(compactingAbove(0), later));
        assertThat(size(files)).isEqualTo(whole);
        files = halfFull(length, later);
        assertThat(size(files)).isEqualTo(whole + 1);
        TestJournals.open(files, new JournalState(compactingAbove(0), later));
        assertThat(size(files)).isLessThan(whole);
    }

    private static MemoryJournalFiles halfFull(int length, Instant later) throws IOException {
        JournalRecord.Ready over = ready(1, NOW);
        return journalOf(
                new JournalRecord.Ready(
                        over.session(),
                        1,
                        0,
                        Bytes.wrap(new byte[length]),
                        over.hold(),
                        over.expiresMillis()),
                ended(1),
                ready(2, later),
                sign(2));
    }

    private static long kept(MemoryJournalFiles files, Instant now) throws IOException {
        return JournalFormat.HEADER
                + state(files, now)
                        .entries()
                        .mapToLong(
                                entry -> JournalFormat.OVERHEAD + entry.record().payload().length())
                        .sum();
    }

    @Test
    void snapshotIsOnDiskBeforeTheJournalsThreadTakesIt() throws IOException {
        MemoryJournalFiles files = journalOf(ready(1, NOW.plusSeconds(60)));
        Journal journal = open(files);
        List<String> operations = new ArrayList<>();
        files.probe(operations::add);
        journal.compact(journal.size(), RandomJournal.RETENTION, NOW, () -> false);
        assertThat(operations)
                .containsExactly("create temporary", "append", "force", "after force");
    }

    @Test
    void entriesOfAnySizeAreCopiedBehindTheSnapshot() throws IOException {
        MemoryJournalFiles files = journalOf(ready(1, NOW.plusSeconds(60)));
        Journal journal = open(files);
        Journal.Compacted compacted =
                journal.compact(journal.size(), RandomJournal.RETENTION, NOW, () -> false);
        Bytes large = Bytes.wrap(new byte[3 << 19]);
        List<JournalRecord> later =
                List.of(new JournalRecord.Refused(large), new JournalRecord.Refused(large));
        journal.append(GROUP, later);
        assertThat(journal.continueIn(compacted)).isTrue();
        assertThat(journal.size()).isEqualTo(size(files));
        assertThat(TestJournals.records(files)).endsWith(later.toArray(JournalRecord[]::new));
        assertThat(open(files).head(GROUP)).isEqualTo(journal.head(GROUP));
    }

    @Test
    void snapshotOfLargeEntriesIsReadAsItWasWritten() throws IOException {
        int size = 700 << 10;
        JournalRecord[] records = new JournalRecord[4];
        for (int i = 0; i < 4; i++) {
            records[i] =
                    new JournalRecord.Ready(
                            id(i),
                            1,
                            0,
                            Bytes.wrap(new byte[i == 2 ? 3 * size : size]),
                            Hold.NONE,
                            NOW.plusSeconds(60).toEpochMilli());
        }
        assertThat(TestJournals.records(compacted(NOW, records))).startsWith(records);
    }

    // --- crashes and failures

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /// Compacts, and goes on in the new file.
    private static void work(MemoryJournalFiles files, List<JournalRecord> forced)
            throws IOException {
        Journal journal = open(files);
        Journal.Compacted compacted =
                journal.compact(journal.size(), RandomJournal.RETENTION, NOW, () -> false);
        JournalRecord meanwhile = new JournalRecord.Ended(id(77), "MEANWHILE");
        journal.append(GROUP, List.of(meanwhile));
        journal.force();
        forced.add(meanwhile);
        journal.append(GROUP, List.of(ended(78))); // Not forced.
        assertThat(journal.continueIn(compacted)).isTrue();
        forced.add(ended(78));
        JournalRecord after = new JournalRecord.Ended(id(79), "AFTER");
        journal.append(GROUP, List.of(after));
        journal.force();
        forced.add(after);
    }

    private static int kill(MemoryJournalFiles files, int at, List<JournalRecord> forced)
            throws IOException {
        int[] steps = {0};
        files.probe(_ -> {
            if (++steps[0] == at) {
                throw new Killed();
            }
        });
        try {
            work(files, forced);
        } catch (Killed _) {
            // Here.
        }
        files.probe(_ -> {});
        return steps[0];
    }

    @Test
    void noCrashLosesAnEntryThatWasForced() throws IOException {
        JournalRecord[] before = {
            ready(1, NOW.minus(Duration.ofDays(1))), ended(1), ready(2, NOW.plusSeconds(60))
        };
        int steps = kill(journalOf(before), -1, new ArrayList<>());
        assertThat(steps).isGreaterThan(12);
        for (int at = 1; at <= steps; at++) {
            for (String loss : List.of("process", "machine", "machine, names written")) {
                MemoryJournalFiles files = journalOf(before);
                List<JournalRecord> forced = new ArrayList<>();
                kill(files, at, forced);
                switch (loss) {
                    case "machine" -> files.crash();
                    case "machine, names written" -> files.crashWithNames();
                    default -> {}
                }
                Journal journal = open(files);
                assertThat(journal.head(GROUP).count())
                        .as("%s dies at step %d", loss, at)
                        .isGreaterThanOrEqualTo(before.length + forced.size());
                List<JournalRecord> all = new ArrayList<>(List.of(before));
                all.addAll(forced);
                assertThat(
                                state(files, NOW)
                                        .group(GROUP)
                                        .ownHeads()
                                        .has(TestJournals.head(GROUP, all)))
                        .as("%s dies at step %d", loss, at)
                        .isTrue();
                assertThat(TestJournals.records(files))
                        .as("%s dies at step %d", loss, at)
                        .containsAll(forced)
                        .contains(ready(2, NOW.plusSeconds(60)));
                assertThat(files.hasTemporary()).as("what a crash left is deleted").isFalse();
            }
        }
    }

    @Test
    void noCrashWhileItIsMadeLeavesAFileThatIsNotAJournal() throws IOException {
        for (int at = 1; at < 9; at++) {
            for (boolean names : new boolean[] {false, true}) {
                MemoryJournalFiles files = new MemoryJournalFiles();
                int[] steps = {0};
                int killAt = at;
                files.probe(_ -> {
                    if (++steps[0] == killAt) {
                        throw new Killed();
                    }
                });
                assertThatThrownBy(() -> open(files)).isInstanceOf(Killed.class);
                files.probe(_ -> {});
                if (names) {
                    files.crashWithNames();
                } else {
                    files.crash();
                }
                assertThat(open(files).head(GROUP).count()).isZero();
            }
        }
    }

    @Test
    void fullDiskLeavesTheJournalAsItIs() throws IOException {
        MemoryJournalFiles files = journalOf(ready(1, NOW), ended(1), ready(2, FAR_AHEAD));
        byte[] content = files.content();
        files.full(() -> true);
        TestJournals.open(files, new JournalState(compactingAbove(0), FAR_AHEAD));
        Journal journal = open(files);
        assertThatThrownBy(() -> compact(journal, NOW)).hasMessageContaining("No space");
        assertThat(files.content()).isEqualTo(content);
        assertThat(files.hasTemporary()).isFalse();
        files.full(() -> false);
        Journal.Compacted compacted =
                journal.compact(journal.size(), RandomJournal.RETENTION, NOW, () -> false);
        journal.append(GROUP, List.of(ended(2)));
        files.full(() -> true);
        assertThat(journal.continueIn(compacted)).isFalse();
        assertThat(files.hasTemporary()).isFalse();
        journal.append(GROUP, List.of(ended(3)));
        journal.force();
        assertThat(open(files).head(GROUP)).isEqualTo(journal.head(GROUP));
    }

    @Test
    void failureAfterTheRenameIsAFailureOfTheJournal() throws IOException {
        MemoryJournalFiles files = journalOf(ready(1, NOW), ended(1));
        files.namesFail(() -> true);
        Journal journal = open(files);
        assertThatThrownBy(() -> compact(journal, NOW)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> journal.append(GROUP, List.of(ended(2))))
                .isInstanceOf(JournalException.class);
        assertThatThrownBy(journal::force).isInstanceOf(JournalException.class);
    }

    @Test
    void damageOfASnapshotIsRefused() throws IOException {
        MemoryJournalFiles files =
                compacted(NOW, ready(1, NOW.plusSeconds(60)), sign(1), ready(2, NOW));
        byte[] all = files.content();
        for (int at = 0; at < all.length; at++) {
            byte[] damaged = all.clone();
            damaged[at] ^= 0x10;
            MemoryJournalFiles bad = new MemoryJournalFiles();
            bad.content(damaged);
            assertThatThrownBy(() -> open(bad)).as("byte %d", at).isInstanceOf(IOException.class);
            if (at > 0) {
                bad.content(Arrays.copyOf(all, at));
                assertThatThrownBy(() -> open(bad))
                        .as("cut at %d", at)
                        .isInstanceOf(JournalException.class);
            }
        }
    }
}
