package org.tutti.libp2p.perf;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Fuzzing;

class PerfFuzzTest {
    @ParameterizedTest
    @EnumSource
    void damagedMeasurementsEndWithinTheBounds(PerfFuzz.Target target) {
        Fuzzing.damaged(PerfFuzz.seeds(target), 500, input -> PerfFuzz.test(target, input));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("fuzz")
    void jazzerFindsNothing(PerfFuzz.Target target) {
        Fuzzing.withJazzer(PerfFuzz.class, target.name(), PerfFuzz.seeds(target));
    }
}
