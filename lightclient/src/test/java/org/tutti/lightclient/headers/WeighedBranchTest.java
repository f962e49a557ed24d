package org.tutti.lightclient.headers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.network.Difficulty;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.headers.HeaderVerdict.Rule;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A branch that starts too far below our tip for one message to outweigh it: weighed first, then
/// fetched again and stored, and only what was weighed.
class WeighedBranchTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);
    private static final HeaderSource PEER = new HeaderSource.OtherPeer(1);
    private static final int OURS = 5_000;
    private static final int FORK = 100;
    private static final int THEIRS = 5_300;

    private static List<BlockHeader> ours = List.of();
    private static List<BlockHeader> theirs = List.of();
    private static List<BlockHeader> others = List.of();

    private final HeaderChain chain = new HeaderChain(Network.REGTEST, new SplittableRandom(1));

    @BeforeAll
    static void mine() {
        ours = Blocks.headers(Blocks.onGenesis(OURS, 1));
        theirs = branch(2);
        others = branch(3);
    }

    private static List<BlockHeader> branch(int number) {
        return Blocks.headers(
                Blocks.on(Blocks.onGenesis(FORK, 1).getLast(), FORK, THEIRS - FORK + 200, number));
    }

    private WeighedBranch fork() {
        for (int from = 0; from < OURS; from += 1_000) {
            chain.accept(PEER, ours.subList(from, from + 1_000), NOW);
        }
        assertThat(take(0, 2_000)).isInstanceOf(HeaderVerdict.LowWork.class);
        return chain.branchAt(chain.at(FORK));
    }

    private HeaderVerdict take(int from, int to) {
        return chain.accept(PEER, theirs.subList(from, to), NOW);
    }

    private HeaderVerdict take(WeighedBranch branch, List<BlockHeader> headers) {
        return chain.accept(branch, PEER, HeaderBatch.of(headers), NOW);
    }

    private boolean isPart(WeighedBranch branch, List<BlockHeader> headers) {
        return chain.isPartOf(branch, HeaderBatch.of(headers));
    }

    private WeighedBranch weighed() {
        WeighedBranch branch = fork();
        take(branch, theirs.subList(0, 2_000));
        take(branch, theirs.subList(2_000, 4_000));
        assertThat(branch.outweighs()).isFalse();
        // Overlapping the last one, as an answer to a locator that starts one below.
        assertThat(take(branch, theirs.subList(3_999, 4_950)))
                .isEqualTo(new HeaderVerdict.Weighed(chain.at(FORK), 4_950, true));
        assertThat(branch.last()).isEqualTo(theirs.get(4_949).hash());
        assertThat(chain.size()).as("nothing is stored").isEqualTo(OURS + 1);
        return branch;
    }

    @Test
    void whatOutweighsOursIsFetchedAgainAndBecomesTheBest() {
        WeighedBranch branch = weighed();
        assertThat(branch.lastStored()).isEqualTo(chain.at(FORK).hash());
        assertThat(take(branch, theirs.subList(0, 2_000)))
                .isInstanceOf(HeaderVerdict.ForkExtended.class);
        assertThat(take(branch, theirs.subList(2_000, 4_000)))
                .isInstanceOf(HeaderVerdict.ForkExtended.class);
        assertThat(branch.isStored()).isFalse();
        // The peer has found more blocks since.
        assertThat(take(branch, theirs.subList(4_000, 5_200)))
                .isInstanceOf(HeaderVerdict.Reorganized.class);
        assertThat(branch.isStored()).isTrue();
        assertThat(chain.tip().hash()).isEqualTo(theirs.get(5_199).hash());
    }

    @Test
    void ofAsMuchWorkAsOursIsNotEnough() {
        WeighedBranch branch = fork();
        take(branch, theirs.subList(0, 2_000));
        take(branch, theirs.subList(2_000, 4_000));
        take(branch, theirs.subList(4_000, OURS - FORK));
        assertThat(branch.outweighs()).isFalse();
        take(branch, theirs.subList(OURS - FORK, OURS - FORK + 1));
        assertThat(branch.outweighs()).isTrue();
    }

    @Test
    void lessThanTheNetworksMinimumIsNeverEnough() {
        Difficulty old = Network.REGTEST.difficulty();
        BigInteger one = Network.REGTEST.genesisHeader().work();
        Network busy =
                Network.REGTEST.toBuilder()
                        .difficulty(
                                new Difficulty(
                                        old.limitBits(),
                                        old.rules(),
                                        one.multiply(BigInteger.valueOf(3_001))))
                        .build();
        HeaderChain checked = new HeaderChain(busy, new SplittableRandom(1));
        HeaderSource sync = new HeaderSource.SyncPeer(2);
        for (int from = 0; from < OURS; from += 1_000) {
            checked.accept(sync, ours.subList(from, from + 1_000), NOW);
        }
        checked.pin(checked.at(FORK)); // Its blocks are still being fetched.
        WeighedBranch branch = checked.branchAt(checked.at(FORK));
        int enough = 3_000 - FORK;
        checked.accept(branch, PEER, HeaderBatch.of(theirs.subList(0, 2_000)), NOW);
        checked.accept(branch, PEER, HeaderBatch.of(theirs.subList(2_000, enough - 1)), NOW);
        assertThat(branch.outweighs()).isFalse();
        checked.accept(branch, PEER, HeaderBatch.of(theirs.subList(enough - 1, enough)), NOW);
        assertThat(branch.outweighs()).isTrue();
    }

    @Test
    void nothingIsStoredBeforeItOutweighsOurs() {
        WeighedBranch branch = fork();
        take(branch, theirs.subList(0, 2_000));
        assertThat(isPart(branch, theirs.subList(0, 2_000))).isFalse();
        assertThatThrownBy(() -> take(branch, theirs.subList(0, 2_000)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void otherHeadersThanThoseThatWereWeighedAreNoPartOfIt() {
        WeighedBranch branch = weighed();
        assertThat(isPart(branch, others.subList(0, 2_000))).isFalse();
        assertThat(isPart(branch, theirs.subList(0, 1_999))).as("less than was shown").isFalse();
        assertThat(isPart(branch, theirs.subList(1, 2_000))).isFalse();
        assertThat(isPart(branch, theirs.subList(2_000, 4_000))).as("not its turn").isFalse();
        List<BlockHeader> mixed = new ArrayList<>(theirs.subList(0, 1_999));
        mixed.add(others.get(1_999));
        assertThat(isPart(branch, mixed)).isFalse();
        take(branch, theirs.subList(0, 2_000));
        assertThat(isPart(branch, others.subList(2_000, 4_000))).isFalse();
        take(branch, theirs.subList(2_000, 4_000));
        assertThat(isPart(branch, theirs.subList(4_000, 4_949))).isFalse();
        assertThat(isPart(branch, theirs.subList(4_000, 4_950))).isTrue();
    }

    @Test
    void aHeaderInItThatBreaksARuleIsRefusedAndWhatWasBeforeItWeighed() {
        WeighedBranch branch = fork();
        List<BlockHeader> bad = new ArrayList<>(theirs.subList(0, 1_500));
        BlockHeader at = bad.getLast();
        BlockHeader easy =
                new BlockHeader(at.version(), at.previous(), at.merkleRoot(), at.time(), 1, 0);
        bad.set(1_499, easy);
        assertThat(take(branch, bad))
                .isEqualTo(new HeaderVerdict.Refused(Rule.WRONG_BITS, easy.hash(), FORK + 1_500));
        assertThat(branch.last()).isEqualTo(theirs.get(1_498).hash());
    }

    @Test
    void aBranchLongerThanItsTimeAllowsIsNotWeighedToItsEnd() {
        HeaderChain young =
                new HeaderChain(
                        Network.REGTEST,
                        new MemoryHeaderStore(ChainStart.genesis(Network.REGTEST)),
                        1,
                        CompactTarget::isMetBy,
                        10,
                        1_000);
        Instant now = Instant.ofEpochSecond(Blocks.TIME + 600);
        WeighedBranch branch = young.branchAt(young.tip());
        List<BlockHeader> fast = new ArrayList<>();
        BlockHeader at = Network.REGTEST.genesisHeader();
        for (int i = 0; i < 1_500; i++) {
            at = Blocks.grind(Blocks.header(at, at.merkleRoot(), at.time() + 1));
            fast.add(at);
        }
        HeaderVerdict verdict = young.accept(branch, PEER, HeaderBatch.of(fast), now);
        assertThat(verdict).isInstanceOf(HeaderVerdict.Refused.class);
        assertThat(((HeaderVerdict.Refused) verdict).rule()).isEqualTo(Rule.NO_ROOM);
        assertThat(((HeaderVerdict.Refused) verdict).height()).isEqualTo(1_001);
    }

    @Test
    void whatComesInOtherPiecesIsStoredInMessagesOfFullLength() {
        WeighedBranch branch = fork();
        int to = 0;
        while (!branch.outweighs()) {
            to += 300;
            take(branch, theirs.subList(to - 300, to));
        }
        assertThat(branch.headers()).isEqualTo(5_100).isEqualTo(to);
        assertThat(isPart(branch, theirs.subList(0, 300))).isFalse();
        take(branch, theirs.subList(0, 2_000));
        take(branch, theirs.subList(2_000, 4_000));
        take(branch, theirs.subList(4_000, 5_100));
        assertThat(branch.isStored()).isTrue();
        assertThat(chain.tip().hash()).isEqualTo(theirs.get(5_099).hash());
    }
}
