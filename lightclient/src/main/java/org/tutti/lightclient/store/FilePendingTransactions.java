package org.tutti.lightclient.store;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.units.Sat;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.broadcast.PendingTransactions;
import org.tutti.lightclient.headers.HeaderStoreException;
import org.tutti.lightclient.internal.broadcast.TransactionBroadcaster;
import org.tutti.lightclient.store.StoreFolder.StoreFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/// Transactions that wait for a block, in a folder: a few, all written anew each time, into the
/// older of two files. So a crash at any byte leaves what was there before.
public final class FilePendingTransactions implements PendingTransactions, AutoCloseable {
    private static final Bytes MAGIC = Bytes.wrap("TUTTITX1".getBytes(StandardCharsets.US_ASCII));
    private static final int CHECKSUM_LENGTH = 4;
    private static final long MAX_FILE = 2 * TransactionBroadcaster.MAX_BYTES;
    private static final int MAX_NAMES = 1_000;
    private static final long NO_FEE = -1;

    private final StoreFolder folder;
    private final Network network;
    private final List<StoreFile> files;

    /// The list that counts.
    private long sequence;

    private int current;
    private List<PendingTransaction> pending;

    /// @param pending what the file of this number has, under this sequence number
    private record Found(int number, long sequence, List<PendingTransaction> pending) {}

    private FilePendingTransactions(
            StoreFolder folder, Network network, List<StoreFile> files, Found found) {
        this.folder = folder;
        this.network = network;
        this.files = files;
        this.sequence = found.sequence();
        this.current = found.number();
        this.pending = found.pending();
    }

    /// Opens a folder, or makes it.
    ///
    /// @throws IOException if it cannot be used, has another network's transactions, or is damaged
    /// @throws HeaderStoreException if another process uses it
    public static FilePendingTransactions open(Path folder, Network network) throws IOException {
        return open(DiskFolder.open(folder, FileChannel::open), network);
    }

    /// Takes the folder over, also when it fails.
    static FilePendingTransactions open(StoreFolder folder, Network network) throws IOException {
        List<StoreFile> files = new ArrayList<>();
        try {
            for (String name : List.of("pending-0", "pending-1")) {
                files.add(folder.open(name));
            }
            folder.forceNames();
            return new FilePendingTransactions(folder, network, files, newest(files, network));
        } catch (IOException | RuntimeException e) {
            for (StoreFile file : files) {
                file.close();
            }
            folder.close();
            throw e;
        }
    }

    /// What counts; nothing where a crash broke off the first list that was ever written.
    private static Found newest(List<StoreFile> files, Network network) throws IOException {
        Found newest = new Found(1, 0, List.of());
        int damaged = 0;
        for (int i = 0; i < files.size(); i++) {
            StoreFile file = files.get(i);
            Optional<byte[]> content = intact(file);
            if (content.isEmpty()) {
                damaged += file.size() > 0 ? 1 : 0;
                continue;
            }
            Found found = parse(i, content.get(), network);
            if (found.sequence() > newest.sequence()) {
                newest = found;
            }
        }
        if (damaged == files.size()) {
            throw new IOException("both files of pending transactions are damaged");
        }
        return newest;
    }

    private static Optional<byte[]> intact(StoreFile file) throws IOException {
        long size = file.size();
        if (size < MAGIC.length() + CHECKSUM_LENGTH || size > MAX_FILE) {
            return Optional.empty();
        }
        ByteBuffer all = ByteBuffer.allocate((int) size);
        file.read(0, all);
        byte[] content = new byte[(int) size - CHECKSUM_LENGTH];
        all.rewind().get(content);
        return all.getInt() == checksum(content) ? Optional.of(content) : Optional.empty();
    }

    private static int checksum(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return (int) crc.getValue();
    }

    private static Found parse(int number, byte[] content, Network network) throws IOException {
        WireReader in = new WireReader(content);
        try {
            if (!in.bytes(MAGIC.length()).equals(MAGIC)) {
                throw new IOException("the file of pending transactions is of another version");
            }
            if (!in.bytes(network.id().length()).equals(network.id())) {
                throw new IOException("the pending transactions are of another network");
            }
            long sequence = in.i64();
            int count = in.count(1, "pending transactions");
            List<PendingTransaction> pending = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                long fee = in.i64();
                Set<String> givenTo = new HashSet<>();
                int names = in.count(1, "names");
                for (int j = 0; j < names; j++) {
                    givenTo.add(new String(in.varArray("a name"), StandardCharsets.UTF_8));
                }
                pending.add(
                        new PendingTransaction(
                                Transaction.parse(in.varBytes("a transaction")),
                                fee == NO_FEE ? Optional.empty() : Optional.of(Sat.of(fee)),
                                givenTo));
            }
            in.requireEnd();
            return new Found(number, sequence, pending);
        } catch (DecodeException | IllegalArgumentException e) {
            throw new IOException("the file of pending transactions is not understood", e);
        }
    }

    @Override
    public List<PendingTransaction> load() {
        return pending;
    }

    @Override
    public void save(List<PendingTransaction> list) throws IOException {
        if (list.equals(pending)) {
            return;
        }
        byte[] content = content(sequence + 1, list);
        ByteBuffer all =
                ByteBuffer.allocate(content.length + CHECKSUM_LENGTH)
                        .put(content)
                        .putInt(checksum(content))
                        .flip();
        int next = 1 - current;
        StoreFile file = files.get(next);
        int length = all.remaining();
        file.write(0, all);
        file.truncate(length);
        file.force();
        current = next;
        sequence++;
        pending = List.copyOf(list);
    }

    private byte[] content(long number, List<PendingTransaction> list) {
        WireWriter out = new WireWriter();
        out.bytes(MAGIC).bytes(network.id()).i64(number).compactSize(list.size());
        for (PendingTransaction transaction : list) {
            out.i64(transaction.fee().map(Sat::value).orElse(NO_FEE));
            List<String> names = transaction.givenTo().stream().limit(MAX_NAMES).toList();
            out.compactSize(names.size());
            names.forEach(name -> out.varBytes(Bytes.wrap(name.getBytes(StandardCharsets.UTF_8))));
            out.varBytes(transaction.transaction().serialize());
        }
        return out.toArray();
    }

    @Override
    public void close() throws IOException {
        for (StoreFile file : files) {
            file.close();
        }
        folder.close();
    }
}
