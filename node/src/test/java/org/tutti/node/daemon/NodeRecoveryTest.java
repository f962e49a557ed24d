package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;
import org.tutti.node.config.ConfigReader;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.keystore.KeyStore;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.signing.journal.FolderJournalFiles;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.JournalRecovery;
import org.tutti.signing.journal.JournalRetention;
import org.tutti.signing.journal.JournalSource;
import org.tutti.signing.journal.JournalState;
import org.tutti.signing.request.SigningLimits;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The operator's command that makes a new journal, on disk.
class NodeRecoveryTest {
    @TempDir Path folder;
    private Path data;
    private Path journal;
    private NodeConfig config;
    private Bytes group;

    @BeforeEach
    void makeNode() throws Exception {
        data = folder.resolve("alice");
        journal = data.resolve("journal");
        StringBuilder toml =
                new StringBuilder(
                        """
                        network = "regtest"
                        [bitcoin]
                        peers = ["127.0.0.1:1"]
                        [policy]
                        max_amount_sat = 10000
                        max_fee_sat = 1000
                        max_amount_per_day_sat = 20000
                        destinations = ["bcrt1p2zffkaxp5py4fdutfdsrt6t6tcrc5ks09rkfd428hlhf4n5q8tqq5az5cr"]
                        """);
        for (String name : List.of("alice", "bob")) {
            try (NodeKeys keys =
                    new KeyStore(folder.resolve(name))
                            .create(Network.REGTEST, new SecureRandom())) {
                toml.append(
                        """
                        [[members]]
                        peer_id = "%s"
                        signing_key = "%s"
                        address = "/ip4/127.0.0.1/tcp/7001"
                        """
                                .formatted(
                                        keys.identity().publicKey().peerId(),
                                        keys.signing().publicKey().bytes().toHex()));
            }
        }
        config = ConfigReader.read(Files.writeString(folder.resolve("alice.toml"), toml));
        try (NodeKeys keys = new KeyStore(data).open(Network.REGTEST)) {
            group = Setup.of(config, keys).group().id();
        }
    }

    private NodeRecovery recover(boolean replace) {
        return NodeRecovery.begin(config, data, false, replace);
    }

    private JournalRecovery.State state() throws IOException {
        return JournalRecovery.read(FolderJournalFiles.open(journal), group).state();
    }

    private List<JournalRecord> records() throws IOException {
        List<JournalRecord> records = new ArrayList<>();
        try (FolderJournalFiles files = FolderJournalFiles.open(journal);
                JournalSource source = files.source()) {
            Journal.read(source, (entry, _) -> records.add(entry.record()));
        }
        return records;
    }

    /// As a node writes it.
    private void write(JournalRecord record) throws IOException {
        JournalState state =
                new JournalState(JournalRetention.of(SigningLimits.DEFAULT), Instant.EPOCH);
        try (Journal opened =
                Journal.open(
                        FolderJournalFiles.open(journal),
                        () -> Bytes.fromHex("0f".repeat(16)),
                        state)) {
            opened.append(group, List.of(record));
            opened.force();
        }
    }

    @Test
    void missingJournalIsMadeAnewAndTheDaysLimitIsUsedUp() throws Exception {
        NodeRecovery made = recover(false);
        assertThat(made.putAside()).isEmpty();
        assertThat(state()).isEqualTo(JournalRecovery.State.RECOVERING);
        assertThat(JournalRecovery.read(FolderJournalFiles.open(journal), group).id().toHex())
                .isEqualTo(made.journal());
        assertThat(Files.size(data.resolve("approved"))).isEqualTo(52);
    }

    private JournalRecovery.State state(Bytes of) throws IOException {
        return JournalRecovery.read(FolderJournalFiles.open(journal), of).state();
    }

    @Test
    void groupsThatStrangersHaveFormedAreRecoveredToo() throws Exception {
        Bytes formed = Bytes.fromHex("5a".repeat(32));
        Bytes descriptor = Bytes.fromHex("d5".repeat(32));
        GroupList list = new GroupList(data.resolve("groups"));
        list.add(new GroupList.Known(formed, descriptor));
        list.add(new GroupList.Known(formed, descriptor));
        assertThat(list.read()).hasSize(1);
        String first = recover(false).journal();
        assertThat(state()).isEqualTo(JournalRecovery.State.RECOVERING);
        assertThat(state(formed)).isEqualTo(JournalRecovery.State.RECOVERING);
        assertThat(Files.size(data.resolve("approved-" + "d5".repeat(8)))).isEqualTo(52);
        // One that waits for members of one group is not put aside.
        assertThat(recover(false).journal()).isEqualTo(first);
        assertThat(state(formed)).isEqualTo(JournalRecovery.State.RECOVERING);
    }

