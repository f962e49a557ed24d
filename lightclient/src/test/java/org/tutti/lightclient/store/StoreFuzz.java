package org.tutti.lightclient.store;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.headers.Blocks;
import org.tutti.lightclient.headers.ChainStart;
import org.tutti.lightclient.headers.HeaderBatch;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderSource;
import org.tutti.lightclient.headers.HeaderStoreException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/// The files of a store with any bytes in them, as they are and with checksums that fit; and
/// batches of headers that are any bytes: opened and followed, or refused with a reason.
public final class StoreFuzz {
    /// What can be tried.
    enum Target {
        HEADERS,
        MARKS,
        BATCH
    }

    private static final int BEGINNING = 152;
    private static final int HEADER_RECORD = 84;
    private static final int MARK_RECORD = 40;
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);
    private static final List<BlockHeader> CHAIN = Blocks.headers(Blocks.onGenesis(5, 1));
    private static final MemoryFolder STORE = store();

    private static Target target = Target.HEADERS;

    private StoreFuzz() {}

    /// Jazzer says which target is meant.
    public static void fuzzerInitialize(String[] args) {
        target = Target.valueOf(args[0]);
    }

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        test(target, input);
    }

    /// A store of five headers and a fork, with marks.
    private static MemoryFolder store() {
        MemoryFolder folder = new MemoryFolder();
        try (FileHeaderStore store =
                FileHeaderStore.open(folder, Network.REGTEST, Optional.empty())) {
            HeaderChain chain = chain(store);
            chain.accept(new HeaderSource.Operator(), CHAIN, NOW);
            chain.accept(new HeaderSource.Operator(), Blocks.headers(Blocks.onGenesis(3, 2)), NOW);
            chain.invalidate(chain.at(4).hash());
            chain.reconsider(chain.at(3).hash());
            chain.commit();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return folder;
    }

    private static HeaderChain chain(FileHeaderStore store) {
        return new HeaderChain(Network.REGTEST, store, new SplittableRandom(1));
    }

    /// The first byte says whether checksums are made to fit.
    static List<byte[]> seeds(Target what) {
        return switch (what) {
            case HEADERS ->
                    List.of(with(0, STORE.bytes("headers")), with(1, STORE.bytes("headers")));
            case MARKS -> List.of(with(0, STORE.bytes("marks")), with(1, STORE.bytes("marks")));
            case BATCH -> {
                Bytes all = Bytes.EMPTY;
                for (BlockHeader header : CHAIN) {
                    all = Bytes.concat(all, header.serialize());
                }
                yield List.of(all.toArray(), all.slice(0, 80).toArray());
            }
        };
    }

    private static byte[] with(int first, byte[] rest) {
        return Bytes.concat(Bytes.wrap(new byte[] {(byte) first}), Bytes.of(rest)).toArray();
    }

    static void test(Target what, byte[] input) {
        if (what == Target.BATCH) {
            batch(input);
            return;
        }
        if (input.length == 0) {
            return;
        }
        byte[] content = Arrays.copyOfRange(input, 1, input.length);
        boolean isHeaders = what == Target.HEADERS;
        if ((input[0] & 1) != 0) {
            if (isHeaders && content.length >= BEGINNING) {
                putChecksum(content, 0, BEGINNING - 4);
            }
            putChecksums(
                    content, isHeaders ? BEGINNING : 0, isHeaders ? HEADER_RECORD : MARK_RECORD);
        }
        open(isHeaders ? "headers" : "marks", content);
    }

    private static void putChecksums(byte[] content, int from, int length) {
        ByteBuffer buffer = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; from + (i + 1) * length <= content.length; i++) {
            int at = from + i * length;
            buffer.putInt(at + length - 4, i);
            CRC32C crc = new CRC32C();
            crc.update(content, at, length);
            buffer.putInt(at + length - 4, (int) crc.getValue());
        }
    }

    private static void putChecksum(byte[] content, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(content, from, length);
        ByteBuffer.wrap(content)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(from + length, (int) crc.getValue());
    }

    private static void open(String name, byte[] content) {
        MemoryFolder folder = STORE.copy();
        folder.put(name, content);
        try (FileHeaderStore store =
                FileHeaderStore.open(folder, Network.REGTEST, Optional.empty())) {
            byte[] left = folder.bytes(name);
            boolean isMadeAnew = name.equals("headers") && content.length <= BEGINNING;
            require(
                    isMadeAnew
                            || (left.length <= content.length
                                    && Arrays.equals(left, Arrays.copyOf(content, left.length))),
                    "opening changes what is intact");
            require(
                    isMadeAnew || (long) (store.size() - 1) * HEADER_RECORD <= size(folder),
                    "more headers than bytes");
            require((long) store.marks().size() * MARK_RECORD <= markSize(folder), "more marks");
            HeaderChain chain = chain(store);
            require(chain.size() <= store.size(), "more headers than are stored");
            require(chain.tip().height() >= chain.startHeight(), "no tip");
            chain.accept(new HeaderSource.Operator(), CHAIN, NOW);
            chain.commit();
        } catch (HeaderStoreException _) {
            // Typed: that is the point.
        } catch (IOException e) {
            throw new AssertionError("the file system of this test does not fail", e);
        }
    }

    private static long size(MemoryFolder folder) {
        return folder.bytes("headers").length;
    }

    private static long markSize(MemoryFolder folder) {
        return folder.bytes("marks").length;
    }

    private static void batch(byte[] input) {
        byte[] whole =
                Arrays.copyOf(
                        input,
                        Math.min(input.length, HeaderChain.MAX_BATCH * BlockHeader.LENGTH)
                                / BlockHeader.LENGTH
                                * BlockHeader.LENGTH);
        HeaderChain chain = new HeaderChain(Network.REGTEST, new SplittableRandom(1));
        HeaderBatch batch = HeaderBatch.wrap(whole);
        for (int i = 0; i < batch.size(); i++) {
            Bytes header = Bytes.of(whole, i * BlockHeader.LENGTH, (i + 1) * BlockHeader.LENGTH);
            require(batch.get(i).serialize().equals(header), "another header is written");
        }
        chain.accept(new HeaderSource.SyncPeer(1), batch, NOW);
        require(chain.size() <= 1 + batch.size(), "more headers than came");
        require(chain.tip().height() <= batch.size(), "higher than what came");
        chain.commit();
        require(
                !chain.find(ChainStart.genesis(Network.REGTEST).first().hash()).isEmpty(),
                "no genesis");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
