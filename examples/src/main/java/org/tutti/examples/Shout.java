package org.tutti.examples;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.requestresponse.RequestResponse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Locale;

/// One peer asks, the other answers: request and response.
public final class Shout {
    static final String PROTOCOL = "/tutti/examples/shout/1.0.0";

    private Shout() {}

    /// @param args what to shout
    public static void main(String[] args) throws IOException {
        System.out.println(shout(String.join(" ", args)));
    }

    static String shout(String words) throws IOException {
        RequestResponse answers =
                RequestResponse.builder(PROTOCOL)
                        .handler((_, request) -> bytes(text(request).toUpperCase(Locale.ROOT)))
                        .build();
        RequestResponse asks = RequestResponse.builder(PROTOCOL).build();
        try (Host bob = start(builder().listen("/ip4/127.0.0.1/tcp/0").behaviour(answers));
                Host alice = start(builder().behaviour(asks))) {
            alice.connect(bob.addresses().getFirst());
            return text(asks.request(bob.peerId(), bytes(words)));
        }
    }

    private static HostBuilder builder() {
        return Host.builder().identity(Keys.generate(KeyType.ED25519, new SecureRandom()));
    }

    private static Host start(HostBuilder builder) throws IOException {
        Host host = builder.build();
        host.start();
        return host;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
