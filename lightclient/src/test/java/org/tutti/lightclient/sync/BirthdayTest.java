package org.tutti.lightclient.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.network.Difficulty;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.lightclient.headers.Blocks;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderSource;
import org.tutti.lightclient.internal.peers.PeerOutput;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.BlockMessage;
import org.tutti.lightclient.wire.P2pMessage.Headers;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

class BirthdayTest {
    private static final long BOB = 1;
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);
    private static final long THREE_HOURS = Duration.ofHours(3).toSeconds();

    private final List<String> events = new ArrayList<>();
    private final Set<BlockHash> asked = new HashSet<>();

    private static HeaderChain chain() {
        return new HeaderChain(Network.REGTEST, new SplittableRandom(1));
    }

    /// Blocks on `parent` with these times.
    private static List<Block> blocks(Block parent, int height, int branch, long... times) {
        List<Block> out = new ArrayList<>();
        Block at = parent;
        for (long time : times) {
            List<Transaction> coinbase = List.of(Blocks.coinbase(height + out.size() + 1, branch));
            Block plain = Blocks.block(at.header(), coinbase);
            BlockHeader header =
                    Blocks.grind(Blocks.header(at.header(), plain.header().merkleRoot(), time));
            at = new Block(header, coinbase);
            out.add(at);
        }
        return out;
    }

    private static long[] times(long first, int count) {
        long[] out = new long[count];
        Arrays.setAll(out, i -> first + i * THREE_HOURS);
        return out;
    }

    private static Birthday at(long time) {
        return new Birthday.AtTime(Instant.ofEpochSecond(time));
    }

    @Test
    void aHeightIsItself() {
        HeaderChain chain = chain();
        assertThat(new Birthday.AtHeight(7).in(chain)).isEqualTo(7);
        assertThat(new Birthday.AtHeight(0).in(chain)).as("genesis is never fetched").isEqualTo(1);
        assertThat(Birthday.atStart().in(chain)).isEqualTo(1);
        assertThat(Birthday.never().in(chain)).isEqualTo(Integer.MAX_VALUE);
        assertThatThrownBy(() -> new Birthday.AtHeight(-1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /// Times go back and forth within what the median allows.
    @Test
    void aTimeIsTheFirstBlockWhoseMedianIsADayBeforeIt() {
        SplittableRandom random = new SplittableRandom(5);
        HeaderChain chain = chain();
        long[] times = new long[120];
        for (int i = 0; i < times.length; i++) {
            times[i] = Blocks.TIME + (i + 1) * THREE_HOURS + random.nextLong(2 * THREE_HOURS);
        }
        List<Block> blocks = blocks(Network.REGTEST.genesis(), 0, 1, times);
        chain.accept(new HeaderSource.SyncPeer(BOB), Blocks.headers(blocks), NOW);
        assertThat(chain.tip().height()).isEqualTo(times.length);
        for (int day = -2; day < 18; day++) {
            long wanted = Blocks.TIME + Duration.ofDays(day).toSeconds() + 1_234;
            long earliest = wanted - Birthday.MARGIN.toSeconds();
            int expected = Integer.MAX_VALUE;
            for (int height = times.length; height >= 1; height--) {
                if (chain.medianTime(chain.at(height)) >= earliest) {
                    expected = height;
                }
            }
            assertThat(at(wanted).in(chain)).as("day %s", day).isEqualTo(expected);
        }
        assertThat(at(Blocks.TIME + Duration.ofDays(400).toSeconds()).in(chain))
                .isEqualTo(Integer.MAX_VALUE);
    }

    /// Whoever made it chose its times, so that the true first block may be skipped.
    @Test
    void aChainOfTooLittleWorkHasNoBirthday() {
        Difficulty easy = Network.REGTEST.difficulty();
        Network busy =
                Network.REGTEST.toBuilder()
                        .difficulty(
                                new Difficulty(
                                        easy.limitBits(),
                                        easy.rules(),
                                        Network.REGTEST
                                                .genesisHeader()
                                                .work()
                                                .multiply(BigInteger.valueOf(21))))
                        .build();
        List<Block> blocks =
                blocks(Network.REGTEST.genesis(), 0, 1, times(Blocks.TIME + THREE_HOURS, 20));
        Birthday birthday = at(blocks.get(10).header().time());
        HeaderChain chain = new HeaderChain(busy, new SplittableRandom(1));
        chain.accept(new HeaderSource.SyncPeer(BOB), Blocks.headers(blocks.subList(0, 19)), NOW);
        assertThat(chain.tip().height()).isEqualTo(19);
        assertThat(birthday.in(chain)).isEqualTo(Integer.MAX_VALUE);
        chain.accept(new HeaderSource.SyncPeer(BOB), Blocks.headers(blocks.subList(19, 20)), NOW);
        assertThat(birthday.in(chain)).isBetween(1, 11);
    }

    private void on(SyncEngine engine, SyncInput input) {
        for (SyncOutput output : engine.on(input, NOW)) {
            if (output instanceof SyncOutput.ToListener(ChainEvent.Connected(var entry, _, _))) {
                events.add("+" + entry.height());
            } else if (output
                    instanceof SyncOutput.ToListener(ChainEvent.Disconnected(var entry))) {
                events.add("-" + entry.height());
            } else if (output
                    instanceof
                    SyncOutput.ToPeer(PeerOutput.Send(_, P2pMessage.GetData(var items)))) {
                items.forEach(item -> asked.add(((InventoryItem.Block) item).hash()));
            }
        }
    }

    private void serve(SyncEngine engine, List<Block> blocks) {
        on(engine, new SyncInput.Received(BOB, new Headers(Blocks.headers(blocks))));
        for (Block block : blocks) {
            if (asked.remove(block.hash())) {
                on(engine, new SyncInput.Received(BOB, new BlockMessage(block)));
            }
        }
    }

    private SyncEngine engine(Birthday birthday) {
        SyncEngine engine =
                new SyncEngine(chain(), birthday, SyncSettings.DEFAULTS, new SplittableRandom(1));
        on(
                engine,
                new SyncInput.PeerReady(
                        BOB, "bob", new P2pMessage.Version(70_016, 9, 0, 1, "/t/", 0, true)));
        return engine;
    }

    @Test
    void beforeTheFirstBlockThatIsLateEnoughHeadersAreFollowedAndThenItsBlocks() {
        List<Block> early =
                blocks(Network.REGTEST.genesis(), 0, 1, times(Blocks.TIME + THREE_HOURS, 20));
        long birthday = early.getLast().header().time() + Duration.ofDays(10).toSeconds();
        SyncEngine engine = engine(at(birthday));
        on(engine, new SyncInput.Received(BOB, new Headers(Blocks.headers(early))));
        assertThat(engine.activeTip().height()).isEqualTo(20);
        assertThat(events).isEmpty();
        // Ten headers with the new time until the median has it.
        List<Block> late = blocks(early.getLast(), 20, 1, times(birthday, 8));
        serve(engine, late);
        assertThat(engine.activeTip().height()).isEqualTo(28);
        int first = at(birthday).in(engine.chain());
        assertThat(first).isEqualTo(26);
        assertThat(events).containsExactly("+26", "+27", "+28");
    }

    /// Where the first block is another one after a reorganisation, what was told is taken back.
    @Test
    void aForkWithOtherTimesHasABirthdayOfItsOwn() {
        List<Block> shared =
                blocks(Network.REGTEST.genesis(), 0, 1, times(Blocks.TIME + THREE_HOURS, 20));
        long birthday = shared.getLast().header().time() + Duration.ofDays(10).toSeconds();
        List<Block> ours = blocks(shared.getLast(), 20, 1, times(birthday, 8));
        long[] slow = times(birthday, 12);
        for (int i = 0; i < 4; i++) {
            slow[i] = shared.getLast().header().time() + (i + 1) * THREE_HOURS;
        }
        List<Block> theirs = blocks(shared.getLast(), 20, 2, slow);
        SyncEngine engine = engine(at(birthday));
        on(engine, new SyncInput.Received(BOB, new Headers(Blocks.headers(shared))));
        serve(engine, ours);
        serve(engine, theirs);
        assertThat(engine.activeTip().hash()).isEqualTo(theirs.getLast().hash());
        assertThat(events)
                .containsExactly("+26", "+27", "+28", "-28", "-27", "-26", "+30", "+31", "+32");
    }
}
