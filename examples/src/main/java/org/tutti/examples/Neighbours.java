package org.tutti.examples;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.mdns.MdnsBehaviour;
import org.tutti.libp2p.mdns.MdnsEvent;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/// Finds the peers of the local network by mDNS, is found by them, and notices who leaves.
public final class Neighbours {
    private Neighbours() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Host host = start("/ip4/0.0.0.0/tcp/0", System.out::println);
        // With a goodbye, so that nobody has to wait until we expire.
        Runtime.getRuntime().addShutdownHook(new Thread(host::close));
        new CountDownLatch(1).await();
    }

    static Host start(String address, Consumer<String> out) throws IOException {
        Host host =
                Host.builder()
                        .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                        .listen(address)
                        .behaviour(new MdnsBehaviour())
                        .build();
        var _ = host.subscribe(MdnsEvent.class, event -> out.accept(describe(event)));
        host.start();
        return host;
    }

    private static String describe(MdnsEvent event) {
        return switch (event) {
            case MdnsEvent.Discovered(var peer, var addresses) -> "found " + peer + " " + addresses;
            case MdnsEvent.Expired(var peer) -> "lost " + peer;
            case MdnsEvent.Unavailable(var reason) -> "no mDNS here: " + reason;
        };
    }
}
