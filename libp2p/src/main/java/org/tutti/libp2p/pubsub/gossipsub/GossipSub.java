package org.tutti.libp2p.pubsub.gossipsub;

import org.tutti.base.Bytes;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.pubsub.driver.DriverSettings;
import org.tutti.libp2p.internal.pubsub.driver.PubsubDriver;
import org.tutti.libp2p.internal.pubsub.gossipsub.GossipSubEngine;
import org.tutti.libp2p.pubsub.MessageIdFunction;
import org.tutti.libp2p.pubsub.PublishResult;
import org.tutti.libp2p.pubsub.Pubsub;
import org.tutti.libp2p.pubsub.ReceivedMessage;
import org.tutti.libp2p.pubsub.SignaturePolicy;
import org.tutti.libp2p.pubsub.Subscription;
import org.tutti.libp2p.pubsub.Validator;
import org.tutti.libp2p.pubsub.gossipsub.parameters.GossipSubParameters;
import org.tutti.libp2p.swarm.Connection;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// GossipSub for a host. Give it to `HostBuilder.behaviour`, then subscribe and publish.
///
/// ```java
/// GossipSub gossip = GossipSub.builder(key).build();
/// Host host = Host.builder().identity(key).behaviour(gossip)…
/// host.start();
/// Subscription chat = gossip.subscribe("chat");
/// gossip.publish("chat", Bytes.of("hello".getBytes(UTF_8)));
/// ReceivedMessage next = chat.take();
/// ```
///
/// Safe for all threads.
public final class GossipSub implements NetworkBehaviour, Pubsub {
    private final PubsubDriver driver;

    private GossipSub(Builder builder) {
        DriverSettings settings =
                new DriverSettings(
                        List.of(
                                "/meshsub/1.2.0",
                                "/meshsub/1.1.0",
                                "/meshsub/1.0.0",
                                "/floodsub/1.0.0"),
                        builder.policy,
                        builder.ids.orElseGet(() ->
                                builder.policy == SignaturePolicy.STRICT_SIGN
                                        ? MessageIdFunction.authorAndSequenceNumber()
                                        : MessageIdFunction.hashOfContent()),
                        builder.author,
                        builder.maxData + OVERHEAD,
                        builder.maxData,
                        builder.maxSubscriptionMessages,
                        builder.maxSubscriptionBytes,
                        builder.maxValidating,
                        builder.maxQueuedMemory,
                        builder.clock,
                        builder.arrivals);
        driver =
                new PubsubDriver(
                        settings,
                        context ->
                                new GossipSubEngine(
                                        context.self(),
                                        builder.parameters,
                                        builder.rising,
                                        builder.random,
                                        context.peerScores()::score,
                                        peer -> PubsubDriver.signedRecord(context, peer)));
    }

    /// What an RPC takes beside the content of one message: topic, author, signature, an RSA key.
    private static final int OVERHEAD = 16 * 1024;

    /// Begins with the default values: `GossipSubParameters.largeNetwork()`, `STRICT_SIGN`.
    ///
    /// @param author signs what is published: usually the host's identity
    public static Builder builder(PrivateKey author) {
        return new Builder(Optional.of(author));
    }

    /// Begins with the default values, and `STRICT_NO_SIGN`.
    public static Builder anonymous() {
        return new Builder(Optional.empty());
    }

    @Override
    public Subscription subscribe(String topic) {
        return driver.subscribe(topic);
    }

    @Override
    public PublishResult publish(String topic, Bytes data) throws InterruptedException {
        return driver.publish(topic, data);
    }

    @Override
    public void validator(String topic, Validator validator) {
        driver.validator(topic, validator);
    }

    @Override
    public Set<PeerId> peers(String topic) {
        return driver.peers(topic);
    }

    /// The mesh of a topic that this host is subscribed to; empty for others.
    public Set<PeerId> mesh(String topic) {
        return driver.ask(
                engine -> engine instanceof GossipSubEngine gossip ? gossip.mesh(topic) : Set.of());
    }

