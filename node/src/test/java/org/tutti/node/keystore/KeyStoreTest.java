package org.tutti.node.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.node.keystore.KeyStoreException.Code;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

class KeyStoreTest {
    private final SecureRandom random = new SecureRandom();

    @TempDir Path folder;

    @Test
    void keysThatWereMadeAreReadAgain() throws Exception {
        KeyStore store = new KeyStore(folder.resolve("alice"));
        try (NodeKeys made = store.create(Network.REGTEST, random);
                NodeKeys read = store.open(Network.REGTEST)) {
            assertThat(read.identity().publicKey().peerId())
                    .isEqualTo(made.identity().publicKey().peerId());
            assertThat(read.signing().publicKey()).isEqualTo(made.signing().publicKey());
        }
    }

    @Test
    void everyFileIsTheOwnersAlone() throws Exception {
        new KeyStore(folder.resolve("alice")).create(Network.REGTEST, random).close();
        for (String file : List.of("identity.key", "signing.key", "inbox.key")) {
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
        new KeyStore(folder).create(Network.REGTEST, random).close();
        String identity = Files.readString(folder.resolve("keys/identity.key")).strip();
        String signing = Files.readAllLines(folder.resolve("keys/signing.key")).getFirst();
        assertThat(signing).hasSize(64);
        assertThat(identity).doesNotContain(signing);
    }

    @Test
    void theInboxKeyIsReadAgainAndMadeWhereThereIsNone() throws Exception {
        KeyStore store = new KeyStore(folder);
        store.create(Network.REGTEST, random).close();
        Bytes made = store.inbox(random).publicKey();
        assertThat(store.inbox(random).publicKey()).isEqualTo(made);
        Path file = folder.resolve("keys/inbox.key");
        Files.delete(file);
        // What a crash left of an earlier try.
        Files.writeString(folder.resolve("keys/inbox.key.new"), "ab");
        Bytes again = store.inbox(random).publicKey();
        assertThat(again).isNotEqualTo(made);
        assertThat(store.inbox(random).publicKey()).isEqualTo(again);
        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(names(folder.resolve("keys")))
                .containsExactly("identity.key", "inbox.key", "signing.key");
    }

    @Test
    void anInboxKeyThatIsNoneOrThatOthersMayReadIsRefused() throws Exception {
        KeyStore store = new KeyStore(folder);
        store.create(Network.REGTEST, random).close();
        Path file = folder.resolve("keys/inbox.key");
        Files.writeString(file, "ab".repeat(31));
        assertThatThrownBy(() -> store.inbox(random))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("not an inbox key");
        Files.writeString(file, "ab".repeat(32));
        store.inbox(random).close();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> store.inbox(random))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("chmod 600");
    }

    @Test
    void keysAreNeverReplaced() throws Exception {
        KeyStore store = new KeyStore(folder);
        store.create(Network.REGTEST, random).close();
        String before = Files.readString(folder.resolve("keys/signing.key"));
        assertThatThrownBy(() -> store.create(Network.REGTEST, random))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("never replaced");
        assertThat(Files.readString(folder.resolve("keys/signing.key"))).isEqualTo(before);
    }

    @Test
    void aCrashWhileMakingKeysLeavesNoHalfKeyStore() throws Exception {
        // What a kill before the rename leaves: a folder with another name.
        Files.createDirectory(folder.resolve("keys.new123"));
        Files.writeString(folder.resolve("keys.new123/signing.key"), "half");
        new KeyStore(folder).create(Network.REGTEST, random).close();
        assertThat(names(folder.resolve("keys")))
                .containsExactly("identity.key", "inbox.key", "signing.key");
    }

