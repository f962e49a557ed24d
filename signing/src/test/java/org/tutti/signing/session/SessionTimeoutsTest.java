package org.tutti.signing.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

import java.time.Duration;

class SessionTimeoutsTest {
    private static final Duration ONE = Duration.ofNanos(1);

    @Test
    void everyPhaseTakesTimeAndTheRefusedOneIsNamed() {
        assertThat(new SessionTimeouts(ONE, ONE, ONE).partials()).isEqualTo(ONE);
        for (Duration bad : new Duration[] {Duration.ZERO, ONE.negated()}) {
            refuses(() -> new SessionTimeouts(bad, ONE, ONE), "readiness");
            refuses(() -> new SessionTimeouts(ONE, bad, ONE), "nonces");
            refuses(() -> new SessionTimeouts(ONE, ONE, bad), "partials");
        }
    }

    private static void refuses(Runnable timeouts, String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(timeouts::run)
                .withMessageContaining(name + " must be positive");
    }
}
