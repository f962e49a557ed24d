package org.tutti.libp2p.internal.multistream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Fuzzing;

class NegotiationFuzzTest {
    @ParameterizedTest
    @EnumSource
    void damagedNegotiationsEndTheSameHoweverTheyAreCut(NegotiationFuzz.Target target) {
        Fuzzing.damaged(
                NegotiationFuzz.seeds(target), 500, input -> NegotiationFuzz.test(target, input));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("fuzz")
    void jazzerFindsNothing(NegotiationFuzz.Target target) {
        Fuzzing.withJazzer(NegotiationFuzz.class, target.name(), NegotiationFuzz.seeds(target));
    }
}
