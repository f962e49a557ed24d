package org.tutti.examples;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;

import java.io.IOException;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.util.concurrent.CountDownLatch;

/// A libp2p peer that answers identify and ping until Ctrl-C.
public final class Listen {
    private Listen() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        try (Host host = start("/ip4/0.0.0.0/tcp/0", System.out)) {
            new CountDownLatch(1).await();
        }
    }

    /// Prints each address at which the peer can be dialled: one for each interface where it
    /// listens on all of them.
    static Host start(String address, PrintStream out) throws IOException {
        Host host =
                Host.builder()
                        .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                        .listen(address)
                        .build();
        host.start();
        host.addresses().forEach(out::println);
        return host;
    }
}
