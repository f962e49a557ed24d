package org.tutti.libp2p.requestresponse;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Fuzzing;

class FramingFuzzTest {
    @ParameterizedTest
    @EnumSource
    void damagedMessagesAreReadOrRefused(Framing framing) {
        Fuzzing.damaged(FramingFuzz.seeds(framing), 500, input -> FramingFuzz.test(framing, input));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("fuzz")
    void jazzerFindsNothing(Framing framing) {
        Fuzzing.withJazzer(FramingFuzz.class, framing.name(), FramingFuzz.seeds(framing));
    }
}
