package org.tutti.libp2p.security.noise;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Fuzzing;

class NoiseFuzzTest {
    @ParameterizedTest
    @EnumSource
    void damagedHandshakesAndFramesAreRefusedWithATypedError(NoiseFuzz.Target target) {
        Fuzzing.damaged(NoiseFuzz.seeds(target), 300, input -> NoiseFuzz.test(target, input));
    }

    /// Else nothing behind the first refusal would ever be tried.
    @Test
    void theSeedsAreWholeHandshakes() {
        for (NoiseFuzz.Target target :
                new NoiseFuzz.Target[] {NoiseFuzz.Target.INBOUND, NoiseFuzz.Target.OUTBOUND}) {
            assertThat(NoiseFuzz.isAccepted(target, NoiseFuzz.seeds(target).getFirst())).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("fuzz")
    void jazzerFindsNothing(NoiseFuzz.Target target) {
        Fuzzing.withJazzer(NoiseFuzz.class, target.name(), NoiseFuzz.seeds(target));
    }
}
