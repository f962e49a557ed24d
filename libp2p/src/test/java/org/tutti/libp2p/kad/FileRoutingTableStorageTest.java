package org.tutti.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.internal.files.DamagedFiles;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

class FileRoutingTableStorageTest {
    @TempDir Path folder;

    private static KadPeer peer(int addresses) {
        List<Multiaddr> all = new ArrayList<>();
        for (int i = 0; i < addresses; i++) {
            all.add(Multiaddr.parse("/ip4/10.0.0." + i + "/tcp/4001"));
        }
        return new KadPeer(MemoryHosts.key().publicKey().peerId(), all);
    }

    @Test
    void whatIsSavedIsLoaded() throws IOException {
        var storage = new FileRoutingTableStorage(folder.resolve("peers"));
        assertThat(storage.load()).isEmpty();
        List<KadPeer> peers = List.of(peer(0), peer(1), peer(3));
        storage.save(peers);
        assertThat(storage.load()).isEqualTo(peers);
        assertThat(Files.getPosixFilePermissions(folder.resolve("peers"))).hasSize(2);
    }

    @Test
    void aDamagedFileIsMovedAsideWhereverItIsDamaged() throws IOException {
        Path file = folder.resolve("peers");
        var storage = new FileRoutingTableStorage(file);
        storage.save(List.of(peer(1)));
        DamagedFiles.requireMovedAside(file, storage::load);
    }

    @Test
    void noMorePeersAreKeptThanTheBound() throws IOException {
        var storage = new FileRoutingTableStorage(folder.resolve("peers"));
        storage.save(Collections.nCopies(RoutingTableStorage.MAX_PEERS + 1, peer(1)));
        assertThat(storage.load()).hasSize(RoutingTableStorage.MAX_PEERS);
    }
}
