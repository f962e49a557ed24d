package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.journal.ForgottenTimes;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.session.SessionOutcome;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;

class FinishedSessionsTest {
    private static FinishedSessions.Clocks at(Instant now) {
        return at(now, Instant.MAX);
    }

    /// @param latest no request that could be taken expires later
    private static FinishedSessions.Clocks at(Instant now, Instant latest) {
        return new FinishedSessions.Clocks() {
            @Override
            public boolean surelyOver(Instant wall, Instant running) {
                return !now.isBefore(wall) && !now.isBefore(running);
            }

            @Override
            public boolean isFarAhead(Instant expires) {
                return expires.isAfter(latest);
            }
        };
    }

    private static SigningLimits limits(SigningLimits.Finished finished, Duration skew) {
        SigningLimits.Requests requests = SigningLimits.DEFAULT.requests();
        return SigningLimits.DEFAULT
                .with(finished)
                .with(
                        new SigningLimits.Requests(
                                requests.messages(),
                                requests.contextBytes(),
                                requests.purposeChars(),
                                requests.lifetime(),
                                skew));
    }

    private static final Instant LATER = Instant.EPOCH.plusSeconds(100);

    private final FinishedSessions finished =
            new FinishedSessions(limits(new SigningLimits.Finished(4, 10, 2), Duration.ZERO), 3);

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

    private void add(int number, int requester, int signatures, Instant expires) {
        finished.add(id(number), requester, completion(number, signatures), expires, expires);
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
                            limits(new SigningLimits.Finished(9, 10, 2), Duration.ZERO), 3);
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
    void requestThatExpiresWithOneThatWasForgottenMayBeThatOne() {
        assertThat(finished.mayHaveForgotten(Instant.EPOCH)).isFalse();
        add(1, 0, 0, LATER);
        add(2, 0, 0, LATER.plusSeconds(1));
        assertThat(finished.mayHaveForgotten(LATER)).isFalse();
        finished.hasRoomFor(0, 0, 0, at(LATER));
        assertThat(finished.mayHaveForgotten(LATER)).isTrue();
        assertThat(finished.mayHaveForgotten(LATER.minusMillis(1))).isFalse();
        assertThat(finished.mayHaveForgotten(LATER.plusMillis(1))).isFalse();
        ForgottenTimes earlier = new ForgottenTimes();
        earlier.add(LATER.plusSeconds(5).toEpochMilli());
        finished.forgot(earlier);
        assertThat(finished.mayHaveForgotten(LATER.plusSeconds(5))).isTrue();
        assertThat(finished.mayHaveForgotten(LATER)).isTrue();
    }

    @Test
    void sessionIsRememberedForAsLongAsClocksMayDifferAfterItsRequestHasExpired() {
        Duration skew = Duration.ofSeconds(9);
        FinishedSessions some =
                new FinishedSessions(limits(new SigningLimits.Finished(9, 10, 2), skew), 3);
        some.add(id(1), 0, completion(1, 0), LATER, LATER.plusSeconds(1));
        some.hasRoomFor(0, 0, 0, at(LATER.plusSeconds(10).minusNanos(1)));
        assertThat(some.contains(id(1))).isTrue();
        some.hasRoomFor(0, 0, 0, at(LATER.plusSeconds(10)));
        assertThat(some.contains(id(1))).isFalse();
    }

    @Test
    void sessionsDatedFarAheadMakeRoomAndAreNotTakenAgain() {
        FinishedSessions.Clocks clocks = at(Instant.EPOCH, LATER);
        add(1, 0, 0, LATER.plusMillis(1));
        assertThat(finished.hasRoomFor(0, 0, 0, clocks)).isTrue();
        assertThat(finished.contains(id(1))).as("there is room").isTrue();
        add(2, 0, 0, LATER);
        assertThat(finished.hasRoomFor(0, 0, 0, clocks)).isTrue();
        assertThat(finished.contains(id(1))).isFalse();
        assertThat(finished.contains(id(2))).isTrue();
        assertThat(finished.mayHaveForgotten(LATER.plusMillis(1))).isTrue();
        assertThat(finished.mayHaveForgotten(LATER)).isFalse();
        add(3, 0, 0, LATER);
        assertThat(finished.hasRoomFor(0, 0, 0, clocks)).as("none is ahead").isFalse();
        assertThat(finished.size()).isEqualTo(2);
    }

    @Test
    void whatStayedAsOthersMadeRoomIsForgottenInItsTime() {
        for (boolean clockSetBack : new boolean[] {false, true}) {
            FinishedSessions some =
                    new FinishedSessions(
                            limits(new SigningLimits.Finished(4, 10, 2), Duration.ZERO), 3);
            some.add(id(1), 0, completion(1, 0), LATER, LATER);
            some.add(id(2), 0, completion(2, 0), LATER.plusMillis(1), LATER);
            some.add(id(3), 0, completion(3, 0), LATER.minusMillis(1), LATER);
            assertThat(some.hasRoomFor(0, 0, 0, at(Instant.EPOCH, LATER))).isFalse();
            assertThat(some.size()).isEqualTo(2);
            if (clockSetBack) {
                assertThat(some.hasRoomFor(0, 0, 0, at(Instant.EPOCH, LATER.minusMillis(1))))
                        .isTrue();
                assertThat(some.size()).isEqualTo(1);
            } else {
                assertThat(some.hasRoomFor(0, 0, 0, at(LATER.plusMillis(1)))).isTrue();
                assertThat(some.size()).isZero();
                Instant later = LATER.plusSeconds(9);
                some.add(id(4), 0, completion(4, 0), later, later);
                some.add(id(5), 0, completion(5, 0), later, later);
                assertThat(some.hasRoomFor(0, 0, 0, at(LATER.plusMillis(1)))).isFalse();
            }
        }
    }

    @Test
    void sessionsDatedFarAheadDoNotMakeRoomForMoreLiveOnesThanThereMayBe() {
        add(1, 0, 0, LATER.plusMillis(1));
        assertThat(finished.hasRoomFor(1, 4, 0, at(Instant.EPOCH, LATER))).isFalse();
    }
}
