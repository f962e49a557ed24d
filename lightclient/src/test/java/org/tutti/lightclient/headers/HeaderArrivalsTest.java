package org.tutti.lightclient.headers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.network.Difficulty;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.lightclient.headers.HeaderVerdict.Rule;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;

/// What becomes of headers by where they arrive, and what listeners hear of it.
class HeaderArrivalsTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);
    private static final HeaderSource ALICE = new HeaderSource.SyncPeer(1);
    private static final HeaderSource MALLORY = new HeaderSource.OtherPeer(2);
    private static final BigInteger WORK = Network.REGTEST.genesisHeader().work();

    private final HeaderChain chain = chain(Network.REGTEST);

    private static HeaderChain chain(Network network) {
        return new HeaderChain(network, new SplittableRandom(1));
    }

    /// Regtest with a minimum of work.
    private static Network withMinimum(int blocks) {
        Difficulty old = Network.REGTEST.difficulty();
        return Network.REGTEST.toBuilder()
                .difficulty(
                        new Difficulty(
                                old.limitBits(),
                                old.rules(),
                                WORK.multiply(BigInteger.valueOf(blocks + 1L))))
                .build();
    }

    private HeaderVerdict arrive(HeaderSource source, List<Block> blocks) {
        return chain.accept(source, Blocks.headers(blocks), NOW);
    }

    private HeaderEntry entry(Block block) {
        return chain.find(block.hash()).orElseThrow();
    }

    // The five arrivals.

    @Test
    void aHeaderOnTheTipExtendsTheBestChain() {
        List<Block> blocks = Blocks.onGenesis(2, 1);
        assertThat(arrive(MALLORY, blocks))
                .isEqualTo(new HeaderVerdict.Extended(entry(blocks.getLast()), 2));
        assertThat(chain.tip().hash()).isEqualTo(blocks.getLast().hash());
    }

    @Test
    void aForkWithMoreWorkBecomesTheBestChain() {
        List<Block> ours = Blocks.onGenesis(3, 1);
        List<Block> fork = Blocks.on(ours.getFirst(), 1, 3, 2);
        arrive(MALLORY, ours);
        assertThat(arrive(MALLORY, fork))
                .isEqualTo(
                        new HeaderVerdict.Reorganized(
                                entry(ours.getFirst()), entry(fork.getLast()), 3));
        assertThat(chain.hashAt(2)).isEqualTo(fork.getFirst().hash());
    }

    @Test
    void aHeaderThatIsKnownChangesNothing() {
        List<Block> blocks = Blocks.onGenesis(3, 1);
        arrive(MALLORY, blocks);
        int size = chain.size();
        assertThat(arrive(MALLORY, blocks.subList(0, 2)))
                .isEqualTo(new HeaderVerdict.Known(entry(blocks.get(1))));
        assertThat(chain.size()).isEqualTo(size);
    }

    @Test
    void aForkThatIsNotBetterIsKeptAndHeightsAreThoseOfTheBestChain() {
        List<Block> ours = Blocks.onGenesis(3, 1);
        List<Block> fork = Blocks.onGenesis(3, 2);
        arrive(MALLORY, ours);
        assertThat(arrive(MALLORY, fork.subList(0, 2)))
                .isEqualTo(new HeaderVerdict.ForkExtended(entry(fork.get(1)), 2));
        assertThat(arrive(MALLORY, fork.subList(2, 3)))
                .isEqualTo(new HeaderVerdict.ForkExtended(entry(fork.get(2)), 1));
        for (int height = 1; height <= 3; height++) {
            assertThat(chain.hashAt(height)).isEqualTo(ours.get(height - 1).hash());
        }
        assertThat(chain.tips(5)).containsExactly(entry(ours.get(2)), entry(fork.get(2)));
    }

    @Test
    void aHeaderWithoutItsParentWaitsUntilTheGapIsFilled() {
        List<Block> blocks = Blocks.onGenesis(5, 1);
        assertThat(arrive(MALLORY, blocks.subList(3, 5)))
                .isEqualTo(new HeaderVerdict.Unconnected(blocks.get(2).hash()));
        assertThat(chain.nextConnected()).isEmpty();
        arrive(ALICE, blocks.subList(0, 3));
        UnconnectedBatch held = chain.nextConnected().orElseThrow();
        assertThat(held.source()).isEqualTo(MALLORY);
        assertThat(chain.accept(held.source(), held.batch(), NOW))
                .isEqualTo(new HeaderVerdict.Extended(entry(blocks.getLast()), 2));
        assertThat(chain.nextConnected()).isEmpty();
    }

    @Test
    void ofEachPeerOneBatchWaitsAndOfFewPeersAny() {
        List<Block> blocks = Blocks.onGenesis(5, 1);
        arrive(MALLORY, blocks.subList(2, 3));
        arrive(MALLORY, blocks.subList(4, 5));
        for (int peer = 10; peer < 10 + UnconnectedHeaders.MAX_PEERS - 1; peer++) {
            arrive(new HeaderSource.OtherPeer(peer), blocks.subList(3, 4));
        }
        arrive(ALICE, blocks.subList(0, 2));
        assertThat(chain.nextConnected()).as("replaced by a later one").isEmpty();
        arrive(ALICE, blocks.subList(2, 4));
        assertThat(chain.nextConnected().orElseThrow().source()).isEqualTo(MALLORY);
        arrive(MALLORY, Blocks.onGenesis(7, 3).subList(6, 7));
        for (int peer = 50; peer < 50 + UnconnectedHeaders.MAX_PEERS; peer++) {
            arrive(new HeaderSource.OtherPeer(peer), Blocks.onGenesis(7, 3).subList(6, 7));
        }
        chain.forgetPeer(60);
        arrive(ALICE, Blocks.onGenesis(6, 3));
        int waited = 0;
        for (Optional<UnconnectedBatch> held = chain.nextConnected();
                held.isPresent();
                held = chain.nextConnected()) {
            assertThat(held.get().source()).isNotEqualTo(MALLORY);
            assertThat(held.get().source()).isNotEqualTo(new HeaderSource.OtherPeer(60));
            waited++;
        }
        assertThat(waited).isEqualTo(UnconnectedHeaders.MAX_PEERS - 1);
    }

    // Little work.

    @Test
    void belowTheMinimumOnlyTheSyncPeersChainIsKept() {
        HeaderChain low = chain(withMinimum(100));
        List<Block> mallorys = Blocks.onGenesis(20, 2);
        assertThat(low.accept(MALLORY, Blocks.headers(mallorys), NOW))
                .isEqualTo(
                        new HeaderVerdict.LowWork(
                                low.at(0),
                                WORK.multiply(BigInteger.valueOf(21)),
                                WORK.multiply(BigInteger.valueOf(101))));
        assertThat(low.size()).isEqualTo(1);
        List<Block> alices = Blocks.onGenesis(30, 1);
        assertThat(low.accept(ALICE, Blocks.headers(alices), NOW))
                .isInstanceOf(HeaderVerdict.Extended.class);
        assertThat(low.hasEnoughWork()).isFalse();
        assertThat(low.accept(MALLORY, Blocks.headers(mallorys), NOW))
                .isInstanceOf(HeaderVerdict.LowWork.class);
        assertThat(low.accept(MALLORY, Blocks.headers(Blocks.on(alices.getLast(), 30, 9, 2)), NOW))
                .isInstanceOf(HeaderVerdict.LowWork.class);
        // One message with enough work.
        List<Block> enough = Blocks.onGenesis(100, 3);
        assertThat(low.accept(MALLORY, Blocks.headers(enough), NOW))
                .isInstanceOf(HeaderVerdict.Reorganized.class);
        assertThat(low.hasEnoughWork()).isTrue();
        assertThat(low.size()).isEqualTo(131);
    }

    @Test
    void theChainOfTheNextSyncPeerReplacesThatOfTheOneBefore() {
        HeaderChain low = chain(withMinimum(100));
        low.accept(ALICE, Blocks.headers(Blocks.onGenesis(3, 1)), NOW);
        List<Block> lie = Blocks.on(Blocks.onGenesis(3, 1).getLast(), 3, 50, 2);
        low.accept(ALICE, Blocks.headers(lie), NOW);
        low.commit();
        List<Block> honest = Blocks.on(Blocks.onGenesis(3, 1).getLast(), 3, 20, 3);
        HeaderSource bob = new HeaderSource.SyncPeer(3);
        HeaderVerdict verdict = low.accept(bob, Blocks.headers(honest), NOW);
        HeaderEntry fork = ((HeaderVerdict.LowWork) verdict).fork();
        assertThat(fork.height()).isEqualTo(3);
        HeaderEntry lost = low.tip();
        low.abandonAfter(fork);
        assertThat(low.accept(bob, Blocks.headers(honest), NOW))
                .isInstanceOf(HeaderVerdict.Extended.class);
        assertThat(low.size()).isEqualTo(24);
        assertThat(low.find(lie.getFirst().hash())).isEmpty();
        assertThat(low.commit())
                .containsExactly(
                        new HeaderEvent.Disconnected(lost, fork),
                        new HeaderEvent.Connected(fork, low.tip()));
        for (int height = 1; height <= low.tip().height(); height++) {
            assertThat(low.find(low.at(height).hash()).orElseThrow().height()).isEqualTo(height);
        }
    }

    @Test
    void aChainThatCountsIsNotAbandoned() {
        arrive(ALICE, Blocks.onGenesis(10, 1));
        HeaderEntry fifth = chain.at(5);
        assertThatThrownBy(() -> chain.abandonAfter(fifth))
                .isInstanceOf(IllegalArgumentException.class);
        arrive(ALICE, Blocks.onGenesis(3, 2));
        chain.abandonAfter(chain.tip());
        assertThat(chain.sideHeaders()).isZero();
    }

    @Test
    void aForkTooFarBehindTheTipIsNotKept() {
        arrive(ALICE, Blocks.onGenesis(300, 1));
        assertThat(arrive(MALLORY, Blocks.onGenesis(155, 2)))
                .isInstanceOf(HeaderVerdict.LowWork.class);
        assertThat(arrive(MALLORY, Blocks.onGenesis(156, 2)))
                .isInstanceOf(HeaderVerdict.ForkExtended.class);
        assertThat(arrive(new HeaderSource.Operator(), Blocks.onGenesis(5, 3)))
                .as("our owner may keep any")
                .isInstanceOf(HeaderVerdict.ForkExtended.class);
    }

    @Test
    void moreThanOneMessageIsRefused() {
        List<BlockHeader> many = new ArrayList<>();
        for (int i = 0; i <= HeaderChain.MAX_BATCH; i++) {
            many.add(Network.REGTEST.genesisHeader());
        }
        assertThatThrownBy(() -> chain.accept(ALICE, many, NOW))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(chain.accept(ALICE, List.of(), NOW))
                .isEqualTo(new HeaderVerdict.Known(chain.tip()));
    }

    // What listeners hear.

    @Test
    void aListenerHearsWhatLeftAndThenWhatJoinedInRanges() {
        List<Block> ours = Blocks.onGenesis(5, 1);
        List<Block> fork = Blocks.on(ours.get(1), 2, 4, 2);
        arrive(ALICE, ours);
        HeaderEntry oldTip = chain.tip();
        assertThat(chain.commit()).containsExactly(new HeaderEvent.Connected(chain.at(0), oldTip));
        arrive(MALLORY, fork);
        assertThat(chain.commit())
                .containsExactly(
                        new HeaderEvent.Disconnected(oldTip, chain.at(2)),
                        new HeaderEvent.Connected(chain.at(2), chain.tip()));
        assertThat(chain.commit()).isEmpty();
        assertThat(chain.ascent(oldTip, 3, 10)).hasSize(3);
    }

    @Test
    void aListenerThatWasAwayGetsTheWayFromTheBlockItStoredLast() {
        List<Block> ours = Blocks.onGenesis(5, 1);
        arrive(ALICE, ours);
        HeaderEntry stored = chain.at(4);
        arrive(MALLORY, Blocks.on(ours.get(1), 2, 9, 2));
        assertThat(chain.way(stored.hash()).orElseThrow())
                .containsExactly(
                        new HeaderEvent.Disconnected(stored, chain.at(2)),
                        new HeaderEvent.Connected(chain.at(2), chain.tip()));
        assertThat(chain.way(chain.tip().hash())).contains(List.of());
        assertThat(chain.way(BlockHash.ZERO)).isEmpty();
    }

    // What the operator decides.

    @Test
    void anInvalidatedBlockIsLeftAndReconsideredItIsTheBestAgain() {
        List<Block> ours = Blocks.onGenesis(5, 1);
        arrive(ALICE, ours);
        arrive(ALICE, Blocks.onGenesis(4, 2));
        HeaderEntry tip = chain.tip();
        chain.commit();
        assertThat(chain.invalidate(ours.get(2).hash())).isTrue();
        assertThat(chain.tip().height()).isEqualTo(4);
        assertThat(chain.commit()).hasSize(2);
        assertThat(chain.invalidate(ours.get(4).hash())).isTrue();
        assertThat(chain.reconsider(ours.get(3).hash())).as("both roots").isTrue();
        assertThat(chain.tip()).isEqualTo(tip);
        assertThat(chain.reconsider(ours.get(3).hash())).isFalse();
    }

    @Test
    void aBlockInvalidatedBeforeItCameIsRefusedWhenItComes() {
        List<Block> ours = Blocks.onGenesis(3, 1);
        assertThat(chain.invalidate(ours.get(1).hash())).isFalse();
        assertThat(arrive(ALICE, ours))
                .isEqualTo(new HeaderVerdict.Refused(Rule.KNOWN_INVALID, ours.get(1).hash(), 2));
        assertThat(chain.tip().height()).isEqualTo(1);
        chain.reconsider(ours.get(1).hash());
        assertThat(arrive(ALICE, ours)).isInstanceOf(HeaderVerdict.Extended.class);
    }

    // Signets.

    private static final Network SIGNET =
            Network.REGTEST.toBuilder().signetChallenge(Script.fromHex("51")).build();

    @Test
    void aSignetsTipCountsOnceItsLastSixBlocksWereVerified() {
        HeaderChain signet = chain(SIGNET);
        List<Block> blocks = Blocks.onGenesis(20, 1);
        assertThat(signet.accept(ALICE, Blocks.headers(blocks), NOW))
                .isInstanceOf(HeaderVerdict.Unverified.class);
        assertThat(signet.tip().height()).isZero();
        assertThat(signet.heaviestHeader().height()).isEqualTo(20);
        List<HeaderEntry> needed = signet.unverified(100);
        assertThat(needed.stream().map(HeaderEntry::height))
                .containsExactly(15, 16, 17, 18, 19, 20);
        for (HeaderEntry entry : needed.reversed()) {
            assertThat(signet.tip().height()).isZero();
            assertThat(signet.blockVerified(entry.hash())).isEqualTo(entry.height() == 15);
        }
        assertThat(signet.tip().height()).isEqualTo(20);
        assertThat(signet.unverified(100)).isEmpty();
        // What follows needs its own block alone.
        List<Block> next = Blocks.on(blocks.getLast(), 20, 1, 1);
        signet.accept(MALLORY, Blocks.headers(next), NOW);
        assertThat(signet.unverified(100)).hasSize(1);
        assertThat(signet.tip().height()).isEqualTo(20);
        assertThat(signet.blockVerified(next.getFirst().hash())).isTrue();
        assertThat(signet.tip().height()).isEqualTo(21);
    }

    @Test
    void aSignetsForkWinsOnceAllItsBlocksWereVerified() {
        HeaderChain signet = chain(SIGNET);
        List<Block> ours = Blocks.onGenesis(20, 1);
        signet.accept(ALICE, Blocks.headers(ours), NOW);
        signet.unverified(10).forEach(entry -> signet.blockVerified(entry.hash()));
        List<Block> fork = Blocks.on(ours.get(9), 10, 12, 2);
        signet.accept(MALLORY, Blocks.headers(fork), NOW);
        List<HeaderEntry> needed = signet.unverified(100);
        assertThat(needed).hasSize(12);
        for (HeaderEntry entry : needed.subList(1, 12)) {
            assertThat(signet.blockVerified(entry.hash())).isFalse();
        }
        assertThat(signet.tip().hash()).isEqualTo(ours.getLast().hash());
        assertThat(signet.blockVerified(needed.getFirst().hash())).isTrue();
        assertThat(signet.tip().hash()).isEqualTo(fork.getLast().hash());
        assertThat(signet.hashAt(11)).isEqualTo(fork.getFirst().hash());
    }

    @Test
    void aShortForkOfASignetNeedsTheLastSixBlocksOnlyWhereTheyWereNotVerified() {
        HeaderChain signet = chain(SIGNET);
        List<Block> ours = Blocks.onGenesis(20, 1);
        signet.accept(ALICE, Blocks.headers(ours), NOW);
        signet.unverified(10).forEach(entry -> signet.blockVerified(entry.hash()));
        List<Block> fork = Blocks.on(ours.get(18), 19, 2, 2);
        signet.accept(MALLORY, Blocks.headers(fork), NOW);
        assertThat(signet.unverified(100)).hasSize(2);
    }

    @Test
    void whatASignetHadVerifiedIsStillTheTipAfterARestart() {
        MemoryHeaderStore store = new MemoryHeaderStore(ChainStart.genesis(SIGNET));
        HeaderChain signet = new HeaderChain(SIGNET, store, new SplittableRandom(1));
        List<Block> blocks = Blocks.onGenesis(12, 1);
        signet.accept(ALICE, Blocks.headers(blocks.subList(0, 10)), NOW);
        signet.unverified(10).forEach(entry -> signet.blockVerified(entry.hash()));
        signet.accept(ALICE, Blocks.headers(blocks.subList(10, 12)), NOW);
        HeaderChain again = new HeaderChain(SIGNET, store, new SplittableRandom(2));
        assertThat(again.tip().height()).isEqualTo(10);
        assertThat(again.unverified(10)).hasSize(2);
        again.invalidate(blocks.get(4).hash());
        assertThat(again.tip().height()).isEqualTo(4);
        HeaderChain third = new HeaderChain(SIGNET, store, new SplittableRandom(3));
        assertThat(third.tip().height()).isEqualTo(4);
        assertThat(third.heaviestHeader().height()).isEqualTo(4);
    }

    // A model: the same without any cleverness.

    /// Random trees of headers against a plain map of objects.
    @Test
    void randomTreesAgreeWithAPlainModel() {
        for (int seed = 0; seed < 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            HeaderChain tree = chain(Network.REGTEST);
            List<Block> blocks = new ArrayList<>(List.of(Network.REGTEST.genesis()));
            Map<BlockHash, Integer> heights = new HashMap<>(Map.of(blocks.getFirst().hash(), 0));
            BlockHash best = blocks.getFirst().hash();
            for (int step = 0; step < 60; step++) {
                int from =
                        random.nextInt(3) > 0
                                ? blocks.size() - 1 - random.nextInt(Math.min(4, blocks.size()))
                                : random.nextInt(blocks.size());
                Block parent = blocks.get(from);
                int height = known(heights, parent.hash());
                List<Block> more = Blocks.on(parent, height, 1 + random.nextInt(4), step + 1);
                tree.accept(new HeaderSource.Operator(), Blocks.headers(more), NOW);
                for (Block block : more) {
                    height++;
                    heights.put(block.hash(), height);
                    blocks.add(block);
                }
                if (height > known(heights, best)) {
                    best = more.getLast().hash();
                }
                assertThat(tree.tip().hash()).isEqualTo(best);
            }
            Map<BlockHash, Block> byHash = new HashMap<>();
            blocks.forEach(block -> byHash.put(block.hash(), block));
            for (Block block = byHash.get(best);
                    block != null;
                    block = byHash.get(block.header().previous())) {
                int height = known(heights, block.hash());
                assertThat(tree.hashAt(height)).isEqualTo(block.hash());
                assertThat(tree.at(height).chainWork())
                        .isEqualTo(WORK.multiply(BigInteger.valueOf(height + 1L)));
            }
            for (int i = 0; i < 200; i++) {
                Block a = blocks.get(random.nextInt(blocks.size()));
                Block b = blocks.get(random.nextInt(blocks.size()));
                HeaderEntry one = tree.find(a.hash()).orElseThrow();
                HeaderEntry other = tree.find(b.hash()).orElseThrow();
                assertThat(one.height()).isEqualTo(known(heights, a.hash()));
                assertThat(tree.common(one, other).hash()).isEqualTo(common(a, b, byHash, heights));
                assertThat(tree.medianTime(one)).isEqualTo(median(a, byHash));
            }
        }
    }

    private static <T> T known(Map<BlockHash, T> map, BlockHash hash) {
        return Objects.requireNonNull(map.get(hash));
    }

    private static BlockHash common(
            Block one, Block other, Map<BlockHash, Block> byHash, Map<BlockHash, Integer> heights) {
        Block a = one;
        Block b = other;
        while (!a.hash().equals(b.hash())) {
            if (known(heights, a.hash()) >= known(heights, b.hash())) {
                a = known(byHash, a.header().previous());
            } else {
                b = known(byHash, b.header().previous());
            }
        }
        return a.hash();
    }

    private static long median(Block block, Map<BlockHash, Block> byHash) {
        List<Long> times = new ArrayList<>();
        for (Block at = block; at != null && times.size() < 11; ) {
            times.add(at.header().time());
            at = byHash.get(at.header().previous());
        }
        times.sort(null);
        return times.get(times.size() / 2);
    }
}
