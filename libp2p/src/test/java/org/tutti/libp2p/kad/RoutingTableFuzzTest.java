package org.tutti.libp2p.kad;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Fuzzing;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.Stream;

class RoutingTableFuzzTest {
    private static List<byte[]> seeds() throws IOException {
        return List.of(
                FileRoutingTableStorage.encode(
                        Stream.of("/ip4/127.0.0.1/tcp/4001", "/dns4/example/tcp/4001")
                                .map(address ->
                                        new KadPeer(
                                                Keys.generate(KeyType.ED25519, new SecureRandom())
                                                        .publicKey()
                                                        .peerId(),
                                                List.of(Multiaddr.parse(address))))
                                .toList()));
    }

    @Test
    void damagedPeersAreReadOrRefused() throws Exception {
        Fuzzing.damaged(seeds(), 2_000, RoutingTableFuzz::fuzzerTestOneInput);
    }

    @Test
    @Tag("fuzz")
    void jazzerFindsNothing() throws Exception {
        Fuzzing.withJazzer(RoutingTableFuzz.class, "ROUTING_TABLE", seeds());
    }
}
