package org.tutti.examples;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.concurrent.CountDownLatch;

/// A libp2p peer that answers identify and ping until Ctrl-C.
public final class Listen {
    private Listen() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Host host = start("/ip4/0.0.0.0/tcp/0");
        Runtime.getRuntime().addShutdownHook(new Thread(host::close));
        // One for each interface.
        host.addresses().forEach(System.out::println);
        new CountDownLatch(1).await();
    }

    static Host start(String address) throws IOException {
        Host host =
                Host.builder()
                        .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                        .listen(address)
                        .build();
        host.start();
        return host;
    }
}
