package org.tutti.libp2p.peerstore;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Fuzzing;

class StoredPeersFuzzTest {
    @Test
    void damagedMessagesAreReadOrRefused() {
        Fuzzing.damaged(StoredPeersFuzz.seeds(), 10_000, StoredPeersFuzz::fuzzerTestOneInput);
    }

    @Test
    @Tag("fuzz")
    void jazzerFindsNothing() {
        Fuzzing.withJazzer(StoredPeersFuzz.class, "STORED_PEERS", StoredPeersFuzz.seeds());
    }
}
