package org.tutti.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;

import java.io.IOException;
import java.security.SecureRandom;

@Timeout(60)
class WhoIsHereTest {
    private static HostBuilder builder() {
        return Host.builder().identity(Keys.generate(KeyType.ED25519, new SecureRandom()));
    }

    private static Host start(HostBuilder builder) throws IOException {
        Host host = builder.build();
        host.start();
        return host;
    }

    @Test
    void aBehaviourCountsWhoComesAndGoesAndTellsWhoeverAsks() throws Exception {
        WhoIsHere here = new WhoIsHere();
        try (Host bob =
                        start(
                                builder()
                                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                                        .behaviour(here));
                Host alice = start(builder())) {
            Multiaddr address = bob.addresses().getFirst();
            Connection alices = alice.connect(address);
            assertThat(WhoIsHere.ask(alices)).isEqualTo(1);
            try (Host carol = start(builder())) {
                assertThat(WhoIsHere.ask(carol.connect(address))).isEqualTo(2);
                assertThat(WhoIsHere.ask(alices)).isEqualTo(2);
            }
            // Bob notices that carol has gone while alice goes on asking.
            int left = WhoIsHere.ask(alices);
            while (left != 1) {
                left = WhoIsHere.ask(alices);
            }
            assertThat(here.count()).isEqualTo(1);
        }
    }
}
