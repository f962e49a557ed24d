package org.tutti.regtest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleProof;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.lightclient.sync.ConfirmedTransaction;
import org.tutti.lightclient.sync.LightClient;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// The light client against the fixture, over sockets.
class LightClientOverLoopbackTest {
    private final Wallet alice = Wallet.of("alice");
    private final Wallet bob = Wallet.of("bob");
    private final Recorder events = new Recorder();
    private RegtestNode node;

    @BeforeEach
    void startNode() throws IOException {
        node = RegtestNode.start(0, new RegtestEvents() {});
    }

    @AfterEach
    void stopNode() {
        node.close();
    }

    private LightClient client(int birthday) {
        return LightClient.builder()
                .network(Network.REGTEST)
                .peer("127.0.0.1", node.port())
                .birthday(birthday)
                .listener(events)
                .start();
    }

    @Test
    void everyBlockFromTheBirthdayOnIsTold() {
        node.mine(120, alice.script());
        try (LightClient _ = client(100)) {
            List<String> seen = events.await("tip 120");
            assertThat(seen).contains("+100 " + node.block(100).hash());
            assertThat(seen.stream().filter(event -> event.startsWith("+"))).hasSize(21);
            assertThat(seen.getLast()).isEqualTo("tip 120 " + node.tip());
        }
    }

    @Test
    void newBlocksAreToldAsTheyAreMined() {
        try (LightClient _ = client(1)) {
            events.await("connected");
            node.mine(1, alice.script());
            events.await("tip 1 ");
            node.mine(30, alice.script());
            assertThat(events.await("tip 31 ").getLast()).endsWith(node.tip().toString());
        }
    }

    @Test
    void aListenerThatFailsEndsTheClientWhichSaysSo() throws Exception {
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        ChainListener broken =
                new ChainListener() {
                    @Override
                    public void blockConnected(int height, BlockHeader header, Block block) {
                        throw new IllegalStateException("the wallet fell over");
                    }

                    @Override
                    public void failed(Throwable defect) {
                        told.complete(defect);
                    }
                };
        node.mine(3, alice.script());
        try (LightClient _ =
                LightClient.builder()
                        .network(Network.REGTEST)
                        .peer("127.0.0.1", node.port())
                        .listener(broken)
                        .start()) {
            assertThat(told.get(30, TimeUnit.SECONDS)).hasMessage("the wallet fell over");
        }
    }

    @Test
    void aPaymentIsBroadcastMinedAndProven() {
        node.mine(101, alice.script());
        try (LightClient client = client(1)) {
            events.await("tip 101");
            Transaction payment = alice.spendReward(node.block(1), bob.script(), 1_000);
            Txid txid = payment.txid();
            assertThat(client.broadcast(payment)).isTrue();
            events.await("accepted " + txid);
            assertThat(node.mempool()).containsExactly(txid);
            assertThat(client.confirmation(txid)).isEmpty();

            node.mine(2, bob.script());
            events.await("tip 103");
            ConfirmedTransaction confirmed = client.confirmation(txid).orElseThrow();
            assertThat(confirmed.height()).isEqualTo(102);
            assertThat(confirmed.confirmations()).isEqualTo(2);
            assertThat(confirmed.blockHash()).isEqualTo(node.block(102).hash());
            assertThat(confirmed.proof().check(payment, confirmed.header().merkleRoot()))
                    .isEqualTo(MerkleProof.Verdict.PROVEN);
        }
    }

    @Test
    void aPaymentWithABadSignatureIsRefusedWithTheReason() {
        node.mine(101, alice.script());
        try (LightClient client = client(1)) {
            events.await("tip 101");
            Transaction payment = alice.spendReward(node.block(1), bob.script(), 1_000);
            byte[] signature = payment.inputs().getFirst().witness().getFirst().toArray();
            signature[40] ^= 1;
            Transaction broken = payment.withWitness(0, List.of(Bytes.of(signature)));
            client.broadcast(broken);
            assertThat(events.await("refused " + broken.txid()).getLast())
                    .contains("mandatory-script-verify-flag-failed");
        }
    }

    @Test
    void aLongerBranchIsFollowedAndThePaymentIsMinedAgain() {
        node.mine(101, alice.script());
        try (LightClient client = client(1)) {
            events.await("tip 101");
            Transaction payment = alice.spendReward(node.block(1), bob.script(), 1_000);
            client.broadcast(payment);
            events.await("accepted");
            node.mine(3, bob.script());
            events.await("tip 104");
            List<String> expected =
                    List.of(
                            "-104 " + node.block(104).hash(),
                            "-103 " + node.block(103).hash(),
                            "-102 " + node.block(102).hash());

            node.reorganise(3);
            List<String> seen = events.await("tip 105");
            assertThat(seen.stream().filter(event -> event.startsWith("-")))
                    .containsExactlyElementsOf(expected);
            assertThat(seen.stream().filter(event -> event.startsWith("+")))
                    .containsExactly(
                            "+102 " + node.block(102).hash(),
                            "+103 " + node.block(103).hash(),
                            "+104 " + node.block(104).hash(),
                            "+105 " + node.block(105).hash());
            assertThat(client.confirmation(payment.txid())).isEmpty();
            assertThat(node.mempool()).containsExactly(payment.txid());

            node.mine(1, bob.script());
            events.await("tip 106");
            assertThat(client.confirmation(payment.txid()).orElseThrow().height()).isEqualTo(106);
        }
    }

    /// The listener does not come back, so the events pile up behind it, then the engine waits,
    /// then the inbox fills.
    @Test
    void aClientWithTooMuchToDoSaysSoAndGoesOnLater() throws Exception {
        node.mine(101, alice.script());
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        ChainListener slow =
                new ChainListener() {
                    @Override
                    public void peerConnected(String peer, String userAgent) {
                        awaitQuietly(stuck);
                    }

                    @Override
                    public void tip(int height, BlockHash hash) {
                        if (height == 101) {
                            done.countDown();
                        }
                    }
                };
        Transaction payment = alice.spendReward(node.block(1), bob.script(), 1_000);
        try (LightClient client =
                LightClient.builder()
                        .network(Network.REGTEST)
                        .peer("127.0.0.1", node.port())
                        .listener(slow)
                        .start()) {
            int most = 0;
            while (client.broadcast(payment)) {
                most++;
                assertThat(most).as("accepted without end").isLessThan(1_000_000);
            }
            stuck.countDown();
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(client.broadcast(payment)).isTrue();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aLostConnectionIsMadeAgain() {
        node.mine(5, alice.script());
        try (LightClient _ = client(1)) {
            events.await("tip 5");
            node.dropClients();
            events.await("lost");
            events.await("connected");
            node.mine(1, alice.script());
            events.await("tip 6");
        }
    }

    @Test
    void twoClientsOfOnePeerAgree() {
        Recorder others = new Recorder();
        try (LightClient _ = client(1);
                LightClient _ =
                        LightClient.builder()
                                .network(Network.REGTEST)
                                .peer("127.0.0.1", node.port())
                                .listener(others)
                                .start()) {
            events.await("connected");
            others.await("connected");
            node.mine(12, alice.script());
            assertThat(events.await("tip 12").getLast())
                    .isEqualTo(others.await("tip 12").getLast());
        }
    }
}
