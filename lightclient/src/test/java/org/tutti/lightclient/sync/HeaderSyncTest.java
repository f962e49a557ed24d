package org.tutti.lightclient.sync;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.network.Difficulty;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.headers.Blocks;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.peers.PeerManager;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.GetData;
import org.tutti.lightclient.wire.P2pMessage.GetHeaders;
import org.tutti.lightclient.wire.P2pMessage.Headers;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// One honest peer, bob, beside those who hold up a network: whose chain is followed, and how long
/// that takes. All time is simulated.
class HeaderSyncTest {
    private static final int HONEST = 4_500;
    private static final int MINIMUM = 4_300;
    private static final int LIE = 3_000;

    /// Just after the last block, so that a turn may take little more than two minutes.
    private static final Instant NOW =
            Instant.ofEpochSecond(Blocks.TIME).plusSeconds(600L * (HONEST + 2));

    private static List<Block> honest = List.of();
    private static List<Block> lie = List.of();

    private final Network busy = withMinimumWork(MINIMUM);

    @BeforeAll
    static void makeChains() {
        honest = Blocks.onGenesis(HONEST, 1);
        lie = Blocks.onGenesis(LIE, 2);
    }

    private static Network withMinimumWork(int blocks) {
        Difficulty old = Network.REGTEST.difficulty();
        BigInteger work =
                Network.REGTEST.genesisHeader().work().multiply(BigInteger.valueOf(blocks));
        return Network.REGTEST.toBuilder()
                .difficulty(new Difficulty(old.limitBits(), old.rules(), work))
                .build();
    }

    private static SyncEngine engine(Network network, String... names) {
        return new SyncEngine(
                new HeaderChain(network, new SplittableRandom(1)),
                Birthday.never(),
                SyncSettings.DEFAULTS,
                new SplittableRandom(1),
                Stream.of(names).map(SimulatedPeers::address).toList());
    }

    private static boolean follows(SyncEngine engine, List<Block> blocks) {
        return engine.chain().tip().hash().equals(blocks.getLast().hash());
    }

    /// One that answers at once, so that it is chosen first.
    private static SimulatedPeers.Script first(List<Block> blocks) {
        SimulatedPeers.Script script = new SimulatedPeers.Script(blocks);
        script.delay = Duration.ofMillis(1);
        return script;
    }

    private Duration timeToFollowBobBeside(SimulatedPeers.Script mallory) {
        SyncEngine engine = engine(busy, "mallory", "bob");
        SimulatedPeers peers = new SimulatedPeers(engine, NOW);
        peers.put("mallory", mallory);
        peers.put("bob", new SimulatedPeers.Script(honest));
        return peers.until(() -> follows(engine, honest), Duration.ofHours(1));
    }

    @Test
    void onePeerIsFollowedAndTheOthersAreAskedOnceForWhatItHas() {
        SyncEngine engine = engine(busy, "alice", "bob", "carol");
        SimulatedPeers peers = new SimulatedPeers(engine, NOW);
        List<SimulatedPeers.Script> scripts = new ArrayList<>();
        for (String name : List.of("alice", "bob", "carol")) {
            scripts.add(new SimulatedPeers.Script(honest));
            peers.put(name, scripts.getLast());
        }
        peers.until(() -> engine.status(peers.now()).verified(), Duration.ofMinutes(1));
        assertThat(follows(engine, honest)).isTrue();
        assertThat(engine.status(peers.now()).agreeing()).isEqualTo(3);
        assertThat(scripts.stream().mapToInt(script -> script.headersServed).sum())
                .as("two of them served their first message and the end")
                .isLessThan(HONEST + 2 * 2_100);
    }

