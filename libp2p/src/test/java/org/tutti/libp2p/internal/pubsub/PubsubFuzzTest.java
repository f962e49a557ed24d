package org.tutti.libp2p.internal.pubsub;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Fuzzing;

class PubsubFuzzTest {
    @Test
    void damagedRpcsAreReadOrRefused() {
        Fuzzing.damaged(PubsubFuzz.seeds(), 5_000, PubsubFuzz::fuzzerTestOneInput);
    }

    @Test
    @Tag("fuzz")
    void jazzerFindsNothing() {
        Fuzzing.withJazzer(PubsubFuzz.class, "PUBSUB", PubsubFuzz.seeds());
    }
}
