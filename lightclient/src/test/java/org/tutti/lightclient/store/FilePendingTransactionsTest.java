package org.tutti.lightclient.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.units.Sat;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.headers.Blocks;
import org.tutti.lightclient.headers.HeaderStoreException;
import org.tutti.lightclient.internal.broadcast.TransactionBroadcaster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

class FilePendingTransactionsTest {
    private static final PendingTransaction FIRST =
            new PendingTransaction(
                    Blocks.payment(1).withWitness(0, List.of(Bytes.of(new byte[64]))),
                    Optional.of(Sat.of(141)),
                    Set.of("127.0.0.1:18444", "[::1]:18444"));
    private static final PendingTransaction SECOND = PendingTransaction.of(Blocks.payment(2));

    private final MemoryFolder disk = new MemoryFolder();

    private FilePendingTransactions open(StoreFolder folder) throws IOException {
        return FilePendingTransactions.open(folder, Network.REGTEST);
    }

    private List<PendingTransaction> afterRestart() throws IOException {
        try (FilePendingTransactions store = open(disk.copy())) {
            return store.load();
        }
    }

    @Test
    void whatWasSavedLastIsThereAfterACrash() throws IOException {
        FilePendingTransactions store = open(disk);
        assertThat(store.load()).isEmpty();
        List<List<PendingTransaction>> lists =
                List.of(
                        List.of(FIRST),
                        List.of(FIRST, SECOND),
                        List.of(SECOND),
                        List.of(),
                        List.of(SECOND, FIRST));
        for (List<PendingTransaction> list : lists) {
            store.save(list);
            disk.crash();
            assertThat(afterRestart()).isEqualTo(list);
        }
    }

    @Test
    void aWriteThatBreaksOffAtAnyByteLeavesWhatWasThereBefore() throws IOException {
        FilePendingTransactions store = open(disk);
        store.save(List.of(FIRST));
        store.save(List.of(FIRST, SECOND));
        int brokeOff = 0;
        while (!saves(store, List.of(SECOND), brokeOff)) {
            assertThat(afterRestart()).as("after " + brokeOff).isEqualTo(List.of(FIRST, SECOND));
            brokeOff++;
        }
        assertThat(brokeOff).isGreaterThan(100);
        assertThat(afterRestart()).isEqualTo(List.of(SECOND));
    }

    /// @param room bytes until the disk is full
    private boolean saves(FilePendingTransactions store, List<PendingTransaction> list, int room) {
        disk.room = room;
        try {
            store.save(list);
            return true;
        } catch (IOException e) {
            return false;
        } finally {
            disk.room = Long.MAX_VALUE;
        }
    }

    @Test
    void theVeryFirstWriteMayBreakOffToo() throws IOException {
        disk.room = 20;
        FilePendingTransactions store = open(disk);
        assertThatThrownBy(() -> store.save(List.of(FIRST))).isInstanceOf(IOException.class);
        assertThat(afterRestart()).isEmpty();
    }

    @Test
    void whereBothFilesAreDamagedThatIsSaid() throws IOException {
        FilePendingTransactions store = open(disk);
        store.save(List.of(FIRST));
        store.save(List.of(SECOND));
        for (String name : List.of("pending-0", "pending-1")) {
            byte[] bytes = disk.bytes(name);
            bytes[50] ^= 1;
            disk.put(name, bytes);
            if (name.equals("pending-0")) {
                assertThat(afterRestart()).as("one is enough").isEqualTo(List.of(SECOND));
            }
        }
        assertThatThrownBy(this::afterRestart).hasMessageContaining("damaged");
    }

    @Test
    void anotherNetworksTransactionsAreNotOurs() throws IOException {
        open(disk).save(List.of(FIRST));
        assertThatThrownBy(() -> FilePendingTransactions.open(disk.copy(), Network.MAINNET))
                .hasMessageContaining("another network");
    }

    @Test
    void whatDoesNotChangeIsNotWritten() throws IOException {
        FilePendingTransactions store = open(disk);
        store.save(List.of(FIRST));
        disk.log.clear();
        store.save(List.of(FIRST));
        assertThat(disk.log).isEmpty();
    }

    @Test
    void asMuchAsIsEverFollowedFits() throws IOException {
        List<PendingTransaction> most = new ArrayList<>();
        for (int i = 0; i < TransactionBroadcaster.MAX_TRANSACTIONS; i++) {
            most.add(
                    PendingTransaction.of(
                            Blocks.payment(i)
                                    .withWitness(0, List.of(Bytes.of(new byte[260_000])))));
        }
        open(disk).save(most);
        assertThat(afterRestart()).hasSize(TransactionBroadcaster.MAX_TRANSACTIONS);
    }

    @Test
    void aFolderOnDiskIsForOneProcess(@TempDir Path folder) throws IOException {
        try (FilePendingTransactions store =
                FilePendingTransactions.open(folder, Network.REGTEST)) {
            store.save(List.of(FIRST));
            assertThatThrownBy(() -> FilePendingTransactions.open(folder, Network.REGTEST))
                    .isInstanceOf(HeaderStoreException.class);
        }
        try (FilePendingTransactions store =
                FilePendingTransactions.open(folder, Network.REGTEST)) {
            assertThat(store.load()).isEqualTo(List.of(FIRST));
        }
    }
}
