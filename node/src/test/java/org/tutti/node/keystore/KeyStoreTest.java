package org.tutti.node.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.Stream;

class KeyStoreTest {
    private final SecureRandom random = new SecureRandom();

    @TempDir Path folder;

    @Test
    void keysThatWereMadeAreReadAgain() throws Exception {
        KeyStore store = new KeyStore(folder.resolve("alice"));
        try (NodeKeys made = store.create(random);
                NodeKeys read = store.open()) {
            assertThat(read.identity().publicKey().peerId())
                    .isEqualTo(made.identity().publicKey().peerId());
            assertThat(read.signing().publicKey()).isEqualTo(made.signing().publicKey());
        }
    }

    @Test
    void everyFileIsTheOwnersAlone() throws Exception {
        new KeyStore(folder.resolve("alice")).create(random).close();
        for (String file : List.of("identity.key", "signing.key")) {
            assertThat(Files.getPosixFilePermissions(folder.resolve("alice/keys").resolve(file)))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
        assertThat(Files.getPosixFilePermissions(folder.resolve("alice/keys")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(Files.getPosixFilePermissions(folder.resolve("alice")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void theTwoKeysHaveNothingInCommon() throws Exception {
        new KeyStore(folder).create(random).close();
        String identity = Files.readString(folder.resolve("keys/identity.key")).strip();
        String signing = Files.readString(folder.resolve("keys/signing.key")).strip();
        assertThat(signing).hasSize(64);
        assertThat(identity).doesNotContain(signing);
    }

    @Test
    void keysAreNeverReplaced() throws Exception {
        KeyStore store = new KeyStore(folder);
        store.create(random).close();
        String before = Files.readString(folder.resolve("keys/signing.key"));
        assertThatThrownBy(() -> store.create(random))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("never replaced");
        assertThat(Files.readString(folder.resolve("keys/signing.key"))).isEqualTo(before);
    }

    @Test
    void aCrashWhileMakingKeysLeavesNoHalfKeyStore() throws Exception {
        // What a kill before the rename leaves: a folder with another name.
        Files.createDirectory(folder.resolve("keys.new123"));
        Files.writeString(folder.resolve("keys.new123/signing.key"), "half");
        new KeyStore(folder).create(random).close();
        assertThat(names(folder.resolve("keys"))).containsExactly("identity.key", "signing.key");
    }

    @Test
    void keysThatOthersMayReadAreRefused() throws Exception {
        KeyStore store = new KeyStore(folder);
        store.create(random).close();
        Path file = folder.resolve("keys/signing.key");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(store::open)
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("signing.key")
                .hasMessageContaining("chmod 600");
    }

    @Test
    void aFileThatIsNoKeyIsRefusedWithoutBeingQuoted() throws Exception {
        KeyStore store = new KeyStore(folder);
        store.create(random).close();
        for (String content :
                List.of(
                        "",
                        "zz",
                        "abc",
                        "00".repeat(32),
                        "ff".repeat(32),
                        "1d".repeat(31),
                        "a".repeat(5000))) {
            Files.writeString(folder.resolve("keys/signing.key"), content);
            assertThatThrownBy(store::open)
                    .isInstanceOf(KeyStoreException.class)
                    .hasMessageContaining("signing.key")
                    .satisfies(e -> {
                        if (content.length() > 8) {
                            assertThat(e.getMessage()).doesNotContain(content);
                        }
                    });
        }
    }

    @Test
    void anIdentityThatIsNoKeyIsRefused() throws Exception {
        KeyStore store = new KeyStore(folder);
        store.create(random).close();
        Files.writeString(folder.resolve("keys/identity.key"), "0801");
        assertThatThrownBy(store::open)
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("identity.key");
    }

    @Test
    void aMissingKeyStoreSaysHowToMakeOne() {
        assertThatThrownBy(() -> new KeyStore(folder.resolve("nobody")).open())
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("node init");
    }

    @Test
    void nothingPrintsASecret() throws Exception {
        KeyStore store = new KeyStore(folder);
        try (NodeKeys keys = store.create(random)) {
            String identity = Files.readString(folder.resolve("keys/identity.key")).strip();
            String signing = Files.readString(folder.resolve("keys/signing.key")).strip();
            String printed = keys + " " + keys.signing() + " " + keys.identity();
            assertThat(printed).doesNotContain(signing).doesNotContain(identity.substring(8, 72));
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
