package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.libp2p.identity.IdentityFile;
import org.tutti.libp2p.identity.KeyType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;

/// What a program says with text and files.
@Timeout(60)
class HostBuilderTest {
    private final MemoryHosts hosts = new MemoryHosts();

    @AfterEach
    void close() {
        hosts.close();
    }

    @Test
    void addressesMayBeText() throws Exception {
        Host bob =
                hosts.start(
                        Host.builder()
                                .identity(MemoryHosts.key())
                                .transport(hosts.transport())
                                .listen("/memory/0"));
        Host alice = hosts.start(hosts.builder());
        String address = MemoryHosts.addressOf(bob).toString();
        assertThat(alice.connect(address).remotePeer()).isEqualTo(bob.peerId());
        assertThatThrownBy(() -> alice.connect("/memory"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Host.builder().listen("memory"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anIdentityIsMadeOnceAndFoundAgain(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("identity.key");
        Host first = hosts.start(hosts.builder().identityFile(file));
        Host second = hosts.start(hosts.builder().identityFile(file));
        assertThat(first.publicKey().type()).isEqualTo(KeyType.ED25519);
        assertThat(second.peerId()).isEqualTo(first.peerId());
        assertThat(IdentityFile.load(file).publicKey()).isEqualTo(first.publicKey());
    }

    @Test
    void aFileThatHoldsNoKeyIsNamedAndLeftAlone(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("identity.key");
        Files.write(file, new byte[] {1, 2, 3});
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThatThrownBy(() -> Host.builder().identityFile(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
        assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
    }

    @Test
    void startingTwiceIsAMistake() throws Exception {
        Host host = hosts.start(hosts.builder());
        int listening = host.addresses().size();
        assertThatThrownBy(host::start).isInstanceOf(IllegalStateException.class);
        assertThat(host.addresses()).hasSize(listening);
        host.close();
        assertThatThrownBy(host::start).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aNegativeTimeoutIsRefused() {
        assertThatThrownBy(() -> Host.builder().handlerReadTimeout(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
