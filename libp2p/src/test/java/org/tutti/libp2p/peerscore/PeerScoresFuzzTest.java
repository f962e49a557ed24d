package org.tutti.libp2p.peerscore;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Fuzzing;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

class PeerScoresFuzzTest {
    private static List<byte[]> seeds() throws IOException {
        return List.of(
                FilePeerScoreStorage.encode(
                        IntStream.range(0, 3)
                                .mapToObj(i ->
                                        new StoredPeerScore(
                                                Keys.generate(KeyType.ED25519, new SecureRandom())
                                                        .publicKey()
                                                        .peerId(),
                                                10 * i + 1,
                                                Instant.ofEpochMilli(1_767_323_045_000L + i),
                                                "KAD_FLOOD"))
                                .toList()));
    }

    @Test
    void damagedEntriesAreReadOrRefused() throws Exception {
        Fuzzing.damaged(seeds(), 10_000, PeerScoresFuzz::fuzzerTestOneInput);
    }

    @Test
    @Tag("fuzz")
    void jazzerFindsNothing() throws Exception {
        Fuzzing.withJazzer(PeerScoresFuzz.class, "PEER_SCORES", seeds());
    }
}
