package org.tutti.lightclient.headers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.headers.HeaderVerdict.Rule;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

class HeaderChainTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);
    private static final HeaderSource PEER = new HeaderSource.OtherPeer(1);
    private static final BlockHeader GENESIS = Network.REGTEST.genesis().header();

    private final HeaderChain chain = chain(10_000, 52_560);

    private static HeaderChain chain(int maxSide, int leastLength) {
        // A network whose genesis block is young: how long its chain can be follows from its age.
        return new HeaderChain(
                Network.REGTEST,
                new MemoryHeaderStore(ChainStart.genesis(Network.REGTEST)),
                1,
                CompactTarget::isMetBy,
                maxSide,
                leastLength);
    }

    private static void refused(HeaderVerdict verdict, Rule rule) {
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        HeaderVerdict.Refused.class, r -> assertThat(r.rule()).isEqualTo(rule));
    }

    private void accepted(List<BlockHeader> headers) {
        assertThat(chain.accept(PEER, headers, NOW)).isInstanceOf(HeaderVerdict.Accepted.class);
    }

    @Test
    void theRealRegtestChainOfTheVectorsIsAccepted() throws IOException, DecodeException {
        byte[] file = Files.readAllBytes(vector("regtest_0-100.bin"));
        List<BlockHeader> headers = new ArrayList<>();
        for (int at = 0; at < file.length; at += BlockHeader.LENGTH) {
            headers.add(BlockHeader.parse(Bytes.of(file, at, at + BlockHeader.LENGTH)));
        }
        assertThat(headers.getFirst()).isEqualTo(GENESIS);
        accepted(headers);
        assertThat(chain.tip().height()).isEqualTo(headers.size() - 1);
        assertThat(chain.tip().header()).isEqualTo(headers.getLast());
    }

    @Test
    void theForkOfTheVectorsIsFollowedWhenItHasMoreWork() throws IOException, DecodeException {
        JsonNode file =
                JsonMapper.shared().readTree(Files.readString(vector("headers_16_18_reorg.json")));
        List<BlockHeader> main = headers(file.get("mainchainHeaders"));
        List<BlockHeader> fork = headers(file.get("forkChainHeaders"));
        int forkHeight = file.get("forkChainHeaders").get(0).get("height").asInt();
        accepted(main.subList(0, forkHeight - 1));
        accepted(fork);
        assertThat(chain.tip().header()).isEqualTo(fork.getLast());
        accepted(main);
        assertThat(chain.tip().header()).isEqualTo(main.getLast());
        for (String name : List.of("mainchainHeaders", "forkChainHeaders")) {
            for (JsonNode expected : file.get(name)) {
                BlockHash hash = BlockHash.fromDisplayHex(expected.get("blockHash").asString());
                HeaderEntry entry = chain.find(hash).orElseThrow();
                JsonNode parsed = expected.get("parsedBlockHeader");
                assertThat(entry.height()).isEqualTo(parsed.get("height").asInt());
                assertThat(entry.chainWork())
                        .isEqualTo(new BigInteger(parsed.get("chainwork").asString(), 16));
                assertThat(chain.medianTime(entry)).isEqualTo(parsed.get("mediantime").asLong());
            }
        }
    }

    private static List<BlockHeader> headers(JsonNode list) throws DecodeException {
        List<BlockHeader> headers = new ArrayList<>();
        for (JsonNode entry : list) {
            headers.add(BlockHeader.parse(Bytes.fromHex(entry.get("rawHeader").asString())));
        }
        return headers;
    }

    private static Path vector(String name) {
        Path path = Path.of(System.getProperty("tutti.vectors"), "headers-forks", name);
        assertThat(path).as("vector file").exists();
        return path;
    }

    @Test
    void theBranchOfMostWorkIsBestAndTheFirstSeenStaysOnATie() {
        List<Block> ours = Blocks.onGenesis(3, 1);
        List<Block> theirs = Blocks.onGenesis(4, 2);
        accepted(Blocks.headers(ours));
        accepted(Blocks.headers(theirs.subList(0, 3)));
        assertThat(chain.tip().hash()).isEqualTo(ours.getLast().hash());
        assertThat(chain.sideHeaders()).isEqualTo(3);

        accepted(Blocks.headers(theirs.subList(3, 4)));
        assertThat(chain.tip().hash()).isEqualTo(theirs.getLast().hash());
        HeaderEntry left = chain.find(ours.getLast().hash()).orElseThrow();
        assertThat(chain.fork(left).height()).isZero();
        assertThat(chain.common(chain.at(2), chain.tip())).isEqualTo(chain.at(2));
        assertThat(chain.common(chain.tip(), left).height()).isZero();
    }

    @Test
    void twoBranchesMeetWhereTheyPartAndAreClimbedFromAnyHeight() {
        List<Block> main = Blocks.onGenesis(6, 1);
        List<Block> side = Blocks.on(main.get(1), 2, 3, 2);
        List<Block> twig = Blocks.on(side.getFirst(), 3, 1, 3);
        accepted(Blocks.headers(main));
        accepted(Blocks.headers(side));
        accepted(Blocks.headers(twig));
        HeaderEntry sideTip = chain.find(side.getLast().hash()).orElseThrow();
        HeaderEntry twigTip = chain.find(twig.getLast().hash()).orElseThrow();
        for (boolean swapped : new boolean[] {false, true}) {
            assertThat(common(sideTip, twigTip, swapped).hash()).isEqualTo(side.getFirst().hash());
            assertThat(common(sideTip, chain.tip(), swapped)).isEqualTo(chain.at(2));
            assertThat(common(sideTip, chain.at(1), swapped)).isEqualTo(chain.at(1));
            assertThat(common(sideTip, sideTip, swapped)).isEqualTo(sideTip);
        }
        assertThat(hashes(chain.ascent(sideTip, 2, 2)))
                .containsExactly(main.get(1).hash(), side.getFirst().hash());
        assertThat(hashes(chain.ascent(chain.tip(), 5, 100)))
                .containsExactly(main.get(4).hash(), main.get(5).hash());
        assertThat(chain.ascent(sideTip, 6, 3)).isEmpty();
        assertThat(chain.ascent(chain.tip(), 7, 3)).isEmpty();
    }

    private HeaderEntry common(HeaderEntry one, HeaderEntry other, boolean swapped) {
        return swapped ? chain.common(other, one) : chain.common(one, other);
    }

    private static List<BlockHash> hashes(List<HeaderEntry> entries) {
        return entries.stream().map(HeaderEntry::hash).toList();
    }

    @Test
    void headersWithoutProofOfWorkAreRefused() {
        BlockHeader header = Blocks.header(GENESIS, MerkleNode.ZERO, GENESIS.time() + 1);
        refused(chain.accept(PEER, List.of(Blocks.grind(header, false)), NOW), Rule.PROOF_OF_WORK);
    }

    @Test
    void headersThatChooseTheirOwnTargetAreRefused() {
        BlockHeader easy =
                new BlockHeader(
                        4, GENESIS.hash(), MerkleNode.ZERO, GENESIS.time() + 1, 0x2100ffffL, 0);
        refused(chain.accept(PEER, List.of(easy), NOW), Rule.WRONG_BITS);
        BlockHeader negative =
                new BlockHeader(
                        4, GENESIS.hash(), MerkleNode.ZERO, GENESIS.time() + 1, 0x20ffffffL, 0);
        refused(chain.accept(PEER, List.of(negative), NOW), Rule.WRONG_BITS);
    }

    @Test
    void aTimeNotAboveTheMedianOfElevenIsRefused() {
        List<Block> blocks = Blocks.onGenesis(11, 1);
        accepted(Blocks.headers(blocks));
        BlockHeader parent = blocks.getLast().header();
        long median = chain.medianTime(chain.tip());
        assertThat(median).isEqualTo(blocks.get(5).header().time());
        BlockHeader atMedian = Blocks.grind(Blocks.header(parent, MerkleNode.ZERO, median));
        refused(chain.accept(PEER, List.of(atMedian), NOW), Rule.TIME_TOO_OLD);
        accepted(List.of(Blocks.grind(Blocks.header(parent, MerkleNode.ZERO, median + 1))));
    }

    @Test
    void aTimeMoreThanTwoHoursAheadIsRefused() {
        long limit = NOW.plus(HeaderChain.MAX_FUTURE).getEpochSecond();
        BlockHeader ahead = Blocks.grind(Blocks.header(GENESIS, MerkleNode.ZERO, limit + 1));
        refused(chain.accept(PEER, List.of(ahead), NOW), Rule.TIME_TOO_NEW);
        accepted(List.of(Blocks.grind(Blocks.header(GENESIS, MerkleNode.ZERO, limit))));
    }

    @Test
    void headersThatHangInTheAirOrAreNoListAreNotTaken() {
        List<BlockHeader> headers = Blocks.headers(Blocks.onGenesis(4, 1));
        assertThat(chain.accept(PEER, headers.subList(1, 4), NOW))
                .isEqualTo(new HeaderVerdict.Unconnected(headers.getFirst().hash()));
        refused(chain.accept(PEER, List.of(headers.get(0), headers.get(2)), NOW), Rule.NOT_A_LIST);
        assertThat(chain.tip().height()).isEqualTo(1);
    }

    @Test
    void anInvalidBlockTakesItsDescendantsAlongAndStaysOut() {
        List<Block> bad = Blocks.onGenesis(5, 1);
        List<Block> good = Blocks.onGenesis(3, 2);
        accepted(Blocks.headers(bad));
        accepted(Blocks.headers(good));
        chain.invalidate(bad.get(1).hash());
        assertThat(chain.tip().hash()).isEqualTo(good.getLast().hash());
        assertThat(chain.find(bad.get(4).hash())).isEmpty();
        assertThat(chain.find(bad.getFirst().hash())).isPresent();
        assertThat(chain.tips(10))
                .containsExactly(chain.tip(), chain.find(bad.getFirst().hash()).orElseThrow());
        refused(chain.accept(PEER, Blocks.headers(bad), NOW), Rule.KNOWN_INVALID);
        assertThatThrownBy(() -> chain.invalidate(GENESIS.hash()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noMoreInvalidBlocksThanTheBoundAreRemembered() {
        List<BlockHeader> bad = new ArrayList<>();
        for (int branch = 0; branch <= InvalidBlocks.MAX; branch++) {
            BlockHeader header = Blocks.onGenesis(1, branch).getFirst().header();
            bad.add(header);
            accepted(List.of(header));
            chain.invalidate(header.hash());
        }
        refused(chain.accept(PEER, List.of(bad.getLast()), NOW), Rule.KNOWN_INVALID);
        refused(chain.accept(PEER, List.of(bad.get(1)), NOW), Rule.KNOWN_INVALID);
        accepted(List.of(bad.getFirst()));
    }

    @Test
    void branchesBeyondTheirBoundAreRefusedUnlessTheyBecomeTheBest() {
        HeaderChain small = chain(20, 1_000);
        small.accept(PEER, Blocks.headers(Blocks.onGenesis(12, 0)), NOW);
        List<Block> strong = Blocks.onGenesis(10, 1);
        small.accept(PEER, Blocks.headers(strong), NOW);
        for (int branch = 2; branch < 60; branch++) {
            small.accept(PEER, Blocks.headers(Blocks.onGenesis(1, branch)), NOW);
            assertThat(small.sideHeaders()).isLessThanOrEqualTo(20);
        }
        assertThat(small.accept(PEER, Blocks.headers(Blocks.onGenesis(12, 61)), NOW))
                .isInstanceOf(HeaderVerdict.LowWork.class);
        assertThat(small.find(strong.getLast().hash())).isPresent();
        assertThat(small.tip().height()).isEqualTo(12);
        List<Block> winner = Blocks.onGenesis(13, 62);
        assertThat(small.accept(PEER, Blocks.headers(winner), NOW))
                .isInstanceOf(HeaderVerdict.Reorganized.class);
        assertThat(small.tip().hash()).isEqualTo(winner.getLast().hash());
    }

    @Test
    void theChainOnWhichSomebodyStandsFindsRoomWhereOtherBranchesDoNot() {
        HeaderChain small = chain(10, 1_000);
        List<Block> ours = Blocks.onGenesis(3, 1);
        small.accept(PEER, Blocks.headers(ours), NOW);
        small.pin(small.tip());
        small.accept(PEER, Blocks.headers(Blocks.onGenesis(30, 2)), NOW);
        for (int branch = 3; branch < 40; branch++) {
            small.accept(PEER, Blocks.headers(Blocks.onGenesis(3, branch)), NOW);
        }
        assertThat(small.sideHeaders()).isLessThanOrEqualTo(10);
        List<Block> more = Blocks.on(ours.getLast(), 3, 5, 1);
        for (Block block : more) {
            small.accept(PEER, List.of(block.header()), NOW);
        }
        assertThat(small.find(more.getLast().hash())).isPresent();
        for (int branch = 40; branch < 400; branch++) {
            small.accept(PEER, Blocks.headers(Blocks.onGenesis(5, branch)), NOW);
        }
        assertThat(small.sideHeaders()).as("that too has a bound").isLessThanOrEqualTo(100);
    }

    @Test
    void aChainLongerThanItsTimeAllowsIsRefusedWhereItsWorkProvesNothing() {
        HeaderChain small = chain(10, 4);
        Instant young = Instant.ofEpochSecond(GENESIS.time() + 600);
        refused(small.accept(PEER, Blocks.headers(Blocks.onGenesis(6, 1)), young), Rule.NO_ROOM);
        assertThat(small.tip().height()).isEqualTo(4);
    }

    @Test
    void cheapReorganisationsDoNotFillTheTreeAndTheHeaviestChainIsFollowed() {
        HeaderChain small = chain(10, 30);
        Instant young = Instant.ofEpochSecond(GENESIS.time() + 20 * 600);
        for (int branch = 1; branch < 20; branch++) {
            List<Block> blocks = Blocks.onGenesis(branch, branch);
            small.accept(PEER, Blocks.headers(blocks), young);
            assertThat(small.size()).isLessThanOrEqualTo(60);
            assertThat(small.tip().hash()).isEqualTo(blocks.getLast().hash());
        }
    }

    @Test
    void whatMakesRoomLosesNothingThatCountsAndTellsNoChange() {
        HeaderStore store = new MemoryHeaderStore(ChainStart.genesis(Network.REGTEST));
        HeaderChain small =
                new HeaderChain(Network.REGTEST, store, 1, CompactTarget::isMetBy, 10, 30);
        Instant young = Instant.ofEpochSecond(GENESIS.time() + 20 * 600);
        List<Block> stoodOn = Blocks.onGenesis(5, 1);
        List<Block> best = Blocks.on(stoodOn.get(2), 3, 15, 2);
        small.accept(PEER, Blocks.headers(stoodOn), young);
        small.pin(small.tip());
        small.accept(PEER, Blocks.headers(Blocks.onGenesis(8, 9)), young);
        small.accept(PEER, Blocks.headers(best), young);
        BlockHash told = small.tip().hash();
        small.commit();
        int branch = 10;
        int before = small.size();
        while (small.size() >= before) {
            before = small.size();
            small.accept(PEER, Blocks.headers(Blocks.onGenesis(6, branch++)), young);
        }
        assertThat(small.commit()).isEmpty();
        assertThat(small.tip().hash()).isEqualTo(told);
        assertThat(small.tip().chainWork())
                .isEqualTo(GENESIS.work().multiply(BigInteger.valueOf(19)));
        assertThat(small.find(stoodOn.getLast().hash())).isPresent();
        for (Block block : best) {
            HeaderEntry entry = small.find(block.hash()).orElseThrow();
            assertThat(small.hashAt(entry.height())).isEqualTo(block.hash());
        }
        assertThat(small.find(Blocks.onGenesis(8, 9).getLast().hash())).isEmpty();
        // A chain that is loaded from the store is the same.
        HeaderChain again =
                new HeaderChain(Network.REGTEST, store, 2, CompactTarget::isMetBy, 10, 30);
        assertThat(again.headersCutOff()).isZero();
        assertThat(again.tip()).isEqualTo(small.tip());
        assertThat(again.size()).isEqualTo(small.size());
    }

    @Test
    void roomIsMadeForWhatMakesAnotherBranchTheBest() {
        HeaderChain small = chain(10, 30);
        Instant young = Instant.ofEpochSecond(GENESIS.time() + 25 * 600);
        small.accept(PEER, Blocks.headers(Blocks.onGenesis(5, 1)), young);
        small.pin(small.tip());
        small.accept(PEER, Blocks.headers(Blocks.onGenesis(18, 2)), young);
        List<Block> side = Blocks.onGenesis(6, 3);
        small.accept(PEER, Blocks.headers(side), young);
        for (int branch = 4; small.size() < 45; branch++) {
            small.accept(PEER, Blocks.headers(Blocks.onGenesis(6, branch)), young);
        }
        List<Block> more = Blocks.on(side.getLast(), 6, 20, 3);
        assertThat(small.accept(PEER, Blocks.headers(more), young))
                .isInstanceOf(HeaderVerdict.Reorganized.class);
        assertThat(small.tip().hash()).isEqualTo(more.getLast().hash());
        assertThat(small.size()).as("genesis, the pinned, the one before, this one").isEqualTo(50);
    }

    @Test
    void aLocatorIsDenseAtTheTopAndEndsAtGenesis() {
        accepted(Blocks.headers(Blocks.onGenesis(200, 1)));
        List<BlockHash> locator = chain.locator(chain.tip());
        assertThat(locator.size()).isLessThan(25);
        assertThat(locator.getFirst()).isEqualTo(chain.tip().hash());
        assertThat(locator.get(9)).isEqualTo(chain.at(191).hash());
        assertThat(locator.getLast()).isEqualTo(GENESIS.hash());

        List<BlockHeader> after =
                chain.after(
                        List.of(BlockHash.ZERO, chain.at(50).hash()), chain.at(60).hash(), 2_000);
        assertThat(after).hasSize(10);
        assertThat(after.getFirst()).isEqualTo(chain.at(51).header());
        assertThat(chain.after(List.of(), BlockHash.ZERO, 7)).hasSize(7);
    }

    @Test
    void whatOurOwnerDeclaredInvalidIsNotForgottenForWhatPeersMake() {
        HeaderChain chain = new HeaderChain(Network.REGTEST, new SplittableRandom(1));
        List<Block> blocks = Blocks.onGenesis(3, 1);
        chain.accept(PEER, Blocks.headers(blocks), NOW);
        assertThat(chain.declareInvalid(blocks.get(1).hash())).isTrue();
        BlockHash absent = Blocks.on(blocks.getFirst(), 1, 1, 9).getFirst().hash();
        assertThat(chain.declareInvalid(absent)).isFalse();
        for (int i = 0; i <= InvalidBlocks.MAX; i++) {
            chain.invalidate(BlockHash.hashOf(new byte[] {(byte) i, (byte) (i >> 8)}));
        }
        assertThat(chain.tip().height()).isEqualTo(1);
        refused(chain.accept(PEER, Blocks.headers(blocks), NOW), Rule.DECLARED_INVALID);
        refused(
                chain.accept(PEER, Blocks.headers(Blocks.on(blocks.getFirst(), 1, 1, 9)), NOW),
                Rule.DECLARED_INVALID);
        assertThat(chain.reconsider(blocks.get(1).hash())).isTrue();
        assertThat(chain.tip().height()).isEqualTo(3);
    }
}
