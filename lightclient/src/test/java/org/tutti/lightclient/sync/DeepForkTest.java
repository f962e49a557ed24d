package org.tutti.lightclient.sync;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.headers.Blocks;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.GetHeaders;
import org.tutti.lightclient.wire.P2pMessage.Headers;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// We stand on a chain that left the honest one more than a message of headers below its end: the
/// honest one is found, whatever liars do beside it. All time is simulated.
class DeepForkTest {
    private static final int WORSE = 9_000;
    private static final int FORK = 4_000;
    private static final int HONEST = 9_200;

    private static final Instant NOW =
            Instant.ofEpochSecond(Blocks.TIME).plusSeconds(600L * (HONEST + 300));

    private static List<Block> worse = List.of();
    private static List<Block> honest = List.of();

    @BeforeAll
    static void makeChains() {
        worse = Blocks.onGenesis(WORSE, 1);
        honest = branch(2, HONEST - FORK);
    }

    private static List<Block> branch(int number, int length) {
        List<Block> chain = new ArrayList<>(worse.subList(0, FORK));
        chain.addAll(Blocks.on(worse.get(FORK - 1), FORK, length, number));
        return chain;
    }

    private static SyncEngine engine(String... names) {
        return new SyncEngine(
                new HeaderChain(Network.REGTEST, new SplittableRandom(1)),
                Birthday.never(),
                SyncSettings.DEFAULTS,
                new SplittableRandom(1),
                Stream.of(names).map(SimulatedPeers::address).toList());
    }

    private static boolean follows(SyncEngine engine, List<Block> blocks) {
        return engine.chain().tip().hash().equals(blocks.getLast().hash());
    }

    /// We caught up with mallory before bob came.
    private static SimulatedPeers onTheWorseChain(SyncEngine engine) {
        SimulatedPeers peers = new SimulatedPeers(engine, NOW);
        peers.put("mallory", new SimulatedPeers.Script(worse));
        peers.until(() -> follows(engine, worse), Duration.ofMinutes(1));
        assertThat(follows(engine, worse)).isTrue();
        return peers;
    }

    @Test
    void theHeavierChainIsFoundHoweverFarBelowItsEndItLeavesOurs() {
        SyncEngine engine = engine("mallory", "bob");
        SimulatedPeers peers = onTheWorseChain(engine);
        peers.put("bob", new SimulatedPeers.Script(honest));
        assertThat(peers.until(() -> follows(engine, honest), Duration.ofHours(1)))
                .isLessThan(Duration.ofSeconds(30));
        assertThat(peers.script("bob").headersServed)
                .as("what is shared at most once, the rest twice")
                .isLessThan(FORK + 2 * (HONEST - FORK) + 3 * P2pMessage.MAX_HEADERS);
        peers.pass(Duration.ofMinutes(1));
        assertThat(peers.log()).allMatch(line -> line.endsWith("UNREACHABLE"));
        assertThat(engine.status(peers.now()).agreeing()).isEqualTo(1);
    }

