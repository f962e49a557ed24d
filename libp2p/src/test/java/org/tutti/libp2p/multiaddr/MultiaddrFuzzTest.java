package org.tutti.libp2p.multiaddr;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Fuzzing;

class MultiaddrFuzzTest {
    @ParameterizedTest
    @EnumSource
    void damagedAddressesAreReadOrRefused(MultiaddrFuzz.Target target) {
        Fuzzing.damaged(
                MultiaddrFuzz.seeds(target), 10_000, input -> MultiaddrFuzz.test(target, input));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("fuzz")
    void jazzerFindsNothing(MultiaddrFuzz.Target target) {
        Fuzzing.withJazzer(MultiaddrFuzz.class, target.name(), MultiaddrFuzz.seeds(target));
    }
}
