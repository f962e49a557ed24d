package org.tutti.lightclient.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.RecordingChannel;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.headers.Blocks;
import org.tutti.lightclient.headers.ChainStart;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderEntry;
import org.tutti.lightclient.headers.HeaderEvent;
import org.tutti.lightclient.headers.HeaderSource;
import org.tutti.lightclient.headers.HeaderStore.Mark;
import org.tutti.lightclient.headers.HeaderStore.Mark.Kind;
import org.tutti.lightclient.headers.HeaderStoreException;
import org.tutti.lightclient.headers.HeaderStoreException.Code;
import org.tutti.lightclient.headers.HeaderVectors;
import org.tutti.lightclient.headers.HeaderVerdict;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;

class FileHeaderStoreTest {
    private static final Network NETWORK = Network.REGTEST;
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);
    private static final HeaderSource PEER = new HeaderSource.OtherPeer(1);
    private static final int BEGINNING = 152;
    private static final int RECORD = 84;

    private static FileHeaderStore open(MemoryFolder folder) {
        try {
            return FileHeaderStore.open(folder, NETWORK, Optional.empty());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static HeaderChain chain(FileHeaderStore store) {
        return new HeaderChain(NETWORK, store, RandomGenerator.of("L64X128MixRandom"));
    }

    private static HeaderChain chain(MemoryFolder folder) {
        return chain(open(folder));
    }

    private static void accept(HeaderChain chain, List<Block> blocks) {
        assertThat(chain.accept(PEER, Blocks.headers(blocks), NOW))
                .isInstanceOf(HeaderVerdict.Accepted.class);
    }

    @Test
    void aChainIsTheSameAfterItWasClosedAndOpened(@TempDir Path folder) {
        List<Block> main = Blocks.onGenesis(30, 1);
        List<Block> side = Blocks.on(main.get(9), 10, 5, 2);
        HeaderEntry tip;
        List<HeaderEntry> tips;
        try (FileHeaderStore store = FileHeaderStore.open(folder, NETWORK)) {
            HeaderChain chain = chain(store);
            accept(chain, main);
            accept(chain, side);
            chain.commit();
            tip = chain.tip();
            tips = chain.tips(10);
            assertThat(tips).hasSize(2);
        }
        try (FileHeaderStore store = FileHeaderStore.open(folder, NETWORK)) {
            HeaderChain chain = chain(store);
            assertThat(store.bytesCutOff()).isZero();
            assertThat(chain.tip()).isEqualTo(tip);
            assertThat(chain.tips(10)).isEqualTo(tips);
            assertThat(chain.tips(10).getLast().chainWork()).isEqualTo(tips.getLast().chainWork());
            assertThat(chain.commit()).as("nothing moved").isEmpty();
            accept(chain, Blocks.on(main.getLast(), 30, 3, 1));
        }
    }

    @Test
    void moreHeadersThanAChunkHasAreReadFromEverywhere(@TempDir Path folder) {
        int count = 2 * RecordFile.CHUNK + 100;
        byte[] bytes = HeaderVectors.bytes("headers-mainnet/mainnet_0-32259.bin.gz");
        bytes = Arrays.copyOfRange(bytes, 80, 80 * (count + 1));
        try (FileHeaderStore store = FileHeaderStore.open(folder, Network.MAINNET)) {
            store.append(bytes, 0, 50);
            store.append(bytes, 50 * 80, count - 50);
        }
        for (int size : List.of(count + 1, RecordFile.CHUNK + 7, RecordFile.CHUNK + 1, 20, 1)) {
            try (FileHeaderStore store = FileHeaderStore.open(folder, Network.MAINNET)) {
                store.truncate(size);
                assertThat(store.size()).isEqualTo(size);
                byte[] header = new byte[80];
                SplittableRandom random = new SplittableRandom(size);
                for (int i = 0; i < 200 && size > 1; i++) {
                    int position = 1 + random.nextInt(size - 1);
                    store.copy(position, header, 0);
                    byte[] expected = Arrays.copyOfRange(bytes, 80 * (position - 1), 80 * position);
                    assertThat(header).isEqualTo(expected);
                    assertThat((byte) store.i32(position, 68)).isEqualTo(expected[68]);
                    assertThat((byte) store.i64(position, 4)).isEqualTo(expected[4]);
                }
            }
        }
    }

    @Test
    void killedAtAnyByteTheLongestIntactPrefixIsLeft() {
        MemoryFolder folder = new MemoryFolder();
        HeaderChain chain = chain(folder);
        List<Block> blocks = Blocks.onGenesis(12, 1);
        accept(chain, blocks);
        byte[] whole = folder.bytes("headers");
        assertThat(whole).hasSize(BEGINNING + 12 * RECORD);
        for (int length = 0; length <= whole.length; length++) {
            MemoryFolder killed = folder.copy();
            killed.put("headers", Arrays.copyOf(whole, length));
            HeaderChain again = chain(killed);
            int intact = Math.max(0, (length - BEGINNING) / RECORD);
            assertThat(again.tip().height()).as("killed at %d", length).isEqualTo(intact);
            accept(again, blocks);
            assertThat(again.tip().height()).isEqualTo(12);
            assertThat(killed.bytes("headers")).as("healed").isEqualTo(whole);
        }
    }

    @Test
    void aDamagedByteIsFoundAndWhatFollowsIsCutOff() {
        MemoryFolder folder = new MemoryFolder();
        HeaderChain chain = chain(folder);
        List<Block> blocks = Blocks.onGenesis(9, 1);
        accept(chain, blocks);
        byte[] whole = folder.bytes("headers");
        for (int at = BEGINNING; at < whole.length; at++) {
            MemoryFolder damaged = folder.copy();
            byte[] bytes = whole.clone();
            bytes[at] ^= 0x10;
            damaged.put("headers", bytes);
            FileHeaderStore store = open(damaged);
            int intact = (at - BEGINNING) / RECORD;
            assertThat(store.size()).as("damaged at %d", at).isEqualTo(intact + 1);
            assertThat(store.bytesCutOff()).isEqualTo((9L - intact) * RECORD);
            accept(chain(store), blocks);
            assertThat(damaged.bytes("headers")).isEqualTo(whole);
        }
    }

    @Test
    void anIntactRecordAtAnotherPlaceIsNotIntact() {
        MemoryFolder folder = new MemoryFolder();
        accept(chain(folder), Blocks.onGenesis(4, 1));
        byte[] bytes = folder.bytes("headers");
        System.arraycopy(bytes, BEGINNING, bytes, BEGINNING + RECORD, RECORD);
        folder.put("headers", bytes);
        assertThat(open(folder).size()).isEqualTo(2);
    }

    /// A checksum does not say that a header belongs to the chain.
    @Test
    void headersThatDoNotBelongToTheChainAreCutOff() {
        MemoryFolder folder = new MemoryFolder();
        FileHeaderStore store = open(folder);
        List<Block> blocks = Blocks.onGenesis(5, 1);
        accept(chain(store), blocks.subList(0, 3));
        byte[] unlinked = HeaderBatchBytes.of(blocks.subList(4, 5));
        store.append(unlinked, 0, 1);
        store.append(HeaderBatchBytes.of(blocks.subList(3, 4)), 0, 1);
        HeaderChain again = chain(folder);
        assertThat(again.tip().height()).isEqualTo(3);
        assertThat(again.headersCutOff()).isEqualTo(2);
        accept(again, blocks);
        assertThat(again.tip().height()).isEqualTo(5);
    }

    /// The 80 bytes of headers.
    private static final class HeaderBatchBytes {
        static byte[] of(List<Block> blocks) {
            byte[] bytes = new byte[80 * blocks.size()];
            for (int i = 0; i < blocks.size(); i++) {
                blocks.get(i).header().serialize().copyTo(bytes, 80 * i);
            }
            return bytes;
        }
    }

    // What is forced.

    @Test
    void aNewFileAndItsNameAreOnDiskBeforeAnythingIsAppended() {
        MemoryFolder folder = new MemoryFolder();
        FileHeaderStore store = open(folder);
        store.append(HeaderBatchBytes.of(Blocks.onGenesis(1, 1)), 0, 1);
        folder.crash();
        assertThat(folder.bytes("headers")).hasSize(BEGINNING);
        assertThat(open(folder).size()).isEqualTo(1);
        assertThat(folder.log.subList(0, 5))
                .containsExactly(
                        "truncate headers to 0",
                        "write headers from 0",
                        "force headers",
                        "force names",
                        "force headers");
    }

    @Test
    void whatAListenerWasToldSurvivesACrashOfTheMachine() {
        MemoryFolder folder = new MemoryFolder();
        HeaderChain chain = chain(folder);
        accept(chain, Blocks.onGenesis(5, 1));
        HeaderEntry told = ((HeaderEvent.Connected) chain.commit().getFirst()).tip();
        accept(chain, Blocks.on(Blocks.onGenesis(5, 1).getLast(), 5, 2, 1));
        folder.crash();
        HeaderChain again = chain(folder);
        assertThat(again.tip()).isEqualTo(told);
        assertThat(again.way(told.hash())).contains(List.of());
    }

    @Test
    void marksSurviveACrashOfTheMachineOnceTheyAreForced() {
        MemoryFolder folder = new MemoryFolder();
        FileHeaderStore store = open(folder);
        Mark mark = new Mark(Kind.INVALID, NETWORK.genesisHash());
        store.mark(mark);
        store.force();
        store.mark(new Mark(Kind.RECONSIDERED, NETWORK.genesisHash()));
        folder.crash();
        assertThat(open(folder).marks()).containsExactly(mark);
    }

    private static void fillMarks(FileHeaderStore store) {
        for (int i = 0; i < FileHeaderStore.COMPACTED_FROM; i++) {
            BlockHash block = BlockHash.hashOf(new byte[] {(byte) i, (byte) (i >> 8)});
            store.mark(new Mark(Kind.INVALID, block));
            if (i % 100 != 0) {
                store.mark(new Mark(Kind.RECONSIDERED, block));
            }
            store.mark(new Mark(Kind.VERIFIED_TIP, block));
        }
        store.mark(new Mark(Kind.DECLARED_INVALID, NETWORK.genesisHash()));
        store.force();
    }

    @Test
    void marksThatSayNothingAnyMoreAreLeftOutWhenTheFileIsOpened() {
        MemoryFolder folder = new MemoryFolder();
        fillMarks(open(folder));
        int before = folder.bytes("marks").length;
        FileHeaderStore compacted = open(folder);
        assertThat(folder.bytes("marks").length).isLessThan(before / 10);
        assertThat(compacted.marks())
                .hasSize(10 + 1 + LiveMarks.VERIFIED_TIPS)
                .contains(new Mark(Kind.DECLARED_INVALID, NETWORK.genesisHash()));
        folder.crash();
        List<Mark> live = compacted.marks();
        assertThat(open(folder).marks()).as("after a crash").isEqualTo(live);
        Mark next = new Mark(Kind.INVALID, BlockHash.ZERO);
        FileHeaderStore again = open(folder);
        again.mark(next);
        again.force();
        folder.crash();
        assertThat(open(folder).marks()).hasSize(live.size() + 1).endsWith(next);
    }

    @Test
    void whereTheDiskIsFullTheMarksStayAsTheyAre() {
        MemoryFolder folder = new MemoryFolder();
        FileHeaderStore store = open(folder);
        fillMarks(store);
        List<Mark> before = store.marks();
        folder.room = 100;
        assertThat(open(folder).marks()).isEqualTo(before);
        folder.room = Long.MAX_VALUE;
        assertThat(open(folder).marks()).hasSizeLessThan(before.size());
    }

    @Test
    void compactedMarksReachTheFolder(@TempDir Path folder) {
        try (FileHeaderStore store = FileHeaderStore.open(folder, NETWORK)) {
            fillMarks(store);
        }
        List<Mark> live;
        try (FileHeaderStore store = FileHeaderStore.open(folder, NETWORK)) {
            live = store.marks();
            store.mark(new Mark(Kind.INVALID, BlockHash.ZERO));
        }
        assertThat(folder.resolve("marks.new")).doesNotExist();
        try (FileHeaderStore store = FileHeaderStore.open(folder, NETWORK)) {
            assertThat(store.marks()).hasSize(live.size() + 1);
        }
    }

    @Test
    void whatAKilledProcessLeftInTheCacheIsForcedWhenItIsOpened() {
        MemoryFolder folder = new MemoryFolder();
        HeaderChain chain = chain(folder);
        accept(chain, Blocks.onGenesis(3, 1));
        chain.invalidate(Blocks.onGenesis(3, 1).getLast().hash());
        HeaderChain again = chain(folder);
        folder.crash();
        assertThat(chain(folder).tip()).isEqualTo(again.tip());
        assertThat(again.tip().height()).isEqualTo(2);
    }

    @Test
    void nothingIsForcedTwice() {
        MemoryFolder folder = new MemoryFolder();
        HeaderChain chain = chain(folder);
        chain.commit();
        folder.log.clear();
        chain.commit();
        assertThat(folder.log).isEmpty();
        accept(chain, Blocks.onGenesis(1, 1));
        chain.commit();
        chain.commit();
        assertThat(folder.log).containsExactly("write headers from " + BEGINNING, "force headers");
    }

    /// The files' own force, not that of a test folder.
    @Test
    void forcesReachTheFiles(@TempDir Path parent) throws IOException {
        List<String> log = new ArrayList<>();
        Path path = parent.resolve("chain");
        DiskFolder folder =
                DiskFolder.open(
                        path,
                        (file, options) ->
                                new RecordingChannel(FileChannel.open(file, options), file, log));
        try (FileHeaderStore store = FileHeaderStore.open(folder, NETWORK, Optional.empty())) {
            assertThat(log)
                    .containsExactly(
                            "write headers",
                            "force headers",
                            "force chain with metadata",
                            "force " + parent.getFileName() + " with metadata",
                            "force headers",
                            "force marks");
            log.clear();
            store.append(HeaderBatchBytes.of(Blocks.onGenesis(1, 1)), 0, 1);
            assertThat(log).containsExactly("write headers");
            store.mark(new Mark(Kind.INVALID, BlockHash.ZERO));
            store.force();
            assertThat(log)
                    .containsExactly(
                            "write headers", "write marks", "force headers", "force marks");
        }
    }

    @Test
    void neitherAStartNorAReorganisationRewritesWhatIsThere() {
        MemoryFolder folder = new MemoryFolder();
        HeaderChain chain = chain(folder);
        accept(chain, Blocks.onGenesis(20, 1));
        chain.commit();
        byte[] before = folder.bytes("headers");
        folder.log.clear();
        HeaderChain again = chain(folder);
        assertThat(folder.log).noneMatch(line -> line.startsWith("write"));
        assertThat(again.accept(PEER, Blocks.headers(Blocks.onGenesis(25, 2)), NOW))
                .isInstanceOf(HeaderVerdict.Reorganized.class);
        again.commit();
        assertThat(folder.log)
                .filteredOn(line -> !line.startsWith("force"))
                .containsExactly("write headers from " + before.length);
        assertThat(Arrays.copyOf(folder.bytes("headers"), before.length)).isEqualTo(before);
    }

    // What fails.

    @Test
    void onAFullDiskNothingIsTakenAndAllIsTakenOnceThereIsRoom() {
        MemoryFolder folder = new MemoryFolder();
        HeaderChain chain = chain(folder);
        List<Block> blocks = Blocks.onGenesis(10, 1);
        accept(chain, blocks.subList(0, 4));
        byte[] before = folder.bytes("headers");
        for (int room = 0; room < 6 * RECORD; room += 7) {
            folder.room = room;
            assertThatThrownBy(() -> accept(chain, blocks))
                    .isInstanceOfSatisfying(
                            HeaderStoreException.class,
                            e -> assertThat(e.code()).isEqualTo(Code.DISK_FULL));
            assertThat(folder.bytes("headers")).as("cut back").isEqualTo(before);
            assertThat(chain.tip().height()).isEqualTo(4);
        }
        folder.room = Long.MAX_VALUE;
        accept(chain, blocks);
        assertThat(chain.tip().height()).isEqualTo(10);
        assertThat(chain(folder).tip().height()).isEqualTo(10);
    }

    @Test
    void aFileThatCannotBeCutBackIsNotWrittenAnyMore() {
        MemoryFolder folder = new MemoryFolder();
        HeaderChain chain = chain(folder);
        folder.failure = () -> new IOException("Input/output error");
        List<Block> blocks = Blocks.onGenesis(3, 1);
        failsWith(Code.IO, () -> accept(chain, blocks));
        folder.failure = null;
        failsWith(Code.BROKEN, () -> accept(chain, blocks));
        failsWith(Code.BROKEN, chain::commit);
        assertThat(chain.tip().height()).isZero();
        accept(chain(folder), blocks);
    }

    @Test
    void whatCouldNotBeForcedIsNotTold() {
        MemoryFolder folder = new MemoryFolder();
        HeaderChain chain = chain(folder);
        accept(chain, Blocks.onGenesis(3, 1));
        folder.failure = () -> new IOException("Input/output error");
        failsWith(Code.IO, chain::commit);
        folder.failure = null;
        failsWith(Code.BROKEN, chain::commit);
    }

    @Test
    void aFolderThatMayNotBeWrittenIsNamed() {
        MemoryFolder folder = new MemoryFolder();
        HeaderChain chain = chain(folder);
        folder.failure = () -> new AccessDeniedException("/somewhere/headers");
        failsWith(Code.READ_ONLY, () -> accept(chain, Blocks.onGenesis(3, 1)));
        MemoryFolder other = new MemoryFolder();
        HeaderChain another = chain(other);
        other.failure = () -> new IOException("Read-only file system");
        failsWith(Code.READ_ONLY, () -> accept(another, Blocks.onGenesis(3, 1)));
    }

    @Test
    void aFileInTheFoldersPlaceIsNamed(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("chain"));
        failsWith(Code.IO, () -> FileHeaderStore.open(file, NETWORK));
    }

    private static void failsWith(Code code, Runnable action) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        HeaderStoreException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void aFolderIsOpenOnlyOnce(@TempDir Path folder) {
        try (FileHeaderStore _ = FileHeaderStore.open(folder, NETWORK)) {
            failsWith(Code.LOCKED, () -> FileHeaderStore.open(folder, NETWORK));
        }
        FileHeaderStore.open(folder, NETWORK).close();
    }

    @Test
    void theHeadersOfAnotherChainAreRefused(@TempDir Path folder) {
        FileHeaderStore.open(folder, NETWORK).close();
        for (Network network : Network.all()) {
            if (!network.equals(NETWORK)) {
                failsWith(Code.OTHER_CHAIN, () -> FileHeaderStore.open(folder, network));
            }
        }
        BlockHeader first = Blocks.onGenesis(1, 1).getFirst().header();
        ChainStart start =
                new ChainStart(
                        first,
                        new ChainStart.Anchor(5, first.bits(), first.time(), BigInteger.TEN));
        failsWith(Code.OTHER_CHAIN, () -> FileHeaderStore.open(folder, NETWORK, start));
    }

    @Test
    void aChainThatBeginsInTheMiddleIsKeptWithItsAnchor(@TempDir Path folder) {
        List<BlockHeader> headers =
                HeaderVectors.headers("headers-mainnet/mainnet_300000-300499.bin");
        ChainStart start = HeaderVectors.mainnetStart(headers.getFirst(), 300_000);
        ChainStart withWork =
                new ChainStart(
                        start.first(),
                        new ChainStart.Anchor(
                                300_000,
                                start.anchor().bits(),
                                start.anchor().time(),
                                BigInteger.ONE.shiftLeft(90).add(BigInteger.TWO)));
        try (FileHeaderStore store = FileHeaderStore.open(folder, Network.MAINNET, withWork)) {
            HeaderChain chain =
                    new HeaderChain(Network.MAINNET, store, RandomGenerator.getDefault());
            HeaderVerdict verdict = chain.accept(new HeaderSource.Operator(), headers, NOW);
            assertThat(verdict).isInstanceOf(HeaderVerdict.Extended.class);
        }
        try (FileHeaderStore store = FileHeaderStore.open(folder, Network.MAINNET)) {
            assertThat(store.start()).isEqualTo(withWork);
            HeaderChain chain =
                    new HeaderChain(Network.MAINNET, store, RandomGenerator.getDefault());
            assertThat(chain.tip().height()).isEqualTo(300_499);
            assertThat(chain.tip().header()).isEqualTo(headers.getLast());
            assertThat(chain.tip().chainWork().bitLength()).isEqualTo(91);
        }
    }

    /// With a checksum that fits: written by another program, or by hand.
    @Test
    void aBeginningWhereNoChainCanBeginIsNamed() {
        MemoryFolder folder = new MemoryFolder();
        accept(chain(folder), Blocks.onGenesis(3, 1));
        byte[] bytes = folder.bytes("headers");
        ByteBuffer beginning = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int anchorTime = BEGINNING - 4 - 16 - 4;
        beginning.putInt(anchorTime, beginning.getInt(anchorTime) + 1);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, BEGINNING - 4);
        beginning.putInt(BEGINNING - 4, (int) crc.getValue());
        folder.put("headers", bytes);
        failsWith(Code.UNSUPPORTED, () -> open(folder));
        assertThat(folder.bytes("headers")).isEqualTo(bytes);
    }

    @Test
    void aDamagedBeginningIsNamedAndNothingIsDeleted() {
        MemoryFolder folder = new MemoryFolder();
        accept(chain(folder), Blocks.onGenesis(3, 1));
        byte[] whole = folder.bytes("headers");
        for (int at = 0; at < BEGINNING; at++) {
            byte[] bytes = whole.clone();
            bytes[at] ^= 1;
            MemoryFolder damaged = folder.copy();
            damaged.put("headers", bytes);
            failsWith(Code.UNSUPPORTED, () -> open(damaged));
            assertThat(damaged.bytes("headers")).isEqualTo(bytes);
        }
    }
}
