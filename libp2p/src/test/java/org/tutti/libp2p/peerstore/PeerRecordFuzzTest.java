package org.tutti.libp2p.peerstore;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Fuzzing;

class PeerRecordFuzzTest {
    @ParameterizedTest
    @EnumSource
    void damagedEnvelopesAndRecordsAreReadOrRefused(PeerRecordFuzz.Target target) {
        Fuzzing.damaged(
                PeerRecordFuzz.seeds(target), 500, input -> PeerRecordFuzz.test(target, input));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("fuzz")
    void jazzerFindsNothing(PeerRecordFuzz.Target target) {
        Fuzzing.withJazzer(PeerRecordFuzz.class, target.name(), PeerRecordFuzz.seeds(target));
    }
}
