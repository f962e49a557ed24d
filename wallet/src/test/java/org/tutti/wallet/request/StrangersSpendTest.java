package org.tutti.wallet.request;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.interpreter.ScriptInterpreter;
import org.tutti.bitcoin.psbt.Psbt;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.RequestView;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.service.Coordinator;
import org.tutti.coordinator.service.CoordinatorProtocol;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.service.SigningService;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.policy.ClockReading;
import org.tutti.wallet.policy.DailySpending;
import org.tutti.wallet.policy.TestSpending;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Three signers who share no configuration spend a coin of their keys: asked for, judged by rules,
/// signed, completed, and settled six blocks deep. Real hosts on loopback, blocks by hand.
@Timeout(60)
class StrangersSpendTest extends RequestFixture {
    private static final Sat DAY_LIMIT = Sat.of(1_000_000);

    @TempDir Path folder;

    private final class Signer implements AutoCloseable {
        final SecretKey key = SecretKey.generate(new SecureRandom());
        final RequestCoins coins = new RequestCoins(NETWORK, (_, _) -> {});
        final BlockingQueue<CoordinatorEvent> events = new LinkedBlockingQueue<>();
        final BlockingQueue<Transaction> broadcast = new LinkedBlockingQueue<>();
        final List<RequestEvent> told = new ArrayList<>();
        final DailySpending spending;
        final PsbtRequestPolicy policy;
        final SignedRequests requests;
        final Host host;
        final SigningService signing;
        final Coordinator coordinator;

        Signer(Path folder) throws Exception {
            Files.createDirectories(folder);
            PrivateKey identity = Keys.generate(KeyType.ED25519, new SecureRandom());
            CoordinatorProtocol protocol = new CoordinatorProtocol();
            host =
                    Host.builder()
                            .identity(identity)
                            .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                            .behaviour(protocol.behaviour())
                            .build();
            host.start();
            signing =
                    SigningService.builder()
                            .host(host)
                            .identity(identity)
                            .dataFolder(folder)
                            .build();
            signing.start();
            spending =
                    TestSpending.open(
                            folder.resolve("approved"),
                            DAY_LIMIT,
                            () -> new ClockReading(Instant.now(), System.nanoTime(), Instant.MIN));
            requests =
                    new SignedRequests(
                            NETWORK,
                            key.publicKey(),
                            pending -> broadcast.add(pending.transaction()),
                            _ -> Optional.empty(),
                            (request, confirmed, outcome) ->
                                    coordinator().settle(request, confirmed, outcome),
                            Runnable::run,
                            Clock.systemUTC(),
                            told::add);
            policy =
                    new PsbtRequestPolicy(
                            NETWORK,
                            RequestRules.DEFAULT.withMode(RequestRules.Mode.BY_RULES),
                            spending,
                            coins,
                            requests::hasRoom);
            coordinator =
                    Coordinator.builder()
                            .protocol(protocol)
                            .host(host)
                            .identity(identity)
                            .signing(signing)
                            .signingKey(key)
                            .network(NETWORK.id())
                            .policy(policy)
                            .file(folder.resolve("requests"))
                            .listener(this::hear)
                            .build();
            coordinator.start();
        }

        private Coordinator coordinator() {
            return coordinator;
        }

        private void hear(CoordinatorEvent event) {
            policy.on(event);
            if (event instanceof CoordinatorEvent.Finalized done) {
                requests.finalized(
                        invitation(done.request()),
                        coordinator.psbt(done.request()).orElseThrow(),
                        done.signatures());
            }
            if (event instanceof CoordinatorEvent.SessionClosed closed) {
                requests.closed(closed.request());
            }
            events.add(event);
        }

