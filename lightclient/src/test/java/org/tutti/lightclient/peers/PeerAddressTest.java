package org.tutti.lightclient.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PeerAddressTest {
    @Test
    void addressesAreReadAsPeopleWriteThem() {
        assertThat(PeerAddress.parse("127.0.0.1:18444"))
                .isEqualTo(new PeerAddress("127.0.0.1", 18_444));
        assertThat(PeerAddress.parse("[::1]:1")).isEqualTo(new PeerAddress("::1", 1));
        assertThat(PeerAddress.parse("[::1]:1")).hasToString("[::1]:1");
        for (String bad : new String[] {"", "host", ":1", "host:0", "host:65536", "host:x"}) {
            assertThatThrownBy(() -> PeerAddress.parse(bad))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
