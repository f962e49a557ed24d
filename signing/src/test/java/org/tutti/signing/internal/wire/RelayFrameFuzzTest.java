package org.tutti.signing.internal.wire;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Fuzzing;

class RelayFrameFuzzTest {
    @Test
    void damagedFramesAreReadOrRefused() {
        Fuzzing.damaged(RelayFrameFuzz.seeds(), 2_000, RelayFrameFuzz::fuzzerTestOneInput);
    }

    @Test
    @Tag("fuzz")
    void jazzerFindsNothing() {
        Fuzzing.withJazzer(RelayFrameFuzz.class, "RELAY_FRAME", RelayFrameFuzz.seeds());
    }
}
