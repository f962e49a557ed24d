package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;

class PendingAttemptsTest {
    private final OneEngine alice = new OneEngine();
    private final SigningRequest request = alice.fixture.request(1, 1);
    private final PendingAttempts pending =
            new PendingAttempts(
                    SigningLimits.DEFAULT.with(new SigningLimits.Attempts(16, 2, 10)), 3);

    @AfterEach
    void close() {
        alice.close();
    }

    private Statement ready(int signer, int attempt) {
        return alice.ready(signer, request, attempt);
    }

    @Test
    void readyWithinTheLimitsIsFollowed() {
        pending.keep(ready(1, 4));
        assertThat(pending.follow(1)).contains(4);
    }

    @Test
    void jumpAboveTheLimitIsFollowedOnlyWhenAllOthersAreAhead() {
        pending.keep(ready(1, 100));
        assertThat(pending.follow(1)).isEmpty();
        pending.keep(ready(2, 200));
        assertThat(pending.follow(1)).as("to the lower one").contains(100);
    }

    @Test
    void oneMemberIsFollowedOnlyTwiceHere() {
        pending.keep(ready(1, 2));
        assertThat(pending.follow(1)).contains(2);
        pending.take(2);
        pending.keep(ready(1, 3));
        assertThat(pending.follow(2)).contains(3);
        pending.take(3);
        pending.keep(ready(1, 4));
        assertThat(pending.follow(3)).isEmpty();
        pending.keep(ready(2, 5));
        assertThat(pending.follow(3)).as("another member still").contains(5);
    }

    @Test
    void twoMessagesForOneAttemptAreReturned() {
        Statement first = ready(1, 4);
        assertThat(pending.keep(first)).isEmpty();
        assertThat(pending.keep(first)).isEmpty();
        assertThat(pending.keep(alice.ready(1, request, 4, OneEngine.head(9)))).contains(first);
    }

    @Test
    void takingAnAttemptRemovesItAndLowerOnes() {
        Statement bobs = ready(1, 4);
        Statement carols = ready(2, 6);
        pending.keep(bobs);
        pending.keep(carols);
        assertThat(pending.isAhead(alice.member(1))).isTrue();
        assertThat(pending.take(4)).containsExactly(bobs);
        assertThat(pending.isAhead(alice.member(1))).isFalse();
        assertThat(pending.take(7)).as("lower ones are dropped").isEmpty();
        assertThat(pending.isAhead(alice.member(2))).isFalse();
    }

    @Test
    void jumpByExactlyTheLimitIsFollowed() {
        for (int current = 1; current < 41; current += 10) {
            int signer = current < 21 ? 1 : 2;
            pending.keep(ready(signer, current + 10));
            assertThat(pending.follow(current)).contains(current + 10);
            pending.take(current + 10);
        }
        pending.keep(ready(2, 42));
        assertThat(pending.follow(41)).as("each member twice").isEmpty();
    }

    @Test
    void highestOfThoseThatMayBeFollowedIsFollowed() {
        pending.keep(ready(1, 4));
        pending.keep(ready(2, 6));
        assertThat(pending.follow(1)).contains(6);
        assertThat(pending.follow(6)).as("nobody is beyond").isEmpty();
    }

    @Test
    void highestReadyOfAMemberIsKept() {
        Statement eight = ready(1, 8);
        pending.keep(eight);
        assertThat(pending.keep(ready(1, 5))).isEmpty();
        assertThat(pending.take(8)).containsExactly(eight);
        pending.keep(ready(1, 8));
        pending.keep(ready(1, 9));
        assertThat(pending.take(8)).isEmpty();
        assertThat(pending.isAhead(alice.member(1))).isTrue();
    }

    @Test
    void lowestOfAllOthersIsGoneToWhoeverIsThere() {
        pending.keep(ready(1, 200));
        pending.keep(ready(2, 100));
        assertThat(pending.follow(1)).contains(100);
    }
}