        private Invitation invitation(RequestId id) {
            try {
                return coordinator.requests().stream()
                        .map(RequestView::request)
                        .filter(request -> request.id().equals(id))
                        .findFirst()
                        .orElseThrow();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        void connect(int height, Block block) {
            coins.blockConnected(height, block.header(), block);
            requests.blockConnected(height, block.header(), block);
            requests.tip(height, block.hash());
        }

        <E extends CoordinatorEvent> E await(Class<E> kind) throws InterruptedException {
            while (true) {
                CoordinatorEvent event = events.poll(30, TimeUnit.SECONDS);
                assertThat(event).as(kind.getSimpleName()).isNotNull();
                if (kind.isInstance(event)) {
                    return kind.cast(event);
                }
            }
        }

        @Override
        public void close() throws IOException {
            coordinator.close();
            signing.close();
            host.close();
            spending.close();
            key.close();
        }
    }

    @Test
    void aCoinOfTheirKeysIsSpentAndEachSignerKnowsWhenThatIsFinal() throws Exception {
        try (Signer alice = new Signer(folder.resolve("alice"));
                Signer bob = new Signer(folder.resolve("bob"));
                Signer carol = new Signer(folder.resolve("carol"))) {
            List<Signer> signers = List.of(alice, bob, carol);
            for (Signer other : List.of(bob, carol)) {
                other.host.connect(alice.host.peerId(), alice.host.addresses());
            }
            List<PublicKey> keys = signers.stream().map(s -> s.key.publicKey()).toList();
            GroupWallet wallet = GroupWallet.of(keys, NETWORK);
            FakeChain chain = new FakeChain(new UtxoStore(wallet));
            signers.forEach(s -> s.coins.follow(new RequestId(hash(1)), keys));
            Transaction funding = chain.pay(wallet.scriptPubKey(), 500_000);
            mine(chain, signers, funding);

            Psbt psbt =
                    RequestDrafts.spend(
                            wallet,
                            new OutPoint(funding.txid(), 0),
                            Sat.of(500_000),
                            out(FRIEND, 300_000),
                            FeeRate.satPerVirtualByte(2));
            InvitationDraft draft =
                    RequestDrafts.ofPsbt(
                            psbt.serialize(),
                            keys,
                            new InvitationDraft.Description(300_000, "spend", "a test", "test"),
                            ElectionMethod.HASH,
                            0,
                            Duration.ofHours(1));
            Invitation request = alice.coordinator.announce(draft);
            for (Signer signer : signers) {
                assertThat(signer.await(CoordinatorEvent.Finalized.class).request())
                        .isEqualTo(request.id());
                assertThat(signer.told).singleElement().isInstanceOf(RequestEvent.Checked.class);
                assertThat(signer.spending.left().orElseThrow())
                        .isEqualTo(DAY_LIMIT.minus(outflow(psbt, keys)));
            }
            Transaction sent = alice.broadcast.take();
            assertThat(ScriptInterpreter.verifyAll(sent, psbt.prevouts())).isEmpty();

            mine(chain, signers, sent);
            for (int i = 1; i < SignedRequests.FINAL_DEPTH; i++) {
                mine(chain, signers);
            }
            for (Signer signer : signers) {
                signer.await(CoordinatorEvent.BroadcastConfirmed.class);
                signer.await(CoordinatorEvent.SessionClosed.class);
                assertThat(signer.coordinator.requests()).isEmpty();
                assertThat(signer.requests.requests()).isEmpty();
                // It happened: only time frees it.
                assertThat(signer.spending.left().orElseThrow())
                        .isEqualTo(DAY_LIMIT.minus(outflow(psbt, keys)));
                assertThat(signer.coins.unspent(new RequestId(hash(1)))).hasSize(1);
            }
        }
    }

    private static Sat outflow(Psbt psbt, List<PublicKey> keys) throws Exception {
        Bytes bytes = psbt.serialize();
        List<PublicKey> sorted = org.tutti.musig.keys.KeySort.sort(keys);
        return RequestTransaction.read(sorted, java.util.Set.of(), bytes).outflow();
    }

    private static void mine(FakeChain chain, List<Signer> signers, Transaction... transactions) {
        chain.mine(transactions);
        Block block = chain.last();
        signers.forEach(signer -> signer.connect(chain.height(), block));
    }

    @Test
    void aTransactionThatTheRulesForbidIsRefusedToAll() throws Exception {
        try (Signer alice = new Signer(folder.resolve("alice"));
                Signer bob = new Signer(folder.resolve("bob"))) {
            bob.host.connect(alice.host.peerId(), alice.host.addresses());
            bob.policy.use(
                    new RequestRules(
                            RequestRules.Mode.BY_RULES,
                            java.util.Set.of("swap"),
                            java.util.Set.of(),
                            Sat.MAX,
                            Sat.MAX,
                            new org.tutti.wallet.policy.Allowlist.Any(),
                            RequestRules.RawMessages.REFUSE,
                            false));
            List<PublicKey> keys = List.of(alice.key.publicKey(), bob.key.publicKey());
            Psbt psbt =
                    Psbt.of(
                            transaction(List.of(coin(1)), out(FRIEND, 99_000)),
                            List.of(
                                    new TxOut(
                                            Sat.of(100_000),
                                            GroupWallet.of(keys, NETWORK).scriptPubKey())));
            alice.coordinator.announce(
                    RequestDrafts.ofPsbt(
                            psbt.serialize(),
                            keys,
                            new InvitationDraft.Description(99_000, "spend", "", ""),
                            ElectionMethod.HASH,
                            0,
                            Duration.ofHours(1)));
            CoordinatorEvent.RequestRefused refused =
                    alice.await(CoordinatorEvent.RequestRefused.class);
            assertThat(refused.signer()).isEqualTo(bob.key.publicKey());
            assertThat(refused.code()).isEqualTo("TYPE_NOT_ALLOWED");
        }
    }
}
