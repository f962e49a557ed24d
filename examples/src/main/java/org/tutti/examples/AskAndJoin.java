package org.tutti.examples;

import org.tutti.base.Bytes;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.RequestedMessage;
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
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/// A signer without any configured group: it asks others, whose keys it knows, to sign with it, and
/// joins what it is asked for.
public final class AskAndJoin implements AutoCloseable {
    private static final Bytes NETWORK = Bytes.wrap(new byte[32]); // Of a chain: Network.id().
    private static final RequestPolicy POLICY =
            RequestPolicy.holdingNothing((request, _) -> {
                // One 32-byte message and no transaction to recompute it from. With a PSBT, a
                // PsbtRequestPolicy does, and decides by rules or asks a person.
                var messages = request.messages().stream().map(RequestedMessage::toSign).toList();
                return new Judgement.Approved(messages, Hold.NONE, List.of(request.description()));
            });

    private final SecretKey key = SecretKey.generate(new SecureRandom());
    private final BlockingQueue<CoordinatorEvent.Finalized> signed = new LinkedBlockingQueue<>();
    private final Host host;
    private final SigningService signing;
    private final Coordinator coordinator;

    AskAndJoin(Path folder) throws IOException {
        PrivateKey identity = Keys.generate(KeyType.ED25519, new SecureRandom());
        CoordinatorProtocol protocol = new CoordinatorProtocol();
        host =
                Host.builder()
                        .identity(identity)
                        .listen("/ip4/127.0.0.1/tcp/0")
                        .behaviour(protocol.behaviour())
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
                        .network(NETWORK)
                        .policy(POLICY)
                        .file(folder.resolve("requests"))
                        .listener(this::see)
                        .build();
        coordinator.start();
    }

    private void see(CoordinatorEvent event) {
        if (event instanceof CoordinatorEvent.Finalized done) {
            signed.add(done);
        }
    }

    /// Two signers who do not know of each other, and one who knows both keys.
    public static void main(String[] args) throws Exception {
        run(Files.createTempDirectory("ask-and-join"), System.out::println);
    }

    static Invitation run(Path folder, Consumer<String> out) throws Exception {
        try (AskAndJoin alice = new AskAndJoin(Files.createDirectory(folder.resolve("alice")));
                AskAndJoin bob = new AskAndJoin(Files.createDirectory(folder.resolve("bob")));
                AskAndJoin carol = new AskAndJoin(Files.createDirectory(folder.resolve("carol")))) {
            alice.host.connect(bob.host.addresses().getFirst());
            alice.host.connect(carol.host.addresses().getFirst());
            Invitation request =
                    alice.ask(
                            Bytes.fromHex("42".repeat(32)),
                            bob.key.publicKey(),
                            carol.key.publicKey());
            for (AskAndJoin signer : List.of(alice, bob, carol)) {
                out.accept("signature " + signer.signed.take().signatures().getFirst().bytes());
            }
            return request;
        }
    }

    private Invitation ask(Bytes message, PublicKey one, PublicKey other)
            throws CoordinatorException, InterruptedException {
        return coordinator.announce(
                new InvitationDraft(
                        List.of(key.publicKey(), one, other),
                        KeyOrder.SORTED,
                        List.of(RequestedMessage.untweaked(message)),
                        Bytes.EMPTY, // A PSBT, where there is a transaction.
                        new InvitationDraft.Description(0, "custom", "an example", ""),
                        ElectionMethod.HASH,
                        0,
                        Duration.ofDays(1)));
    }

    @Override
    public void close() throws IOException {
        coordinator.close();
        signing.close();
        host.close();
        key.close();
    }
}
