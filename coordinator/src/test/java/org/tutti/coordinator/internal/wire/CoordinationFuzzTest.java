package org.tutti.coordinator.internal.wire;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Fuzzing;

class CoordinationFuzzTest {
    @ParameterizedTest
    @EnumSource
    void damagedMessagesAreReadOrRefused(CoordinationFuzz.Target target) {
        Fuzzing.damaged(
                CoordinationFuzz.seeds(target),
                1_000,
                input -> CoordinationFuzz.test(target, input));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("fuzz")
    void jazzerFindsNothing(CoordinationFuzz.Target target) {
        Fuzzing.withJazzer(CoordinationFuzz.class, target.name(), CoordinationFuzz.seeds(target));
    }
}