    @Test
    void aNodeWithoutAConfiguredGroupIsRecoveredForThoseThatStrangersHaveFormed() throws Exception {
        config =
                ConfigReader.read(
                        Files.writeString(
                                folder.resolve("alone.toml"),
                                """
                                network = "regtest"
                                listen = "/ip4/127.0.0.1/tcp/7001"
                                [bitcoin]
                                peers = ["127.0.0.1:1"]
                                [requests]
                                mode = "ask"
                                """));
        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> recover(false))
                .satisfies(e -> assertThat(e.code()).isEqualTo("NO_GROUP"));
        Bytes formed = Bytes.fromHex("5a".repeat(32));
        new GroupList(data.resolve("groups")).add(new GroupList.Known(formed, formed));
        recover(false);
        assertThat(state(formed)).isEqualTo(JournalRecovery.State.RECOVERING);
        Files.writeString(data.resolve("groups"), "not a list\n");
        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> recover(false))
                .satisfies(e -> assertThat(e.code()).isEqualTo("RECOVERY_IO"));
    }

    @Test
    void aListOfGroupsIsBounded() throws Exception {
        Path file = data.resolve("groups");
        String line = "5a".repeat(32) + " " + "d5".repeat(32) + "\n";
        Files.writeString(file, line.repeat(GroupList.MAX_GROUPS));
        GroupList list = new GroupList(file);
        assertThat(list.read()).hasSize(GroupList.MAX_GROUPS);
        Bytes other = Bytes.fromHex("00".repeat(32));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> list.add(new GroupList.Known(other, other)));
        Files.writeString(file, line.repeat(GroupList.MAX_GROUPS + 1));
        assertThatExceptionOfType(IOException.class).isThrownBy(list::read);
    }

    @Test
    void journalThatWaitsForTheOthersIsLeftAsItIs() throws Exception {
        String first = recover(false).journal();
        assertThat(recover(false).journal()).isEqualTo(first);
        assertThat(records()).doesNotContain(new JournalRecord.Recovering(true));
        assertThat(NodeRecovery.begin(config, data, true, false).journal()).isEqualTo(first);
        assertThat(records()).contains(new JournalRecord.Recovering(true));
    }

    @Test
    void journalThatIsGoodIsPutAsideOnlyIfTheOperatorSaysSo() throws Exception {
        write(new JournalRecord.Started(Bytes.fromHex("b0".repeat(16))));
        byte[] good = Files.readAllBytes(journal);
        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> recover(false))
                .satisfies(e -> assertThat(e.code()).isEqualTo("JOURNAL_IS_GOOD"));
        assertThat(Files.readAllBytes(journal)).isEqualTo(good);
        assertThat(Files.exists(data.resolve("approved"))).isFalse();
        NodeRecovery made = recover(true);
        assertThat(Files.readAllBytes(Path.of(made.putAside().orElseThrow()))).isEqualTo(good);
        assertThat(state()).isEqualTo(JournalRecovery.State.RECOVERING);
    }

    @Test
    void journalThatWentBackOrIsDamagedIsPutAside() throws Exception {
        write(new JournalRecord.Refused(Bytes.fromHex("01")));
        assertThat(state()).isEqualTo(JournalRecovery.State.WENT_BACK);
        String first = recover(false).putAside().orElseThrow();
        byte[] bytes = Files.readAllBytes(journal);
        bytes[bytes.length / 2] ^= 1;
        Files.write(journal, bytes);
        String second = recover(false).putAside().orElseThrow();
        assertThat(second).isNotEqualTo(first);
        assertThat(Files.readAllBytes(Path.of(second))).isEqualTo(bytes);
        assertThat(state()).isEqualTo(JournalRecovery.State.RECOVERING);
    }

    @Test
    void recoveredJournalIsGood() throws Exception {
        recover(false);
        write(new JournalRecord.Recovered());
        assertThat(state()).isEqualTo(JournalRecovery.State.GOOD);
    }

    @Test
    void runningNodeKeepsItsJournal() {
        try (DataFolder _ = DataFolder.lock(data)) {
            assertThatExceptionOfType(NodeException.class)
                    .isThrownBy(() -> recover(true))
                    .satisfies(e -> assertThat(e.code()).isEqualTo("DATA_FOLDER_LOCKED"));
        }
    }
}
