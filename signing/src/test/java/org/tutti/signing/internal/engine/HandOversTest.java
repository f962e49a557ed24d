package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.internal.wire.HandOver;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is handed over to a member whose journal was lost, and in which parts.
class HandOversTest {
    private static final Bytes GROUP = TestJournals.GROUP;
    private static final Bytes JOURNAL = Bytes.fromHex("0a".repeat(16));
    private static final Hold HOLD = new Hold(Set.of(Bytes.fromHex("c0")), Bytes.EMPTY);
    private static final Instant FREE = Instant.parse("2026-02-01T00:00:00Z");
    private static final Bytes SIGNATURE = Bytes.wrap(new byte[64]);

    private final List<JournalRecord> records = new ArrayList<>();
    private final Map<SessionId, List<Bytes>> partials = new HashMap<>();

    private static SessionId id(int number) {
        return new SessionId(Bytes.fromHex("%064x".formatted(number)));
    }

    private static Bytes bytes(int length, int value) {
        return Bytes.fromHex("%02x".formatted(value).repeat(length));
    }

    private void ready(int session, int requestBytes, Hold hold) {
        records.add(
                new JournalRecord.Ready(
                        id(session),
                        1,
                        0,
                        bytes(requestBytes, session & 0xff),
                        hold,
                        FREE.toEpochMilli()));
    }

    private void sign(int session, int nonceBytes, Bytes ownPartials) {
        records.add(
                new JournalRecord.Sign(
                        id(session),
                        1,
                        List.of(),
                        List.of(bytes(nonceBytes, 0), bytes(nonceBytes, 1), bytes(nonceBytes, 2)),
                        List.of(),
                        Bytes.EMPTY,
                        ownPartials));
    }

    private void settled(int session) {
        records.add(
                new JournalRecord.Settled(
                        id(session), 2, bytes(4, 1), bytes(5, 2), FREE, Bytes.EMPTY));
    }

    private HandOvers handOvers() {
        return new HandOvers(
                GROUP,
                0,
                TestJournals.state(SigningLimits.DEFAULT, Instant.EPOCH, GROUP, records)
                        .group(GROUP));
    }

    private HandOver next(HandOvers all, Bytes after) {
        return all.next(1, JOURNAL, after, partials);
    }

    /// All parts, each after the one before.
    private List<HandOver> parts() {
        HandOvers all = handOvers();
        List<HandOver> parts = new ArrayList<>();
        Bytes after = Bytes.EMPTY;
        do {
            HandOver part = next(all, after);
            assertThat(part.after()).isEqualTo(after);
            parts.add(part);
            after = part.through();
        } while (!parts.getLast().last());
        return parts;
    }

    private static List<Bytes> requests(HandOver part) {
        return part.sessions().stream().map(HandOver.Session::request).toList();
    }

    @Test
    void ofNothingOneEmptyPartIsTheLast() {
        HandOver part = next(handOvers(), Bytes.EMPTY);
        assertThat(part)
                .isEqualTo(
                        new HandOver(
                                GROUP,
                                0,
                                JOURNAL,
                                Bytes.EMPTY,
                                Bytes.EMPTY,
                                true,
                                List.of(),
                                List.of()));
    }

    @Test
    void sessionsThatMayBeSignedOrAreAndKeysThatAreTakenAreHandedOver() {
        ready(5, 5, HOLD);
        sign(5, 10, bytes(6, 9));
        ready(1, 5, HOLD);
        records.add(new JournalRecord.Final(id(1), List.of(SIGNATURE)));
        ready(2, 5, HOLD); // Nothing of it left.
        ready(3, 5, Hold.NONE);
        sign(3, 10, bytes(6, 9));
        ready(4, 5, HOLD);
        sign(4, 10, bytes(6, 9));
        settled(4);
        ready(6, 5, HOLD);
        records.add(new JournalRecord.Ended(id(6), "EXPIRED"));
        partials.put(id(5), List.of(bytes(7, 8)));
        HandOver part = next(handOvers(), Bytes.EMPTY);
        List<Bytes> nonces = List.of(bytes(10, 0), bytes(10, 1), bytes(10, 2));
        assertThat(part.sessions())
                .containsExactly(
                        new HandOver.Session(bytes(5, 1), List.of(), List.of(), List.of(SIGNATURE)),
                        new HandOver.Session(
                                bytes(5, 5), nonces, List.of(bytes(7, 8), bytes(6, 9)), List.of()));
        assertThat(part.keys())
                .containsExactly(
                        new HandOver.Key(
                                id(4).bytes(), 2, bytes(4, 1), bytes(5, 2), FREE.toEpochMilli()));
        assertThat(part.through()).isEqualTo(id(5).bytes());
        assertThat(part.last()).isTrue();
        assertThat(next(handOvers(), id(1).bytes()).sessions()).hasSize(1);
        assertThat(next(handOvers(), id(1).bytes()).keys()).hasSize(1);
        assertThat(next(handOvers(), id(4).bytes()).keys()).isEmpty();
    }

