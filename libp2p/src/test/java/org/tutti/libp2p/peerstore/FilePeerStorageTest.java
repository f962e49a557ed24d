package org.tutti.libp2p.peerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.internal.files.DamagedFiles;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class FilePeerStorageTest {
    private static final Multiaddr HERE = Multiaddr.parse("/ip4/127.0.0.1/tcp/4001");
    private static final Instant THEN = Instant.parse("2026-01-02T03:04:05.678Z");

    @TempDir private Path folder;
    private Path file;
    private FilePeerStorage storage;

    private final PrivateKey key = MemoryHosts.key();
    private final PeerId bob = key.publicKey().peerId();
    private final SignedEnvelope record = new PeerRecord(bob, 1, List.of(HERE)).seal(key);
    private final List<StoredPeer> peers =
            List.of(
                    new StoredPeer(
                            bob,
                            List.of(new StoredPeer.Address(HERE, THEN)),
                            Optional.of(new StoredPeer.Signed(record, THEN.plusSeconds(1)))),
                    new StoredPeer(
                            MemoryHosts.key().publicKey().peerId(), List.of(), Optional.empty()));

    @BeforeEach
    void open() {
        file = folder.resolve("peers");
        storage = new FilePeerStorage(file);
    }

    @Test
    void whatIsSavedIsLoaded() throws Exception {
        assertThat(storage.load()).isEmpty();
        storage.save(peers);
        assertThat(storage.load()).isEqualTo(peers);
        storage.save(peers.subList(0, 1));
        assertThat(new FilePeerStorage(file).load()).isEqualTo(peers.subList(0, 1));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).as("no temporary file").containsExactly(file);
        }
    }

    @Test
    void aFileIsStartedAfreshWhereverItIsDamaged() throws Exception {
        storage.save(peers);
        DamagedFiles.requireMovedAside(file, storage::load);
        storage.save(peers);
        assertThat(storage.load()).isEqualTo(peers);
    }

    @Test
    void soAlsoIfItIsTooLong() throws Exception {
        storage.save(peers);
        byte[] good = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(good, good.length + 1));
        assertThat(storage.load()).isEmpty();
        Files.write(file, good);
        assertThat(new FilePeerStorage(file, good.length - 1).load()).isEmpty();
        assertThat(file).doesNotExist();
    }

    @Test
    void theFileIsBoundedAndThePeersUsedLastAreKept() throws Exception {
        List<StoredPeer> many =
                IntStream.range(0, 1_000)
                        .mapToObj(i ->
                                new StoredPeer(
                                        MemoryHosts.key().publicKey().peerId(),
                                        List.of(new StoredPeer.Address(HERE, THEN)),
                                        Optional.empty()))
                        .toList();
        FilePeerStorage small = new FilePeerStorage(file, 10_000);
        small.save(many);
        assertThat(Files.size(file)).isBetween(9_000L, 10_000L);
        List<StoredPeer> kept = small.load();
        assertThat(kept).isEqualTo(many.subList(many.size() - kept.size(), many.size()));
    }

    @Test
    void aLinkIsNotFollowed() throws Exception {
        Path elsewhere = folder.resolve("elsewhere");
        new FilePeerStorage(elsewhere).save(peers);
        Files.createSymbolicLink(file, elsewhere);
        assertThatThrownBy(storage::load).isInstanceOf(IOException.class);
        assertThat(new FilePeerStorage(elsewhere).load()).isEqualTo(peers);
    }

    @Test
    void aFolderThatIsNotThereIsAnError() {
        FilePeerStorage nowhere = new FilePeerStorage(folder.resolve("none").resolve("peers"));
        assertThatThrownBy(() -> nowhere.save(peers)).isInstanceOf(IOException.class);
    }
}