    @Test
    void keysThatOthersMayReadAreRefused() throws Exception {
        KeyStore store = new KeyStore(folder);
        store.create(Network.REGTEST, random).close();
        Path file = folder.resolve("keys/signing.key");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> store.open(Network.REGTEST))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("signing.key")
                .hasMessageContaining("chmod 600");
    }

    @Test
    void aFileThatIsNoKeyIsRefusedWithoutBeingQuoted() throws Exception {
        KeyStore store = new KeyStore(folder);
        store.create(Network.REGTEST, random).close();
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
            assertThatThrownBy(() -> store.open(Network.REGTEST))
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
    void theSigningKeysFileNamesItsNetwork() throws Exception {
        new KeyStore(folder).create(Network.MAINNET, random).close();
        assertThat(Files.readAllLines(folder.resolve("keys/signing.key")))
                .hasSize(2)
                .element(1)
                .isEqualTo("network mainnet " + Network.MAINNET.id().toHex());
    }

    @Test
    void aKeyOfAnotherNetworkIsRefusedAndBothAreNamed() throws Exception {
        KeyStore store = new KeyStore(folder);
        store.create(Network.MAINNET, random).close();
        try (NodeKeys keys = store.open(Network.MAINNET)) {
            assertThat(keys.network()).isEqualTo(Network.MAINNET.id());
        }
        refusedOnRegtest(
                store,
                Code.KEY_OF_ANOTHER_NETWORK,
                "this key is for mainnet, the configuration names regtest");
    }

    @Test
    void anotherNameBeforeTheIdChangesNothing() throws Exception {
        KeyStore store = new KeyStore(folder);
        store.create(Network.MAINNET, random).close();
        rewriteNetwork("network regtest " + Network.MAINNET.id().toHex());
        refusedOnRegtest(store, Code.KEY_OF_ANOTHER_NETWORK, "this key is for mainnet");
        rewriteNetwork("network mainnet " + Network.REGTEST.id().toHex());
        store.open(Network.REGTEST).close();
    }

    @Test
    void aKeyOfOneSignetIsRefusedOnAnother() throws Exception {
        Network own = Network.signet(Script.fromHex("51"));
        KeyStore store = new KeyStore(folder);
        store.create(own, random).close();
        store.open(own).close();
        assertThatThrownBy(() -> store.open(Network.SIGNET))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("a network that it calls signet, with the id " + own.id())
                .hasMessageContaining("the configuration names signet");
    }

    @Test
    void aKeyWithoutANetworkIsRefusedAndTheRemedySaid() throws Exception {
        KeyStore store = new KeyStore(folder);
        store.create(Network.REGTEST, random).close();
        String line = "network regtest " + Network.REGTEST.id().toHex();
        for (String none : List.of("", "\n", "\r\n\n")) {
            rewriteNetwork(none);
            refusedOnRegtest(
                    store, Code.KEY_WITHOUT_NETWORK, "append this line to the file: " + line);
        }
        rewriteNetwork(line);
        store.open(Network.REGTEST).close();
    }

    @Test
    void aLineThatIsNotANetworksIsRefused() throws Exception {
        KeyStore store = new KeyStore(folder);
        store.create(Network.REGTEST, random).close();
        String id = Network.REGTEST.id().toHex();
        for (String line :
                List.of(
                        "regtest",
                        "network regtest",
                        "network " + id,
                        "network regtest " + id.substring(2),
                        "network regtest " + id + "00",
                        "network regtest " + id + "\nnetwork mainnet " + id,
                        "network reg test " + id)) {
            rewriteNetwork(line);
            refusedOnRegtest(
                    store, Code.KEYSTORE, "the line after the key is not: network NAME ID");
        }
    }

    private void rewriteNetwork(String line) throws IOException {
        Path file = folder.resolve("keys/signing.key");
        Files.writeString(file, Files.readAllLines(file).getFirst() + "\n" + line);
    }

    private void refusedOnRegtest(KeyStore store, Code code, String reason) throws IOException {
        String secret = Files.readAllLines(folder.resolve("keys/signing.key")).getFirst();
        assertThatThrownBy(() -> store.open(Network.REGTEST))
                .isInstanceOfSatisfying(
                        KeyStoreException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(code);
                            assertThat(e.reason())
                                    .contains("signing.key", reason)
                                    .doesNotContain(secret);
                        });
    }

    @Test
    void anIdentityThatIsNoKeyIsRefused() throws Exception {
        KeyStore store = new KeyStore(folder);
        store.create(Network.REGTEST, random).close();
        Files.writeString(folder.resolve("keys/identity.key"), "0801");
        assertThatThrownBy(() -> store.open(Network.REGTEST))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("identity.key");
    }

    @Test
    void aMissingKeyStoreSaysHowToMakeOne() {
        assertThatThrownBy(() -> new KeyStore(folder.resolve("nobody")).open(Network.REGTEST))
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("node init");
    }

    @Test
    void nothingPrintsASecret() throws Exception {
        KeyStore store = new KeyStore(folder);
        try (NodeKeys keys = store.create(Network.REGTEST, random)) {
            String identity = Files.readString(folder.resolve("keys/identity.key")).strip();
            String signing = Files.readAllLines(folder.resolve("keys/signing.key")).getFirst();
            String printed = keys + " " + keys.signing() + " " + keys.identity();
            assertThat(keys).hasToString("NodeKeys[redacted]");
            assertThat(printed).doesNotContain(signing).doesNotContain(identity.substring(8, 72));
        }
    }

    @Test
    void closingTheKeysWipesTheSigningKey() throws Exception {
        NodeKeys keys = new KeyStore(folder).create(Network.REGTEST, random);
        keys.close();
        assertThatThrownBy(() -> keys.signing().export())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("wiped");
    }

    @Test
    void everySecretOnTheHeapIsWiped() throws Exception {
        WatchedFiles files = new WatchedFiles();
        KeyStore store = new KeyStore(folder, files);
        store.create(Network.REGTEST, random).close();
        List<String> secrets = secretsOnTheHeap("identity.key", "signing.key");
        List<String> inbox = secretsOnTheHeap("inbox.key");
        List<String> all = new ArrayList<>(secrets);
        all.addAll(inbox);
        files.assertWiped(all);
        store.inbox(random).close();
        files.assertWiped(inbox);
        store.open(Network.REGTEST).close();
        files.assertWiped(secrets);
        assertThatThrownBy(() -> store.open(Network.MAINNET)).isInstanceOf(KeyStoreException.class);
        files.assertWiped(secrets);
    }

    @Test
    void secretsAreWipedWhenTheFileIsNoKey() throws Exception {
        WatchedFiles files = new WatchedFiles();
        KeyStore store = new KeyStore(folder, files);
        store.create(Network.REGTEST, random).close();
        Path file = folder.resolve("keys/identity.key");
        String identity = Files.readString(file).strip();
        files.wiped.clear();
        for (String end : List.of("0", "zz", "é")) {
            Files.writeString(file, identity + end);
            assertThatThrownBy(() -> store.open(Network.REGTEST))
                    .isInstanceOf(KeyStoreException.class)
                    .hasMessageEndingWith("identity.key: not one line of hex digits");
            assertThat(files.wiped)
                    .anyMatch(bytes -> HexFormat.of().formatHex(bytes).startsWith(identity));
            files.wiped.clear();
        }
    }

    @Test
    void anArrayIsWipedWithZeros() {
        byte[] secret = {1, 2, 3};
        new SecretFiles().wipe(secret);
        assertThat(secret).containsOnly(0);
    }

    /// What making or opening keys has in arrays: each key, and each file.
    private List<String> secretsOnTheHeap(String... names) throws IOException {
        List<String> secrets = new ArrayList<>();
        for (String name : names) {
            Path file = folder.resolve("keys").resolve(name);
            secrets.add(Files.readAllLines(file).getFirst());
            secrets.add(HexFormat.of().formatHex(Files.readAllBytes(file)));
        }
        return secrets;
    }

    @Test
    void filesAndFoldersAreOnTheDiskBeforeTheyAreNamedAndAfter() throws Exception {
        WatchedFiles files = new WatchedFiles();
        new KeyStore(folder, files).create(Network.REGTEST, random).close();
        assertThat(files.forced)
                .hasSize(5)
                .endsWith("keys.new, not in place", folder.getFileName() + ", in place");
        assertThat(files.forced.subList(0, 3))
                .containsExactlyInAnyOrder(
                        "identity.key, not in place",
                        "signing.key, not in place",
                        "inbox.key, not in place");
        files.forced.clear();
        Files.delete(folder.resolve("keys/inbox.key"));
        new KeyStore(folder, files).inbox(random).close();
        assertThat(files.forced).containsExactly("inbox.key.new, in place", "keys, in place");
    }

    @Test
    void theLongestFileIsReadAndOneByteMoreIsNot() throws Exception {
        KeyStore store = new KeyStore(folder);
        store.create(Network.REGTEST, random).close();
        Path file = folder.resolve("keys/identity.key");
        Files.writeString(file, "a".repeat(SecretFiles.MAX_BYTES));
        assertThatThrownBy(() -> store.open(Network.REGTEST))
                .hasMessageEndingWith("not a libp2p private key");
        Files.writeString(file, "a".repeat(SecretFiles.MAX_BYTES + 1));
        assertThatThrownBy(() -> store.open(Network.REGTEST))
                .hasMessageEndingWith("too long for a key file");
    }

    @Test
    void aKeyWhoseLineDoesNotEndHasNoNetwork() throws Exception {
        KeyStore store = new KeyStore(folder);
        store.create(Network.REGTEST, random).close();
        Path file = folder.resolve("keys/signing.key");
        Files.writeString(file, Files.readAllLines(file).getFirst());
        refusedOnRegtest(store, Code.KEY_WITHOUT_NETWORK, "does not say which network");
    }

    /// Real files, with what was wiped, as it was before, and what was forced.
    private final class WatchedFiles extends SecretFiles {
        private final List<byte[]> wiped = new ArrayList<>();
        private final List<String> forced = new ArrayList<>();

        @Override
        void wipe(byte[] secret) {
            wiped.add(secret.clone());
            super.wipe(secret);
        }

        @Override
        void force(Path path, FileChannel channel) throws IOException {
            String name = path.getFileName().toString().replaceFirst("new.*", "new");
            boolean inPlace = Files.exists(folder.resolve("keys"));
            forced.add(name + (inPlace ? ", in place" : ", not in place"));
            super.force(path, channel);
        }

        void assertWiped(List<String> hex) {
            assertThat(wiped.stream().map(HexFormat.of()::formatHex))
                    .containsExactlyInAnyOrderElementsOf(hex);
            wiped.clear();
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
