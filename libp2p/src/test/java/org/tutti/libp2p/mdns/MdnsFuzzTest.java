package org.tutti.libp2p.mdns;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Fuzzing;

class MdnsFuzzTest {
    @Test
    void damagedPacketsAreAnsweredOrIgnored() {
        Fuzzing.damaged(MdnsFuzz.seeds(), 10_000, MdnsFuzz::fuzzerTestOneInput);
    }

    @Test
    @Tag("fuzz")
    void jazzerFindsNothing() {
        Fuzzing.withJazzer(MdnsFuzz.class, "MDNS", MdnsFuzz.seeds());
    }
}
