package org.tutti.wallet.request;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Fuzzing;

class RequestFuzzTest {
    @Test
    void damagedPsbtsAreReadOrRefused() {
        Fuzzing.damaged(RequestFuzz.seeds(), 1_000, RequestFuzz::test);
    }

    @Test
    @Tag("fuzz")
    void jazzerFindsNothing() {
        Fuzzing.withJazzer(RequestFuzz.class, "psbt", RequestFuzz.seeds());
    }
}