    @Test
    void bothAtOnceAndTheWorseOneFasterToo() {
        SyncEngine engine = engine("mallory", "bob");
        SimulatedPeers peers = new SimulatedPeers(engine, NOW);
        SimulatedPeers.Script fast = new SimulatedPeers.Script(worse);
        fast.delay = Duration.ofMillis(1);
        peers.put("mallory", fast);
        peers.put("bob", new SimulatedPeers.Script(honest));
        assertThat(peers.until(() -> follows(engine, honest), Duration.ofHours(1)))
                .isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void nothingIsVerifiedWhileAPeerShowsWhatMayBeBetterAndALiarIsNotWaitedForWithoutEnd() {
        SyncEngine engine = engine("mallory", "bob");
        SimulatedPeers peers = onTheWorseChain(engine);
        peers.put("bob", new SimulatedPeers.Script(honest));
        peers.until(() -> engine.status(peers.now()).connected() == 2, Duration.ofMinutes(1));
        peers.until(() -> engine.status(peers.now()).verified(), Duration.ofMinutes(10));
        assertThat(follows(engine, honest)).isTrue();

        SyncEngine other = engine("mallory", "eve");
        SimulatedPeers slow = onTheWorseChain(other);
        List<Block> endless = branch(5, WORSE - FORK - 10);
        SimulatedPeers.Script eve =
                new SimulatedPeers.Script(endless) {
                    @Override
                    List<BlockHeader> headers(GetHeaders asked) {
                        List<BlockHeader> headers = super.headers(asked);
                        // The same again and again.
                        return headers.size() == P2pMessage.MAX_HEADERS
                                ? headers
                                : Blocks.headers(endless.subList(FORK, FORK + 2_000));
                    }
                };
        eve.delay = Duration.ofSeconds(14);
        slow.put("eve", eve);
        slow.until(() -> other.status(slow.now()).connected() == 2, Duration.ofMinutes(1));
        assertThat(slow.until(() -> other.status(slow.now()).verified(), Duration.ofHours(1)))
                .isLessThan(HeaderSync.LONGEST_TURN.plusMinutes(1));
    }

    @Test
    void aBranchThatOutweighsOursOnlyLaterIsFoundThenAndNotWeighedAnew() {
        SyncEngine engine = engine("mallory", "bob");
        SimulatedPeers peers = onTheWorseChain(engine);
        List<Block> early = new ArrayList<>(honest.subList(0, WORSE - 100));
        SimulatedPeers.Script bob = new SimulatedPeers.Script(early);
        peers.put("bob", bob);
        peers.pass(Duration.ofMinutes(5));
        assertThat(follows(engine, worse)).isTrue();
        assertThat(engine.chain().size()).as("nothing of it is stored").isEqualTo(WORSE + 1);
        assertThat(bob.headersServed)
                .as("it was shown once in five minutes")
                .isLessThan(WORSE + 3 * P2pMessage.MAX_HEADERS);
        early.addAll(honest.subList(WORSE - 100, HONEST));
        bob.index();
        assertThat(peers.until(() -> follows(engine, honest), Duration.ofHours(1)))
                .isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void aBranchThatBecameOursThroughAnotherIsNoLongerWeighed() {
        SyncEngine engine = engine("mallory", "carol", "bob");
        SimulatedPeers peers = onTheWorseChain(engine);
        List<Block> early = new ArrayList<>(honest.subList(0, WORSE - 100));
        SimulatedPeers.Script carol = new SimulatedPeers.Script(early);
        peers.put("carol", carol);
        peers.pass(Duration.ofMinutes(1));
        peers.put("bob", new SimulatedPeers.Script(honest));
        peers.until(() -> follows(engine, honest), Duration.ofMinutes(1));
        early.addAll(honest.subList(WORSE - 100, HONEST));
        carol.index();
        assertThat(
                        peers.until(
                                () -> engine.status(peers.now()).agreeing() == 2,
                                Duration.ofHours(1)))
                .isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void aBranchWhoseForkTheOwnerLeavesIsNotAskedForAgain() {
        SyncEngine engine = engine("mallory", "eve");
        SimulatedPeers peers = onTheWorseChain(engine);
        peers.put("eve", withholding(branch(3, HONEST - FORK - 10)));
        peers.pass(Duration.ofMinutes(1));
        engine.chain().declareInvalid(worse.get(FORK - 10).hash());
        peers.pass(Duration.ofMinutes(1));
        assertThat(engine.chain().tip().height()).isEqualTo(FORK - 10);
    }

    @Test
    void blocksThatAreAnnouncedOnABranchAreWeighedToo() {
        SyncEngine engine = engine("mallory", "bob");
        SimulatedPeers peers = onTheWorseChain(engine);
        List<Block> early = new ArrayList<>(honest.subList(0, WORSE));
        SimulatedPeers.Script bob = new SimulatedPeers.Script(early);
        peers.put("bob", bob);
        peers.pass(Duration.ofSeconds(20));
        assertThat(follows(engine, worse)).isTrue();
        early.add(honest.get(WORSE));
        bob.index();
        peers.say("bob", new Headers(Blocks.headers(honest.subList(WORSE, WORSE + 1))));
        assertThat(peers.until(() -> follows(engine, early), Duration.ofHours(1)))
                .isLessThan(Duration.ofSeconds(2));
    }

    /// It shows one branch, and another one when that is to be stored.
    private static final class Changing extends SimulatedPeers.Script {
        private final SimulatedPeers.Script other;
        private int seen;

        Changing(List<Block> shown, List<Block> then) {
            super(shown);
            other = new SimulatedPeers.Script(then);
            other.index();
        }

        @Override
        List<BlockHeader> headers(GetHeaders asked) {
            boolean again = asked.locator().getFirst().equals(worse.get(FORK - 1).hash());
            seen += again ? 1 : 0;
            return seen > 0 ? other.headers(asked) : super.headers(asked);
        }
    }

    @Test
    void whoShowsOneBranchAndSendsAnotherBringsNothingIn() {
        SyncEngine engine = engine("mallory", "eve", "bob");
        SimulatedPeers peers = onTheWorseChain(engine);
        List<Block> shown = branch(3, WORSE - FORK + 100);
        Changing eve = new Changing(shown, branch(4, WORSE - FORK - 50));
        peers.put("eve", eve);
        peers.pass(Duration.ofMinutes(5));
        assertThat(eve.seen).as("it was asked for what it had shown").isPositive();
        assertThat(engine.chain().size()).isEqualTo(WORSE + 1);
        peers.put("bob", new SimulatedPeers.Script(honest));
        assertThat(peers.until(() -> follows(engine, honest), Duration.ofHours(1)))
                .isLessThan(Duration.ofSeconds(30));
    }

    /// It shows a branch, and is silent when that is to be stored.
    private static SimulatedPeers.Script withholding(List<Block> blocks) {
        return new SimulatedPeers.Script(blocks) {
            @Override
            List<P2pMessage> answer(P2pMessage message) {
                boolean again =
                        message instanceof GetHeaders asked
                                && asked.locator().getFirst().equals(worse.get(FORK - 1).hash());
                return again ? List.of() : super.answer(message);
            }
        };
    }

    @Test
    void whoShowsABranchAndThenSendsNothingHoldsUpNobody() {
        SyncEngine engine = engine("mallory", "eve", "bob");
        SimulatedPeers peers = onTheWorseChain(engine);
        peers.put("eve", withholding(branch(3, HONEST - FORK - 10)));
        peers.pass(Duration.ofMinutes(1));
        peers.put("bob", new SimulatedPeers.Script(honest));
        assertThat(peers.until(() -> follows(engine, honest), Duration.ofHours(1)))
                .isLessThan(Duration.ofSeconds(60));
    }

    @Test
    void whoShowsNewBranchesWithoutEndIsPaidForWithItsOwnTokens() {
        SyncEngine engine = engine("mallory", "eve");
        SimulatedPeers peers = onTheWorseChain(engine);
        List<List<Block>> branches = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            branches.add(branch(10 + i, 2_000));
        }
        SimulatedPeers.Script eve =
                new SimulatedPeers.Script(branches.getFirst()) {
                    @Override
                    List<BlockHeader> headers(GetHeaders asked) {
                        List<Block> one = branches.get(questions % branches.size());
                        return Blocks.headers(one.subList(FORK, FORK + 2_000));
                    }
                };
        eve.delay = Duration.ofMillis(1);
        peers.put("eve", eve);
        peers.pass(Duration.ofMinutes(1));
        assertThat(peers.log()).contains("lost eve:1 FLOODING");
        assertThat(engine.chain().size()).isEqualTo(WORSE + 1);
    }
}
