package org.tutti.benchmarks.request;

import org.tutti.base.Bytes;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.RequestLimits;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.service.Coordinator;
import org.tutti.coordinator.service.CoordinatorProtocol;
import org.tutti.coordinator.service.CoordinatorSettings;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.metrics.HostStats;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.service.SigningService;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/// One signer that is in no group: its own identity, host, loopback socket, key, and files forced
/// to disk. It joins everything.
final class Stranger implements AutoCloseable {
    private static final Bytes NETWORK = Bytes.wrap(new byte[32]);

    private final SecureRandom random = new SecureRandom();
    private final SecretKey key = SecretKey.generate(random);
    private final Load load;
    private final Host host;
    private final SigningService signing;
    private final Coordinator coordinator;

    /// @param folder empty, and its own
    Stranger(Path folder, Load load, Consumer<CoordinatorEvent> listener) throws IOException {
        this.load = load;
        PrivateKey identity = Keys.generate(KeyType.ED25519, random);
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
                        .limits(signingLimits(load))
                        .build();
        signing.start();
        coordinator =
                Coordinator.builder()
                        .protocol(protocol)
                        .host(host)
                        .identity(identity)
                        .signing(signing)
                        .signingKey(key)
                        .network(NETWORK)
                        .policy(new Willing())
                        .file(folder.resolve("requests"))
                        .settings(settings(load))
                        .listener(listener)
                        .build();
        coordinator.start();
    }

    private static SigningLimits signingLimits(Load load) {
        SigningLimits.Live live = SigningLimits.DEFAULT.live();
        SigningLimits.Requests requests = SigningLimits.DEFAULT.requests();
        return SigningLimits.DEFAULT
                .with(
                        new SigningLimits.Live(
                                Math.max(live.sessions(), 2 * load.atOnce()),
                                Math.max(live.sessionsPerRequester(), 2 * load.atOnce()),
                                Math.max(live.requestBytes(), 4_096 * load.atOnce()),
                                live.nonceSetBytes()))
                .with(
                        new SigningLimits.Requests(
                                requests.messages(),
                                requests.contextBytes(),
                                requests.purposeChars(),
                                requests.lifetime(),
                                load.clockSkew(requests.clockSkew())));
    }

    private static CoordinatorSettings settings(Load load) {
        CoordinatorSettings usual = CoordinatorSettings.DEFAULT;
        RequestLimits limits = usual.limits();
        return new CoordinatorSettings(
                usual.messages(),
                new RequestLimits(
                        Math.max(limits.requests(), 4 * load.atOnce()),
                        Math.max(limits.requestsPerRequester(), 2 * load.atOnce()),
                        limits.bytes(),
                        limits.contacts(),
                        limits.over(),
                        limits.endings(),
                        limits.retryFirst(),
                        limits.retryMost(),
                        Duration.ofSeconds(2),
                        limits.sessions(),
                        limits.session(),
                        load.clockSkew(limits.clockSkew())),
                usual.groups(),
                usual.sessionLifetime(),
                usual.sessions(),
                usual.tick(),
                usual.inboxInterval(),
                usual.findFirst(),
                usual.findMost(),
                usual.gossipBurst(),
                usual.gossipInterval(),
                usual.contactLifetime());
    }

    /// Joins everything.
    private static final class Willing implements RequestPolicy {
        @Override
        public Judgement judge(Invitation request, Bytes psbt) {
            return new Judgement.Approved(
                    request.messages().stream().map(RequestedMessage::toSign).toList(),
                    Hold.NONE,
                    List.of());
        }

        @Override
        public Hold holdOf(Invitation request, Bytes psbt) {
            return Hold.NONE;
        }
    }

    PublicKey key() {
        return key.publicKey();
    }

    /// With its peer id.
    Multiaddr address() {
        return host.addresses().getFirst();
    }

    /// @param heapBytes what is said of its heap
    Footprint footprint(long heapBytes) {
        HostStats stats = host.stats();
        return new Footprint(heapBytes, stats.connections(), stats.streams());
    }

    void connect(Multiaddr other) throws IOException {
        var _ = host.connect(other);
    }

    /// A request of one message.
    Invitation ask(List<PublicKey> keys) throws CoordinatorException, InterruptedException {
        byte[] hash = new byte[32];
        random.nextBytes(hash);
        return coordinator.announce(
                new InvitationDraft(
                        keys,
                        KeyOrder.SORTED,
                        List.of(RequestedMessage.untweaked(Bytes.wrap(hash))),
                        Bytes.EMPTY,
                        new InvitationDraft.Description(0, "custom", "", ""),
                        ElectionMethod.HASH,
                        0,
                        load.lifetime()));
    }

    @Override
    public void close() throws IOException {
        coordinator.close();
        signing.close();
        host.close();
        key.close();
    }
}
