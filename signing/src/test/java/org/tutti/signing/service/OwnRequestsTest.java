package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.session.SessionOutcome;

class OwnRequestsTest {
    private final GroupFixture fixture = new GroupFixture(2, 7);
    private final OwnRequests requests =
            new OwnRequests(
                    fixture.group,
                    fixture.owner(0).member(),
                    SigningLimits.DEFAULT,
                    fixture.random);

    @AfterEach
    void close() {
        fixture.close();
    }

    private SessionHandle add(int number) {
        return requests.add(HostGroup.draft(number), GroupFixture.NOW);
    }

    @Test
    void numberOfPendingRequestsIsBounded() {
        int most = 2 * SigningLimits.DEFAULT.live().sessions();
        SessionHandle first = add(0);
        for (int i = 1; i < most; i++) {
            add(i);
        }
        assertThatIllegalStateException().isThrownBy(() -> add(most));
        requests.finish(
                new SessionOutcome.Refused(
                        first.request().sessionId(), fixture.owner(0).member(), "NO", "no", false));
        assertThat(first.outcome()).isPresent();
        assertThat(add(most).outcome()).isEmpty();
    }

    @Test
    void whoWaitsWhenNoneAreTakenAnyMoreIsRefused() {
        SessionHandle waiting = add(1);
        requests.close("GROUP_DROPPED");
        assertThat(waiting.outcome())
                .hasValueSatisfying(outcome ->
                        assertThat(outcome)
                                .isInstanceOfSatisfying(
                                        SessionOutcome.Refused.class,
                                        refused ->
                                                assertThat(refused.code())
                                                        .isEqualTo("GROUP_DROPPED")));
        assertThatIllegalStateException()
                .isThrownBy(() -> add(2))
                .withMessageContaining("GROUP_DROPPED");
    }
}
