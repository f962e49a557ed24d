package org.tutti.signing.request;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;

class SigningLimitsTest {
    @Test
    void documentedDefaults() {
        SigningLimits d = SigningLimits.DEFAULT;
        assertThat(d.frameBytes()).isEqualTo(1_048_576);
        assertThat(d.requests().contextBytes()).isEqualTo(256 * 1024);
        assertThat(d.requests().purposeChars()).isEqualTo(64);
        assertThat(d.requests().lifetime()).isEqualTo(Duration.ofHours(1));
        assertThat(d.attempts()).isEqualTo(new SigningLimits.Attempts(16, 16, 256));
        assertThat(d.live()).isEqualTo(new SigningLimits.Live(256, 128, 2 << 20, 16 << 20));
        assertThat(d.finished()).isEqualTo(new SigningLimits.Finished(65_536, 262_144, 64));
    }

    @Test
    void changingOneGroupKeepsTheOthers() {
        SigningLimits d = SigningLimits.DEFAULT;
        SigningLimits.Requests requests =
                new SigningLimits.Requests(1, 2, 3, Duration.ofSeconds(4), Duration.ofSeconds(5));
        SigningLimits.Attempts attempts = new SigningLimits.Attempts(1, 2, 3);
        SigningLimits.Live live = new SigningLimits.Live(1, 2, 3, 4);
        SigningLimits.Finished finished = new SigningLimits.Finished(1, 2, 3);
        SigningLimits.Held held = new SigningLimits.Held(1, 2, 3);
        SigningLimits.Queues queues = new SigningLimits.Queues(1, 2, 3, 4);
        SigningLimits all =
                d.with(requests).with(attempts).with(live).with(finished).with(held).with(queues);
        assertThat(all)
                .isEqualTo(
                        new SigningLimits(
                                d.frameBytes(),
                                d.nonceSetBytes(),
                                d.evidenceFiles(),
                                requests,
                                attempts,
                                live,
                                finished,
                                held,
                                queues));
    }
}