    @Test
    void partialSignaturesThatAreNotThereAreNone() {
        ready(1, 5, HOLD);
        sign(1, 10, Bytes.EMPTY);
        assertThat(next(handOvers(), Bytes.EMPTY).sessions().getFirst().partials()).isEmpty();
    }

    @Test
    void partHasSoManySessionsAndTheNextGoesOnBehindIt() {
        int count = HandOver.MAX_SESSIONS + 1;
        for (int i = 1; i <= count; i++) {
            ready(i, 5, HOLD);
            sign(i, 10, bytes(6, 9));
        }
        List<HandOver> parts = parts();
        assertThat(parts).hasSize(2);
        assertThat(parts.getFirst().sessions()).hasSize(HandOver.MAX_SESSIONS);
        assertThat(parts.getFirst().through()).isEqualTo(id(HandOver.MAX_SESSIONS).bytes());
        assertThat(requests(parts.getLast())).containsExactly(bytes(5, count));
    }

    @Test
    void partHasSoManyKeysAndTheNextGoesOnBehindIt() {
        for (int i = 1; i <= HandOver.MAX_KEYS + 1; i++) {
            settled(i);
        }
        List<HandOver> parts = parts();
        assertThat(parts).hasSize(2);
        assertThat(parts.getFirst().keys()).hasSize(HandOver.MAX_KEYS);
        assertThat(parts.getLast().keys()).hasSize(1);
    }

    /// Each of these is 100 + 3 · (n + 4) + 4 bytes.
    @Test
    void partHasSoManyBytes() {
        int most = HandOvers.MAX_BYTES;
        for (int third : new int[] {0, 1}) {
            records.clear();
            int first = 1_000;
            ready(1, first, HOLD);
            sign(1, 100, Bytes.EMPTY);
            ready(2, most - first - 2 * 3 * 104 + third, HOLD);
            sign(2, 100, Bytes.EMPTY);
            assertThat(parts()).hasSize(1 + third);
        }
    }

    @Test
    void sessionThatIsTooLargeIsHandedOverWithTheMembersNoncesAlone() {
        int most = HandOvers.MAX_BYTES;
        for (int more : new int[] {0, 1}) {
            records.clear();
            ready(1, most - 3 * 104 - 14 + more, HOLD);
            sign(1, 100, bytes(10, 9));
            records.add(new JournalRecord.Final(id(1), List.of()));
            HandOver.Session only = next(handOvers(), Bytes.EMPTY).sessions().getFirst();
            assertThat(only.nonces())
                    .isEqualTo(
                            more == 0
                                    ? List.of(bytes(100, 0), bytes(100, 1), bytes(100, 2))
                                    : List.of(bytes(100, 1)));
            assertThat(only.partials()).hasSize(1 - more);
        }
        HandOvers all = handOvers();
        assertThat(all.next(3, JOURNAL, Bytes.EMPTY, partials).sessions().getFirst().nonces())
                .as("of a member without nonces")
                .hasSize(3);
    }

    @Test
    void sessionAndKeyOfOneIdAreInOnePart() {
        ready(1, 5, HOLD);
        sign(1, 10, bytes(6, 9));
        settled(1);
        ready(1, 5, HOLD); // Not of this journal's making; but nothing must be left out.
        HandOver part = next(handOvers(), Bytes.EMPTY);
        assertThat(part.keys()).hasSize(1);
        assertThat(part.last()).isTrue();
    }
}