    @Test
    void aSilentPeerIsNotWaitedFor() {
        SimulatedPeers.Script silent =
                new SimulatedPeers.Script(honest) {
                    @Override
                    List<P2pMessage> answer(P2pMessage message) {
                        return List.of();
                    }
                };
        assertThat(timeToFollowBobBeside(silent)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void aPeerThatFallsSilentIsReplacedAndWhatItBroughtIsNotFetchedAgain() {
        SyncEngine engine = engine(busy, "mallory", "bob");
        SimulatedPeers peers = new SimulatedPeers(engine, NOW);
        SimulatedPeers.Script silent =
                new SimulatedPeers.Script(honest) {
                    @Override
                    List<P2pMessage> answer(P2pMessage message) {
                        return questions < 2 ? super.answer(message) : List.of();
                    }
                };
        silent.delay = Duration.ofMillis(1);
        SimulatedPeers.Script bob = new SimulatedPeers.Script(honest);
        peers.put("mallory", silent);
        peers.put("bob", bob);
        assertThat(peers.until(() -> follows(engine, honest), Duration.ofHours(1)))
                .isLessThan(SyncSettings.DEFAULTS.headersDeadline().plusSeconds(5));
        assertThat(bob.headersServed).isLessThan(2_000 + 600);
        assertThat(peers.log()).as("silence is no reason to part").isEmpty();
    }

    @Test
    void aChainThatEndsWithTooLittleWorkGivesWayToTheNext() {
        assertThat(timeToFollowBobBeside(first(lie))).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void aChainWithTooLittleWorkThatStallsInTheMiddleGivesWayToo() {
        SimulatedPeers.Script stalling =
                new SimulatedPeers.Script(lie) {
                    @Override
                    List<P2pMessage> answer(P2pMessage message) {
                        return questions < 1 ? super.answer(message) : List.of();
                    }
                };
        stalling.delay = Duration.ofMillis(1);
        assertThat(timeToFollowBobBeside(stalling))
                .isLessThan(SyncSettings.DEFAULTS.headersDeadline().plusSeconds(5));
    }

    /// Full messages as slowly as the deadline lets it: time for each header is bounded, too.
    @Test
    void aPeerThatDripsItsHeadersIsSlowInTheEnd() {
        List<Block> longLie = Blocks.onGenesis(60_000 / 10, 3);
        SimulatedPeers.Script slow = new SimulatedPeers.Script(longLie);
        slow.delay = Duration.ofMillis(1);
        SimulatedPeers.Script dripping =
                new SimulatedPeers.Script(longLie) {
                    @Override
                    List<BlockHeader> headers(GetHeaders asked) {
                        List<BlockHeader> all = super.headers(asked);
                        delay = questions == 1 ? Duration.ofMillis(1) : Duration.ofSeconds(14);
                        return all;
                    }

                    @Override
                    List<P2pMessage> answer(P2pMessage message) {
                        List<P2pMessage> answers = super.answer(message);
                        // The same full message again and again brings it nowhere.
                        return message instanceof GetHeaders && questions > 1
                                ? List.of(new Headers(Blocks.headers(longLie.subList(0, 2_000))))
                                : answers;
                    }
                };
        assertThat(timeToFollowBobBeside(dripping))
                .isLessThan(HeaderSync.LONGEST_TURN.plusSeconds(10));
    }

    @Test
    void whoLeavesItsChainForAnotherTwiceLosesItsTurn() {
        List<List<Block>> branches =
                List.of(Blocks.onGenesis(2_000, 11), Blocks.onGenesis(2_000, 12));
        SimulatedPeers.Script flipping =
                new SimulatedPeers.Script(lie) {
                    @Override
                    List<P2pMessage> answer(P2pMessage message) {
                        if (message instanceof GetHeaders) {
                            questions++;
                            delay = Duration.ofMillis(questions == 1 ? 1 : 100);
                            return List.of(
                                    new Headers(Blocks.headers(branches.get(questions % 2))));
                        }
                        return List.of();
                    }
                };
        assertThat(timeToFollowBobBeside(flipping)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void whoFailedOnceIsChosenAfterAllOthersThenOn() {
        SyncEngine engine = engine(busy, "mallory", "bob");
        SimulatedPeers peers = new SimulatedPeers(engine, NOW);
        peers.put("mallory", first(lie));
        SimulatedPeers.Script bob = new SimulatedPeers.Script(honest.subList(0, 4_000));
        peers.put("bob", bob);
        peers.until(
                () -> engine.chain().tip().hash().equals(honest.get(3_999).hash()),
                Duration.ofMinutes(1));
        int penalty =
                engine.status(peers.now()).peers().stream()
                        .filter(peer -> peer.name().startsWith("mallory"))
                        .mapToInt(SyncStatus.PeerInfo::penalty)
                        .sum();
        assertThat(penalty).isPositive();
        assertThat(engine.status(peers.now()).obstacles())
                .extracting(SyncStatus.Obstacle::code)
                .containsExactly(SyncStatus.Obstacle.Code.NO_MINIMUM_WORK);
    }

    @Test
    void sevenOfEightMayLieInEveryWay() {
        String[] names = {"m1", "m2", "m3", "m4", "m5", "m6", "m7", "bob"};
        SyncEngine engine = engine(busy, names);
        SimulatedPeers peers = new SimulatedPeers(engine, NOW);
        for (int i = 1; i <= 7; i++) {
            int number = i;
            SimulatedPeers.Script script =
                    new SimulatedPeers.Script(Blocks.onGenesis(2_100 + i, 20 + i)) {
                        @Override
                        List<P2pMessage> answer(P2pMessage message) {
                            return number % 2 == 0 && questions > 1
                                    ? List.of()
                                    : super.answer(message);
                        }
                    };
            script.delay = Duration.ofMillis(i);
            peers.put("m" + i, script);
        }
        peers.put("bob", new SimulatedPeers.Script(honest));
        assertThat(peers.until(() -> follows(engine, honest), Duration.ofHours(1)))
                .isLessThan(
                        SyncSettings.DEFAULTS.headersDeadline().multipliedBy(7).plusSeconds(30));
        assertThat(engine.status(peers.now()).agreeing()).isEqualTo(1);
    }

    @Test
    void whereWorkIsCheapTheLongerChainIsFollowedWhoeverCameFirst() {
        SyncEngine engine = engine(Network.REGTEST, "mallory", "bob");
        SimulatedPeers peers = new SimulatedPeers(engine, NOW);
        peers.put("mallory", first(lie.subList(0, 500)));
        peers.put("bob", new SimulatedPeers.Script(honest.subList(0, 900)));
        assertThat(
                        peers.until(
                                () -> engine.chain().tip().hash().equals(honest.get(899).hash()),
                                Duration.ofHours(1)))
                .isLessThan(Duration.ofSeconds(5));
        assertThat(engine.status(peers.now()).agreeing()).isEqualTo(1);
    }

    @Test
    void whoIsAheadOfTheOneThatWasFollowedTakesItsTurn() {
        SyncEngine engine = engine(withMinimumWork(100), "alice", "bob");
        SimulatedPeers peers = new SimulatedPeers(engine, NOW);
        peers.put("alice", first(honest.subList(0, 300)));
        peers.put("bob", new SimulatedPeers.Script(honest));
        assertThat(peers.until(() -> follows(engine, honest), Duration.ofHours(1)))
                .isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void announcementsOfAllAreFollowedOnceCaughtUp() {
        SyncEngine engine = engine(busy, "alice", "bob");
        SimulatedPeers peers = new SimulatedPeers(engine, NOW);
        peers.put("alice", first(honest));
        peers.put("bob", new SimulatedPeers.Script(honest));
        peers.until(() -> engine.status(peers.now()).verified(), Duration.ofMinutes(1));
        List<Block> next = Blocks.on(honest.getLast(), HONEST, 1, 1);
        peers.say("bob", new Headers(Blocks.headers(next)));
        assertThat(peers.until(() -> follows(engine, next), Duration.ofMinutes(1)))
                .isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aPeerThatIsGoneIsDialledAgainWithLongerWaitsUntilItsConnectionLives() {
        SyncEngine engine = engine(busy, "bob");
        SimulatedPeers peers = new SimulatedPeers(engine, NOW);
        peers.put("bob", new SimulatedPeers.Script(honest));
        for (int i = 0; i < 200; i++) {
            peers.pass(Duration.ofMillis(200));
            peers.disconnect("bob", DisconnectReason.Code.CLOSED);
        }
        assertThat(peers.dials("bob")).as("40 s of a peer that closes at once").isBetween(5, 15);
        peers.pass(SyncSettings.DEFAULTS.maxBackoff());
        peers.pass(SyncSettings.DEFAULTS.lived());
        int before = peers.dials("bob");
        peers.disconnect("bob", DisconnectReason.Code.CLOSED);
        peers.pass(Duration.ofMillis(600));
        assertThat(peers.dials("bob")).isEqualTo(before + 1);
    }

    @Test
    void blocksAreFetchedOfTheHonestOneWhileALiarWithholdsItsOwn() {
        SyncEngine engine =
                new SyncEngine(
                        new HeaderChain(busy, new SplittableRandom(1)),
                        new Birthday.AtHeight(HONEST - 40),
                        SyncSettings.DEFAULTS,
                        new SplittableRandom(1),
                        List.of(SimulatedPeers.address("mallory"), SimulatedPeers.address("bob")));
        SimulatedPeers peers = new SimulatedPeers(engine, NOW);
        SimulatedPeers.Script withholding =
                new SimulatedPeers.Script(honest) {
                    @Override
                    List<P2pMessage> blocks(GetData wanted) {
                        return List.of();
                    }
                };
        withholding.delay = Duration.ofMillis(1);
        peers.put("mallory", withholding);
        peers.put("bob", new SimulatedPeers.Script(honest));
        assertThat(peers.until(() -> engine.activeTip().height() == HONEST, Duration.ofHours(1)))
                .isLessThan(SyncSettings.DEFAULTS.blockDeadline().plusSeconds(5));
        assertThat(peers.log()).contains("lost mallory:1 BLOCK_STALLED");
        assertThat(engine.status(peers.now()).peers().getFirst().penalty()).isPositive();
        assertThat(engine.status(peers.now()).peers().getFirst().state())
                .as("silence is no reason for a ban")
                .isNotEqualTo(PeerManager.State.BANNED);
    }
}
