package org.tutti.lightclient.store;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Fuzzing;

class StoreFuzzTest {
    @ParameterizedTest
    @EnumSource
    void damagedFilesAreOpenedOrRefused(StoreFuzz.Target target) {
        Fuzzing.damaged(StoreFuzz.seeds(target), 1_000, input -> StoreFuzz.test(target, input));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("fuzz")
    void jazzerFindsNothing(StoreFuzz.Target target) {
        Fuzzing.withJazzer(StoreFuzz.class, target.name(), StoreFuzz.seeds(target));
    }
}
