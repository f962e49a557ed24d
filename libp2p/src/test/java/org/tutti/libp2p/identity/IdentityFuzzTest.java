package org.tutti.libp2p.identity;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Fuzzing;

class IdentityFuzzTest {
    @ParameterizedTest
    @EnumSource
    void damagedKeysAndSignaturesAreReadOrRefused(IdentityFuzz.Target target) {
        Fuzzing.damaged(
                IdentityFuzz.seeds(target), 2_000, input -> IdentityFuzz.test(target, input));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("fuzz")
    void jazzerFindsNothing(IdentityFuzz.Target target) {
        Fuzzing.withJazzer(IdentityFuzz.class, target.name(), IdentityFuzz.seeds(target));
    }
}
