package org.tutti.benchmarks.p2p;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/// The other process of the benchmark: a host that listens on loopback with the limits that every
/// host has, prints its address, and for each line that it reads its [Usage], or how many
/// connections it has. It ends with its input.
public final class BenchPeer {
    /// Asks for the number of connections.
    static final String CONNECTIONS = "connections";

    private BenchPeer() {}

    /// Takes no arguments.
    public static void main(String[] arguments) throws IOException {
        try (Host host =
                Host.builder()
                        .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                        .handler(Transfer.PROTOCOL, Transfer::serve)
                        .build()) {
            host.start();
            System.out.println(host.addresses().getFirst());
            BufferedReader input =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                System.out.println(
                        line.equals(CONNECTIONS) ? host.stats().connections() : Usage.now());
            }
        }
    }
}
