package org.tutti.libp2p.internal.dns;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Fuzzing;

class DnsFuzzTest {
    @Test
    void damagedMessagesAreReadOrRefused() {
        Fuzzing.damaged(DnsFuzz.seeds(), 10_000, DnsFuzz::fuzzerTestOneInput);
    }

    @Test
    @Tag("fuzz")
    void jazzerFindsNothing() {
        Fuzzing.withJazzer(DnsFuzz.class, "DNS", DnsFuzz.seeds());
    }
}
