package org.tutti.examples;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.concurrent.CountDownLatch;

/// A libp2p peer that answers identify and ping until Ctrl-C.
public final class Listen {
    private Listen() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        try (Host host = start()) {
            host.addresses().forEach(System.out::println);
            new CountDownLatch(1).await();
        }
    }

    /// A peer on a free port of the loopback interface.
    static Host start() throws IOException {
        Host host =
                Host.builder()
                        .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                        .build();
        host.start();
        return host;
    }
}
