package org.tutti.libp2p.internal.kad;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Fuzzing;

class KadFuzzTest {
    @Test
    void damagedMessagesAreReadOrRefused() {
        Fuzzing.damaged(KadFuzz.seeds(), 10_000, KadFuzz::fuzzerTestOneInput);
    }

    @Test
    @Tag("fuzz")
    void jazzerFindsNothing() {
        Fuzzing.withJazzer(KadFuzz.class, "KAD", KadFuzz.seeds());
    }
}
