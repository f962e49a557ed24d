package org.tutti.bitcoin.psbt;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Fuzzing;

class PsbtFuzzTest {
    @ParameterizedTest
    @EnumSource
    void damagedPsbtsAreReadOrRefused(PsbtFuzz.Target target) {
        Fuzzing.damaged(PsbtFuzz.seeds(target), 1_000, input -> PsbtFuzz.test(target, input));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("fuzz")
    void jazzerFindsNothing(PsbtFuzz.Target target) {
        Fuzzing.withJazzer(PsbtFuzz.class, target.name(), PsbtFuzz.seeds(target));
    }
}
