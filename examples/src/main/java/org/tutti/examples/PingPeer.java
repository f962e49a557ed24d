package org.tutti.examples;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.ping.PingStream;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Connects to a libp2p peer and pings it.
public final class PingPeer {
    private PingPeer() {}

    /// @param args the peer's address, ending in `/p2p` and its id
    public static void main(String[] args) throws IOException {
        ping(args[0], 5).forEach(System.out::println);
    }

    /// The round-trip times of some pings on one stream.
    static List<Duration> ping(String address, int count) throws IOException {
        List<Duration> times = new ArrayList<>();
        try (Host host =
                Host.builder()
                        .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                        .build()) {
            host.start();
            try (PingStream pings = host.openPing(host.connect(address))) {
                for (int i = 0; i < count; i++) {
                    times.add(pings.ping());
                }
            }
        }
        return times;
    }
}
