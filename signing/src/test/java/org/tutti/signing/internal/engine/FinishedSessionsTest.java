package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.session.SessionOutcome;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.function.BiPredicate;

class FinishedSessionsTest {
    private static BiPredicate<Instant, Instant> at(Instant now) {
        return (wall, running) -> !now.isBefore(wall) && !now.isBefore(running);
    }

    private static final Instant LATER = Instant.EPOCH.plusSeconds(100);

    private final FinishedSessions finished =
            new FinishedSessions(
                    SigningLimits.DEFAULT.with(new SigningLimits.Finished(4, 10, 2)), 3);

    private static SessionId id(int number) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) number;
        return new SessionId(Bytes.wrap(bytes));
    }

    private static Completion completion(int number, int signatures) {
        return new Completion(
                new SessionOutcome.Signed(id(number), List.of()),
                Collections.nCopies(signatures, Bytes.wrap(new byte[64])),
                Bytes.EMPTY);
    }

    private void add(int number, int requester, int signatures, Instant forgetAt) {
        finished.add(id(number), requester, completion(number, signatures), forgetAt, forgetAt);
    }

    @Test
    void answersToOneMemberAreBounded() {
        add(1, 0, 1, LATER);
        assertThat(finished.answer(id(1), 1)).isNotNull();
        assertThat(finished.answer(id(1), 1)).isNotNull();
        assertThat(finished.answer(id(1), 1)).isNull();
        assertThat(finished.answer(id(1), 2)).as("another member").isNotNull();
        assertThat(finished.answer(id(2), 1)).as("unknown session").isNull();
    }

    @Test
    void sessionsAreRememberedUntilTheirRequestHasExpired() {
        add(1, 0, 0, LATER);
        add(2, 0, 0, LATER.plusSeconds(1));
        assertThat(finished.hasRoomFor(0, 0, 0, at(LATER.minusNanos(1)))).isFalse();
        assertThat(finished.size()).isEqualTo(2);
        assertThat(finished.hasRoomFor(0, 0, 0, at(LATER))).isTrue();
        assertThat(finished.contains(id(1))).isFalse();
        assertThat(finished.contains(id(2))).isTrue();
    }

    @Test
    void oneRequesterTakesAtMostHalf() {
        add(1, 0, 0, LATER);
        add(2, 0, 0, LATER);
        assertThat(finished.hasRoomFor(0, 0, 0, at(Instant.EPOCH))).isFalse();
        assertThat(finished.hasRoomFor(1, 0, 0, at(Instant.EPOCH))).isTrue();
        assertThat(finished.hasRoomFor(1, 2, 0, at(Instant.EPOCH)))
                .as("live sessions will finish too")
                .isFalse();
    }

    @Test
    void signaturesAreBounded() {
        add(1, 0, 10, LATER);
        assertThat(finished.hasRoomFor(1, 0, 0, at(Instant.EPOCH))).isFalse();
        assertThat(finished.hasRoomFor(1, 0, 0, at(LATER))).isTrue();
    }

    @Test
    void sessionIsAddedOnlyOnce() {
        add(1, 0, 5, LATER);
        add(1, 0, 5, LATER);
        assertThat(finished.size()).isEqualTo(1);
        assertThat(finished.hasRoomFor(0, 0, 0, at(Instant.EPOCH))).isTrue();
    }

    @Test
    void signaturesThatAreLearnedLaterCountAndAreAnswered() {
        add(1, 0, 0, LATER);
        finished.learned(id(1), completion(1, 9));
        finished.learned(id(2), completion(2, 9));
        assertThat(finished.hasRoomFor(1, 0, 0, at(Instant.EPOCH))).isTrue();
        assertThat(finished.answer(id(1), 1)).isEqualTo(completion(1, 9));
        finished.learned(id(1), completion(1, 10));
        assertThat(finished.hasRoomFor(1, 0, 0, at(Instant.EPOCH))).isFalse();
        finished.learned(id(1), completion(1, 1));
        assertThat(finished.hasRoomFor(1, 0, 0, at(Instant.EPOCH))).isTrue();
    }

    /// It is kept to answer with.
    @Test
    void messageThatEndedASessionCountsAsManySignaturesAsFitIntoIt() {
        for (int length : new int[] {10 * 64 - 1, 10 * 64}) {
            FinishedSessions some =
                    new FinishedSessions(
                            SigningLimits.DEFAULT.with(new SigningLimits.Finished(9, 10, 2)), 3);
            some.add(
                    id(1),
                    0,
                    new Completion(
                            completion(1, 0).outcome(), List.of(), Bytes.wrap(new byte[length])),
                    LATER,
                    LATER);
            assertThat(some.hasRoomFor(0, 0, 0, at(Instant.EPOCH))).isEqualTo(length < 640);
        }
    }

    @Test
    void liveSessionsOfTheRequesterCountToItsHalf() {
        add(1, 0, 0, LATER);
        assertThat(finished.hasRoomFor(0, 0, 0, at(Instant.EPOCH))).isTrue();
        assertThat(finished.hasRoomFor(0, 1, 1, at(Instant.EPOCH))).isFalse();
        assertThat(finished.hasRoomFor(1, 1, 1, at(Instant.EPOCH))).isTrue();
        assertThat(finished.hasRoomFor(1, 3, 1, at(Instant.EPOCH))).isFalse();
    }

    @Test
    void whatIsForgottenCountsNoMore() {
        add(1, 0, 6, LATER);
        add(2, 0, 4, LATER);
        assertThat(finished.hasRoomFor(0, 0, 0, at(LATER))).isTrue();
        add(3, 0, 9, LATER.plusSeconds(9));
        assertThat(finished.hasRoomFor(0, 0, 0, at(LATER))).isTrue();
        assertThat(finished.size()).isEqualTo(1);
    }

    @Test
    void sessionThatEndedUpToWhatWasForgottenMayBeOneOfThose() {
        assertThat(finished.mayHaveForgotten(Instant.EPOCH)).isFalse();
        add(1, 0, 0, LATER);
        add(2, 0, 0, LATER.plusSeconds(1));
        assertThat(finished.mayHaveForgotten(LATER)).isFalse();
        finished.hasRoomFor(0, 0, 0, at(LATER));
        assertThat(finished.mayHaveForgotten(LATER)).isTrue();
        assertThat(finished.mayHaveForgotten(LATER.plusNanos(1))).isFalse();
        finished.forgotUntil(LATER.plusSeconds(5));
        assertThat(finished.mayHaveForgotten(LATER.plusSeconds(5))).isTrue();
    }
}
