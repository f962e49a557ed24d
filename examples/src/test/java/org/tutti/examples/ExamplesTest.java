package org.tutti.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.host.Host;

import java.time.Duration;
import java.util.List;

class ExamplesTest {
    @Test
    @Timeout(60)
    void oneExampleListensAndTheOtherPingsIt() throws Exception {
        try (Host listener = Listen.start()) {
            List<Duration> times = PingPeer.ping(listener.addresses().getFirst(), 3);
            assertThat(times).hasSize(3).allSatisfy(t -> assertThat(t).isPositive());
        }
    }
}
