package org.tutti.libp2p.kad.record;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.base.Fuzzing;

class RecordFuzzTest {
    @ParameterizedTest
    @EnumSource
    void damagedRecordsAreReadOrRefused(RecordFuzz.Target target) {
        Fuzzing.damaged(RecordFuzz.seeds(target), 2_000, input -> RecordFuzz.test(target, input));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("fuzz")
    void jazzerFindsNothing(RecordFuzz.Target target) {
        Fuzzing.withJazzer(RecordFuzz.class, target.name(), RecordFuzz.seeds(target));
    }
}
