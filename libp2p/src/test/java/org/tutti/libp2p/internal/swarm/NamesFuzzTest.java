package org.tutti.libp2p.internal.swarm;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Fuzzing;

class NamesFuzzTest {
    @Test
    void damagedRecordsLeadNowhereWithoutEnd() {
        Fuzzing.damaged(NamesFuzz.seeds(), 500, NamesFuzz::fuzzerTestOneInput);
    }

    @Test
    @Tag("fuzz")
    void jazzerFindsNothing() {
        Fuzzing.withJazzer(NamesFuzz.class, "NAMES", NamesFuzz.seeds());
    }
}
