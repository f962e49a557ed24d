package org.tutti.libp2p.internal.dns;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;

class SystemNamesTest {
    @TempDir Path folder;

    private SystemNames read(String hosts, String resolver) throws Exception {
        return SystemNames.read(
                Files.writeString(folder.resolve("hosts"), hosts),
                Files.writeString(folder.resolve("resolv.conf"), resolver));
    }

    @Test
    void theFilesOfThisMachineAreRead() throws Exception {
        SystemNames names =
                read(
                        """
                        # comment
                        127.0.0.1\tlocalhost
                        192.0.2.1  alice.example alice   # hers
                        2001:db8::1 alice
                        not-an-address bob
                        """,
                        """
                        search example
                        nameserver 192.0.2.53
                        nameserver ::1 ; ours
                        nameserver nonsense
                        options ndots:2
                        nameserver 192.0.2.54
                        nameserver 192.0.2.55
                        """);
        assertThat(names.hosts(DnsName.parse("ALICE")))
                .extracting(InetAddress::getHostAddress)
                .containsExactly("192.0.2.1", "2001:db8:0:0:0:0:0:1");
        assertThat(names.hosts(DnsName.parse("bob"))).isEmpty();
        assertThat(names.hosts(DnsName.parse("localhost"))).hasSize(1);
        assertThat(names.servers())
                .extracting(s -> s.getAddress().getHostAddress() + " " + s.getPort())
                .containsExactly("192.0.2.53 53", "0:0:0:0:0:0:0:1 53", "192.0.2.54 53");
    }

    @Test
    void filesThatAreNotThereHaveNothingInThem() throws Exception {
        SystemNames names = SystemNames.read(folder.resolve("a"), folder.resolve("b"));
        assertThat(names.servers()).isEmpty();
        assertThat(names.hosts(DnsName.parse("alice"))).isEmpty();
        assertThat(names.hosts(DnsName.parse("x.localhost"))).hasSize(2);
    }
}
