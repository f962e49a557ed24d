package org.tutti.libp2p.pubsub.floodsub;

import org.tutti.base.Bytes;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.pubsub.driver.DriverSettings;
import org.tutti.libp2p.internal.pubsub.driver.PubsubDriver;
import org.tutti.libp2p.internal.pubsub.floodsub.FloodSubEngine;
import org.tutti.libp2p.pubsub.MessageIdFunction;
import org.tutti.libp2p.pubsub.PublishResult;
import org.tutti.libp2p.pubsub.Pubsub;
import org.tutti.libp2p.pubsub.SignaturePolicy;
import org.tutti.libp2p.pubsub.Subscription;
import org.tutti.libp2p.pubsub.Validator;
import org.tutti.libp2p.swarm.Connection;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// FloodSub for a host, for peers that know no other. Give it to `HostBuilder.behaviour`, then
/// subscribe and publish. A host speaks it or GossipSub, which speaks with such peers as well, not
/// both. Safe for all threads.
///
/// rust reads one message from a stream of ours and resets it: whoever does that gets each on a
/// stream of its own from then on. It takes 2,048 bytes in all, and does not sign.
public final class FloodSub implements NetworkBehaviour, Pubsub {
    private static final int MAX_DATA = 1 << 20;
    private static final int OVERHEAD = 16 * 1024;

    private final PubsubDriver driver;

    private FloodSub(SignaturePolicy policy, Optional<PrivateKey> author, MessageIdFunction ids) {
        driver =
                new PubsubDriver(
                        new DriverSettings(
                                List.of(FloodSubEngine.PROTOCOL),
                                policy,
                                ids,
                                author,
                                MAX_DATA + OVERHEAD,
                                MAX_DATA,
                                4096,
                                16 << 20,
                                1024,
                                DriverSettings.defaultQueuedMemory(),
                                InstantSource.system(),
                                _ -> {}),
                        context ->
                                new FloodSubEngine(
                                        context.self(), false, context.peerScores()::score));
    }

    /// Messages are signed, and known by author and sequence number.
    ///
    /// @param author signs what is published: usually the host's identity
    public static FloodSub signed(PrivateKey author) {
        return new FloodSub(
                SignaturePolicy.STRICT_SIGN,
                Optional.of(author),
                MessageIdFunction.authorAndSequenceNumber());
    }

    /// Messages have an author and a sequence number and no signature, which are taken on trust: as
    /// rust has it, and nobody else.
    public static FloodSub unsigned() {
        return new FloodSub(
                SignaturePolicy.LAX_NO_SIGN,
                Optional.empty(),
                MessageIdFunction.authorAndSequenceNumber());
    }

    /// Messages without author, sequence number and signature, known by their content.
    public static FloodSub anonymous() {
        return new FloodSub(
                SignaturePolicy.STRICT_NO_SIGN,
                Optional.empty(),
                MessageIdFunction.hashOfContent());
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
}
