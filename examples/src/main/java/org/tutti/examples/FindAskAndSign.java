package org.tutti.examples;

import org.tutti.base.Bytes;
import org.tutti.coordinator.advert.SignerFilter;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.message.AdvertDraft;
import org.tutti.coordinator.message.AdvertTerms;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.coordinator.service.Coordinator;
import org.tutti.coordinator.service.CoordinatorProtocol;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.service.SigningService;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/// All three phases: signers advertise, somebody finds them without knowing a key, asks them, and
/// they sign together.
public final class FindAskAndSign implements AutoCloseable {
    private static final RequestPolicy WILLING =
            RequestPolicy.holdingNothing((request, _) -> {
                var messages = request.messages().stream().map(RequestedMessage::toSign).toList();
                return new Judgement.Approved(messages, Hold.NONE, List.of(request.description()));
            });

    private final SecretKey key = SecretKey.generate(new SecureRandom());
    private final BlockingQueue<CoordinatorEvent.Finalized> signed = new LinkedBlockingQueue<>();
    private final Host host;
    private final SigningService signing;
    private final Coordinator coordinator;

    FindAskAndSign(Path folder) throws IOException {
        PrivateKey identity = Keys.generate(KeyType.ED25519, new SecureRandom());
        CoordinatorProtocol protocol = new CoordinatorProtocol();
        host =
                Host.builder()
                        .identity(identity)
                        .listen("/ip4/127.0.0.1/tcp/0")
                        .behaviour(protocol.behaviour()) // With gossip and a DHT it finds more.
                        .build();
        host.start();
        signing = SigningService.builder().host(host).identity(identity).dataFolder(folder).build();
        signing.start();
        coordinator =
                Coordinator.builder()
                        .protocol(protocol)
                        .host(host)
                        .identity(identity)
                        .signing(signing)
                        .signingKey(key)
                        .network(Bytes.wrap(new byte[32])) // Of a chain: Network.id().
                        .policy(WILLING)
                        .file(folder.resolve("requests"))
                        .listener(event -> {
                            if (event instanceof CoordinatorEvent.Finalized done) {
                                signed.add(done);
                            }
                        })
                        .build();
        coordinator.start();
    }

    /// Bob and Carol advertise; Alice is connected to Bob alone.
    public static void main(String[] args) throws Exception {
        run(Files.createTempDirectory("find-ask-and-sign"), System.out::println);
    }

    static Invitation run(Path folder, Consumer<String> out) throws Exception {
        try (var alice = new FindAskAndSign(Files.createDirectory(folder.resolve("alice")));
                var bob = new FindAskAndSign(Files.createDirectory(folder.resolve("bob")));
                var carol = new FindAskAndSign(Files.createDirectory(folder.resolve("carol")))) {
            AdvertTerms swaps = AdvertTerms.of(List.of(TransactionType.SWAP));
            bob.coordinator.advertise(AdvertDraft.of(swaps.named("Bob", "")));
            carol.coordinator.advertise(AdvertDraft.of(swaps.named("Carol", "")));
            carol.host.connect(bob.host.addresses().getFirst());
            alice.host.connect(bob.host.addresses().getFirst());

            List<PublicKey> keys = new ArrayList<>(List.of(alice.key.publicKey()));
            while (keys.size() < 3) { // Until Bob has heard of Carol.
                alice.coordinator.findSigners(
                        SignerFilter.of(Set.of(TransactionType.SWAP)),
                        Duration.ofSeconds(5),
                        found -> {
                            if (!keys.contains(found.advert().header().key())) {
                                keys.add(found.advert().header().key());
                                out.accept("found " + found.advert().terms().nickname());
                            }
                        });
            }
            Invitation request =
                    alice.coordinator.announce(
                            new InvitationDraft(
                                    keys,
                                    KeyOrder.SORTED,
                                    List.of(
                                            RequestedMessage.untweaked(
                                                    Bytes.fromHex("42".repeat(32)))),
                                    Bytes.EMPTY, // A PSBT, where there is a transaction.
                                    new InvitationDraft.Description(0, "swap", "an example", ""),
                                    ElectionMethod.HASH,
                                    0,
                                    Duration.ofDays(1)));
            for (FindAskAndSign signer : List.of(alice, bob, carol)) {
                out.accept("signature " + signer.signed.take().signatures().getFirst().bytes());
            }
            return request;
        }
    }

    @Override
    public void close() throws IOException {
        coordinator.close();
        signing.close();
        host.close();
        key.close();
    }
}
