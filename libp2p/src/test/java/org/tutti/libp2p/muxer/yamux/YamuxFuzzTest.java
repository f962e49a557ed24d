package org.tutti.libp2p.muxer.yamux;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Fuzzing;

class YamuxFuzzTest {
    @Test
    void damagedFramesStayWithinTheBounds() {
        Fuzzing.damaged(YamuxFuzz.seeds(), 500, YamuxFuzz::fuzzerTestOneInput);
    }

    @Test
    @Tag("fuzz")
    void jazzerFindsNothing() {
        Fuzzing.withJazzer(YamuxFuzz.class, "YAMUX", YamuxFuzz.seeds());
    }
}
