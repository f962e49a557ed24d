package org.tutti.libp2p.internal.ping;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Fuzzing;

class PingFuzzTest {
    @Test
    void damagedPingsAreAnsweredOrRefused() {
        Fuzzing.damaged(PingFuzz.seeds(), 500, PingFuzz::fuzzerTestOneInput);
    }

    @Test
    @Tag("fuzz")
    void jazzerFindsNothing() {
        Fuzzing.withJazzer(PingFuzz.class, "PING", PingFuzz.seeds());
    }
}