    /// The score of a peer (gossipsub-v1.1.md, "The Score Function").
    public double score(PeerId peer) {
        return driver.ask(
                engine -> engine instanceof GossipSubEngine gossip ? gossip.score(peer) : 0.0);
    }

    @Override
    public List<InboundProtocol> protocols() {
        return driver.protocols();
    }

    @Override
    public void attached(BehaviourContext context) {
        driver.attached(context);
    }

    @Override
    public void started() {
        driver.started();
    }

    @Override
    public void stopping() {
        driver.stopping();
    }

    @Override
    public void connectionOpened(Connection connection) {
        driver.connectionOpened(connection);
    }

    @Override
    public void connectionClosed(Connection connection) {
        driver.connectionClosed(connection);
    }

    /// Collects values; what is not set keeps its default.
    public static final class Builder {
        private final Optional<PrivateKey> author;
        private GossipSubParameters parameters = GossipSubParameters.largeNetwork();
        private final SignaturePolicy policy;
        private Optional<MessageIdFunction> ids = Optional.empty();
        private boolean rising;
        private int maxData = 1 << 20;
        private int maxSubscriptionMessages = 4096;
        private int maxSubscriptionBytes = 16 << 20;
        private int maxValidating = 1024;
        private long maxQueuedMemory = DriverSettings.defaultQueuedMemory();
        private InstantSource clock = InstantSource.system();
        private RandomGenerator random = new SecureRandom();
        private Consumer<ReceivedMessage> arrivals = _ -> {};

        private Builder(Optional<PrivateKey> author) {
            this.author = author;
            this.policy =
                    author.isPresent()
                            ? SignaturePolicy.STRICT_SIGN
                            : SignaturePolicy.STRICT_NO_SIGN;
        }

        /// The parameters; those for large networks unless this is called.
        public Builder parameters(GossipSubParameters value) {
            parameters = value;
            return this;
        }

        /// What makes messages the same: author and sequence number where they are signed, a hash
        /// of topic and content where they are not, unless this is called.
        public Builder messageId(MessageIdFunction value) {
            ids = Optional.of(value);
            return this;
        }

        /// Ignores messages that are sent again after their ids were forgotten, where all authors
        /// of the topics number their messages upwards, as this program, go and rust do, and js
        /// does not. Off unless this is called.
        public Builder rejectReplays(boolean value) {
            rising = value;
            return this;
        }

        /// Bytes of a message's content, sent or received: 1 MiB unless this is called. What is
        /// longer is rejected. go takes RPCs of 1 MiB in all unless told otherwise, rust of 64 KiB.
        public Builder maxMessage(int value) {
            maxData = value;
            return this;
        }

        /// How much waits in one subscription before messages are dropped: 4096 messages, 16 MiB
        /// unless this is called.
        public Builder maxSubscriptionQueue(int messages, int bytes) {
            maxSubscriptionMessages = messages;
            maxSubscriptionBytes = bytes;
            return this;
        }

        /// How many bytes may wait to be written to all peers together: an eighth of the process's
        /// memory, 16 to 256 MiB, unless this is called. At the limit the longest queue is dropped,
        /// and the stream to its peer reset.
        public Builder maxQueuedMemory(long bytes) {
            maxQueuedMemory = bytes;
            return this;
        }

        /// About how many messages of one topic its validator is asked at once: 1024 unless this is
        /// called.
        public Builder maxValidating(int value) {
            maxValidating = value;
            return this;
        }

        /// Where sequence numbers begin.
        public Builder clock(InstantSource value) {
            clock = value;
            return this;
        }

        /// Where peers are chosen.
        public Builder random(RandomGenerator value) {
            random = value;
            return this;
        }

        /// Tells of every message that a peer sends, also of those that came before, are bad, or
        /// belong to topics that nobody here is subscribed to: for tools and tests. Called by the
        /// threads that read, which wait for it.
        public Builder arrivals(Consumer<ReceivedMessage> value) {
            arrivals = value;
            return this;
        }

        /// @throws IllegalArgumentException if the values do not go together
        public GossipSub build() {
            return new GossipSub(this);
        }
    }
}
