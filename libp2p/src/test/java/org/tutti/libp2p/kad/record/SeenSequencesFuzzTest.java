package org.tutti.libp2p.kad.record;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.base.Fuzzing;

import java.util.List;

class SeenSequencesFuzzTest {
    private static List<byte[]> seeds() {
        return List.of(
                FileSeenSequenceStorage.encode(
                        List.of(
                                new SeenSequence(Bytes.fromHex("2f612f62"), 1, 2),
                                new SeenSequence(Bytes.wrap(new byte[80]), Long.MAX_VALUE, -1),
                                new SeenSequence(Bytes.EMPTY, 0, 0))));
    }

    @Test
    void damagedSequencesAreReadOrRefused() throws Exception {
        Fuzzing.damaged(seeds(), 2_000, SeenSequencesFuzz::fuzzerTestOneInput);
    }

    @Test
    @Tag("fuzz")
    void jazzerFindsNothing() throws Exception {
        Fuzzing.withJazzer(SeenSequencesFuzz.class, "SEEN_SEQUENCES", seeds());
    }
}
