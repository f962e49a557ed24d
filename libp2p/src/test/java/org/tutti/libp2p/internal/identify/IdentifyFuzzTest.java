package org.tutti.libp2p.internal.identify;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Fuzzing;

class IdentifyFuzzTest {
    @Test
    void damagedMessagesAreReadWithinTheBoundsOrRefused() {
        Fuzzing.damaged(IdentifyFuzz.seeds(), 500, IdentifyFuzz::fuzzerTestOneInput);
    }

    @Test
    @Tag("fuzz")
    void jazzerFindsNothing() {
        Fuzzing.withJazzer(IdentifyFuzz.class, "IDENTIFY", IdentifyFuzz.seeds());
    }
}
