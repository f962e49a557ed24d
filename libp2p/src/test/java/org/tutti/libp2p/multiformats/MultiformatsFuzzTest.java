package org.tutti.libp2p.multiformats;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Fuzzing;

class MultiformatsFuzzTest {
    @ParameterizedTest
    @EnumSource
    void whatIsDamagedIsReadOrRefused(MultiformatsFuzz.Target target) {
        Fuzzing.damaged(
                MultiformatsFuzz.seeds(target), 500, input -> MultiformatsFuzz.test(target, input));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("fuzz")
    void jazzerFindsNothing(MultiformatsFuzz.Target target) {
        Fuzzing.withJazzer(MultiformatsFuzz.class, target.name(), MultiformatsFuzz.seeds(target));
    }
}
