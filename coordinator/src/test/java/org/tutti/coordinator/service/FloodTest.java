package org.tutti.coordinator.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.internal.engine.CoordinatorEngine;
import org.tutti.coordinator.internal.wire.ExchangeCodec;
import org.tutti.coordinator.internal.wire.Question;
import org.tutti.coordinator.internal.wire.StatementSigner;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.RequestLimits;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.service.Strangers.Stranger;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.approval.Hold;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// Hostile peers that send as much as they can of each question and each statement, over real
/// hosts, while two signers who know each other sign.
@Timeout(120)
class FloodTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    /// More streams at once than a peer may have.
    private static final int STREAMS = 12;

    private static final int QUESTIONS_EACH = 72;

    private static final RequestLimits LIMITS =
            new RequestLimits(
                    32,
                    8,
                    4L << 20,
                    32,
                    64,
                    32,
                    RequestLimits.DEFAULT.retryFirst(),
                    RequestLimits.DEFAULT.retryMost(),
                    Duration.ofMinutes(5),
                    RequestLimits.DEFAULT.sessions(),
                    RequestLimits.DEFAULT.session(),
                    RequestLimits.DEFAULT.clockSkew());

    /// What one hostile peer sends.
    private enum Flood {
        CONTACTS,
        REQUESTS,
        REQUESTS_WITH_TRANSACTIONS,
        JOINS,
        JOINS_OF_OTHERS,
        REFUSALS,
        WITHDRAWALS,
        FETCHES,
        INBOX_QUERIES,
        FORGED_STATEMENTS,
        NONSENSE;

        boolean isFilling() {
            return this == REQUESTS || this == REQUESTS_WITH_TRANSACTIONS;
        }
    }

    @TempDir private Path folder;
    private final Set<PublicKey> friends = ConcurrentHashMap.newKeySet();

    /// Joins what friends ask for; for the others a person would have to decide, and nobody does.
    private final RequestPolicy policy =
            new RequestPolicy() {
                @Override
                public Judgement judge(Invitation request, Bytes psbt) {
                    return friends.contains(request.requester())
                            ? new Judgement.Approved(
                                    Strangers.messages(request), Hold.NONE, List.of())
                            : new Judgement.AskPerson(
                                    Strangers.messages(request), Hold.NONE, List.of());
                }

                @Override
                public Hold holdOf(Invitation request, Bytes psbt) {
                    return Hold.NONE;
                }
            };

    /// One hostile peer.
    private static final class Mallory implements AutoCloseable {
        private final Flood kind;
        private final Stranger victim;
        private final PrivateKey identity = Keys.generate(KeyType.ED25519, RANDOM);
        private final SecretKey key = SecretKey.generate(RANDOM);
        private final StatementSigner signer = signer(key);
        private final CoordinatorProtocol protocol = new CoordinatorProtocol();
        private final Host host;
        private final Invitation own;
        private final AtomicInteger number = new AtomicInteger();
        private final CountDownLatch ended = new CountDownLatch(STREAMS);

        Mallory(Flood kind, Stranger victim) throws IOException {
            this.kind = kind;
            this.victim = victim;
            host =
                    Host.builder()
                            .identity(identity)
                            .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                            .behaviour(protocol.behaviour())
                            .build();
            host.start();
            var _ = host.connect(victim.host().peerId(), victim.host().addresses());
            own = request(signer, key.publicKey(), Bytes.EMPTY);
            // What joins are about is there.
            ask(deliveries(own, Bytes.EMPTY, List.of()));
        }

        private StatementSigner signer(SecretKey with) {
            return new StatementSigner(identity, with, Strangers.NETWORK, RANDOM);
        }

        private Invitation request(StatementSigner by, PublicKey requester, Bytes psbt) {
            byte[] hash = new byte[32];
            RANDOM.nextBytes(hash);
            return by.request(
                    new InvitationDraft(
                            List.of(requester, victim.publicKey()),
                            KeyOrder.SORTED,
                            List.of(RequestedMessage.untweaked(Bytes.wrap(hash))),
                            psbt,
                            new InvitationDraft.Description(1, "spend", "a flood", "test"),
                            ElectionMethod.HASH,
                            0,
                            Duration.ofHours(1)),
                    Instant.now().toEpochMilli());
        }

        private static Question deliveries(Invitation request, Bytes psbt, List<Bytes> statements) {
            return new Question.Deliveries(
                    List.of(
                            new Question.Delivery(
                                    request.id(),
                                    Optional.of(request.envelope()),
                                    psbt,
                                    statements)));
        }

        private void start() {
            for (int i = 0; i < STREAMS; i++) {
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                for (int n = 0; n < QUESTIONS_EACH / STREAMS; n++) {
                                    send(number.incrementAndGet());
                                }
                            } finally {
                                ended.countDown();
                            }
                        });
            }
        }

        private void send(int i) {
            long now = Instant.now().toEpochMilli();
            switch (kind) {
                case CONTACTS -> {
                    try (SecretKey fresh = SecretKey.generate(RANDOM)) {
                        ask(
                                new Question.Greeting(
                                        Optional.of(
                                                signer(fresh)
                                                        .contact(
                                                                Optional.empty(),
                                                                List.of(),
                                                                now,
                                                                Instant.now().plusSeconds(600))
                                                        .envelope())));
                    }
                }
                case REQUESTS -> fresh(Bytes.EMPTY);
                case REQUESTS_WITH_TRANSACTIONS -> {
                    byte[] psbt = new byte[200_000];
                    RANDOM.nextBytes(psbt);
                    fresh(Bytes.wrap(psbt));
                }
                case JOINS ->
                        ask(
                                deliveries(
                                        own,
                                        Bytes.EMPTY,
                                        List.of(signer.join(own, now + i).envelope())));
                case JOINS_OF_OTHERS -> {
                    try (SecretKey other = SecretKey.generate(RANDOM)) {
                        ask(
                                deliveries(
                                        own,
                                        Bytes.EMPTY,
                                        List.of(signer(other).join(own, now).envelope())));
                    }
                }
                case REFUSALS -> {
                    Invitation made = request(signer, key.publicKey(), Bytes.EMPTY);
                    Bytes refusal = signer.refuse(made, now, "NO", "no").envelope();
                    ask(deliveries(made, Bytes.EMPTY, List.of(refusal)));
                }
                case WITHDRAWALS -> {
                    Invitation made = request(signer, key.publicKey(), Bytes.EMPTY);
                    Bytes withdrawal = signer.withdraw(made, now, "no").envelope();
                    ask(deliveries(made, Bytes.EMPTY, List.of(withdrawal)));
                }
                case FETCHES -> ask(new Question.Fetch(new RequestId(random())));
                case INBOX_QUERIES -> ask(new Question.InboxQuery(victim.publicKey(), Set.of()));
                case FORGED_STATEMENTS -> {
                    byte[] envelope = own.envelope().toArray();
                    envelope[envelope.length - 1 - i % 32] ^= 1;
                    ask(
                            new Question.Deliveries(
                                    List.of(
                                            new Question.Delivery(
                                                    new RequestId(random()),
                                                    Optional.of(Bytes.wrap(envelope)),
                                                    Bytes.EMPTY,
                                                    List.of()))));
                }
                case NONSENSE -> ask(random().toArray());
            }
        }

        private void fresh(Bytes psbt) {
            try (SecretKey other = SecretKey.generate(RANDOM)) {
                ask(deliveries(request(signer(other), other.publicKey(), psbt), psbt, List.of()));
            }
        }

        private static Bytes random() {
            byte[] bytes = new byte[32];
            RANDOM.nextBytes(bytes);
            return Bytes.wrap(bytes);
        }

        private void ask(Question question) {
            ask(ExchangeCodec.encode(question));
        }

        private void ask(byte[] question) {
            var _ = isAnswered(question);
        }

        private boolean isAnswered(Question question) {
            return isAnswered(ExchangeCodec.encode(question));
        }

        private boolean isAnswered(byte[] question) {
            try {
                var _ = protocol.ask(victim.host().peerId(), question);
                return true;
            } catch (IOException e) {
                return false; // Refused, or not answered any more.
            }
        }

        @Override
        public void close() {
            host.close();
            key.close();
        }
    }

    private Stranger signer(Strangers strangers) throws Exception {
        Stranger signer = strangers.signer(policy);
        CoordinatorSettings all = CoordinatorSettings.DEFAULT;
        signer.settings =
                new CoordinatorSettings(
                        all.messages(),
                        LIMITS,
                        all.groups(),
                        all.sessionLifetime(),
                        all.sessions(),
                        all.tick(),
                        all.inboxInterval(),
                        all.findFirst(),
                        all.findMost(),
                        all.gossipBurst(),
                        all.gossipInterval(),
                        all.contactLifetime());
        friends.add(signer.publicKey());
        signer.start(List.of());
        return signer;
    }

    private static void sign(Strangers strangers, int number) throws Exception {
        byte[] hash = new byte[32];
        hash[0] = (byte) number;
        Invitation request =
                strangers
                        .signers
                        .get(number % 2)
                        .coordinator()
                        .announce(strangers.draft(Bytes.wrap(hash)));
        for (Stranger signer : strangers.signers) {
            RequestId done;
            do {
                done = signer.await(CoordinatorEvent.Finalized.class).request();
            } while (!done.equals(request.id()));
        }
    }

    /// Strangers who never end their questions, on all streams that they may have.
    @Test
    void streamsThatStrangersHoldAreNotThoseOfFriends() throws Exception {
        List<Host> silent = new ArrayList<>();
        try (Strangers strangers = new Strangers(folder)) {
            Stranger victim = signer(strangers);
            signer(strangers);
            strangers.connectToFirst();
            sign(strangers, 0);
            for (int i = 0; i < 9; i++) {
                Host host =
                        Host.builder()
                                .identity(Keys.generate(KeyType.ED25519, RANDOM))
                                .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                                .build();
                silent.add(host);
                host.start();
                var _ = host.connect(victim.host().peerId(), victim.host().addresses());
                for (int stream = 0; stream < 8; stream++) {
                    hold(host, victim);
                }
            }
            Strangers.awaitUntil(() -> victim.host().stats().refused().containsKey("maxInbound"));
            Question asks = new Question.Fetch(new RequestId(Bytes.wrap(new byte[32])));
            // As many as a peer may have, where strangers get none.
            try (Mallory stranger = new Mallory(Flood.FETCHES, victim)) {
                assertThat(stranger.isAnswered(asks)).isFalse();
            }
            sign(strangers, 1);
            sign(strangers, 3);
        } finally {
            silent.forEach(Host::close);
        }
    }

    /// The length of a question, and no question.
    private static void hold(Host from, Stranger victim) {
        try {
            from.newStream(victim.host().peerId(), CoordinatorProtocol.ID)
                    .write(new byte[] {5}, 0, 1);
        } catch (IOException e) {
            // It was refused.
        }
    }

    @Test
    void nothingThatStrangersSendKeepsFriendsFromSigningAndAllThatIsKeptIsBounded()
            throws Exception {
        List<Mallory> mallories = new ArrayList<>();
        try (Strangers strangers = new Strangers(folder)) {
            Stranger victim = signer(strangers);
            signer(strangers);
            strangers.connectToFirst();
            // Room is kept for whom a node has joined with before.
            sign(strangers, 0);
            sign(strangers, 1);
            for (Flood kind : Flood.values()) {
                mallories.add(new Mallory(kind, victim));
            }
            // When the room is full, no further exchange ends: these are the last.
            boolean[] waves = {false, true};
            for (boolean filling : waves) {
                List<Mallory> wave =
                        mallories.stream().filter(m -> m.kind.isFilling() == filling).toList();
                wave.forEach(Mallory::start);
                for (int i = 2; i < 4; i++) {
                    sign(strangers, filling ? i : i + 2);
                    within(victim.coordinator().kept());
                }
                for (Mallory mallory : wave) {
                    mallory.ended.await();
                    within(victim.coordinator().kept());
                }
            }
            sign(strangers, 6);
            CoordinatorEngine.Kept kept = victim.coordinator().kept();
            within(kept);
            // They did reach what bounds them.
            assertThat(kept.requests()).isGreaterThanOrEqualTo(LIMITS.requests() / 2);
            assertThat(kept.contacts()).isEqualTo(LIMITS.contacts());
            assertThat(kept.over()).isEqualTo(LIMITS.over());
            assertThat(kept.endings()).isEqualTo(LIMITS.endings());
            for (Flood hostile : List.of(Flood.FORGED_STATEMENTS, Flood.NONSENSE)) {
                Mallory mallory = of(mallories, hostile);
                assertThat(victim.host().peerScores().score(mallory.host.peerId()))
                        .as(hostile.name())
                        .isLessThan(-90);
            }
            for (Flood harmless : List.of(Flood.CONTACTS, Flood.REQUESTS, Flood.FETCHES)) {
                Mallory mallory = of(mallories, harmless);
                assertThat(victim.host().peerScores().score(mallory.host.peerId()))
                        .as(harmless.name())
                        .isZero();
            }
        } finally {
            mallories.forEach(Mallory::close);
        }
    }

    private static Mallory of(List<Mallory> all, Flood kind) {
        return all.stream().filter(mallory -> mallory.kind == kind).findFirst().orElseThrow();
    }

    private static void within(CoordinatorEngine.Kept kept) {
        // What was signed stays for a while, beside the others.
        assertThat(kept.requests()).isLessThanOrEqualTo(2 * LIMITS.requests());
        assertThat(kept.bytes()).isLessThanOrEqualTo(LIMITS.bytes());
        assertThat(kept.contacts()).isLessThanOrEqualTo(LIMITS.contacts());
        assertThat(kept.over()).isLessThanOrEqualTo(LIMITS.over());
        assertThat(kept.endings()).isLessThanOrEqualTo(LIMITS.endings());
    }
}
