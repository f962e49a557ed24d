package org.tutti.bitcoin;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Fuzzing;

class BitcoinFuzzTest {
    @ParameterizedTest
    @EnumSource
    void damagedBytesAreReadOrRefused(BitcoinFuzz.Target target) {
        Fuzzing.damaged(BitcoinFuzz.seeds(target), 1_000, input -> BitcoinFuzz.test(target, input));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("fuzz")
    void jazzerFindsNothing(BitcoinFuzz.Target target) {
        Fuzzing.withJazzer(BitcoinFuzz.class, target.name(), BitcoinFuzz.seeds(target));
    }
}
