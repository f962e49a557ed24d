package org.tutti.libp2p.internal.pubsub.driver;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.identify.Identified;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.internal.pubsub.IdentifiedMessage;
import org.tutti.libp2p.internal.pubsub.PubsubEngine;
import org.tutti.libp2p.internal.pubsub.PubsubOutput;
import org.tutti.libp2p.internal.pubsub.PubsubOutput.Priority;
import org.tutti.libp2p.internal.pubsub.Rpc;
import org.tutti.libp2p.internal.pubsub.RpcCodec;
import org.tutti.libp2p.internal.pubsub.Verification;
import org.tutti.libp2p.internal.time.Turn;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Protocol;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.PublishResult;
import org.tutti.libp2p.pubsub.Pubsub;
import org.tutti.libp2p.pubsub.PubsubEvent;
import org.tutti.libp2p.pubsub.PubsubFormatException;
import org.tutti.libp2p.pubsub.ReceivedMessage;
import org.tutti.libp2p.pubsub.Subscription;
import org.tutti.libp2p.pubsub.Topic;
import org.tutti.libp2p.pubsub.ValidationResult;
import org.tutti.libp2p.pubsub.Validator;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.NotConnectedException;
import org.tutti.libp2p.swarm.ProtocolNotSupportedException;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;

/// Drives a [PubsubEngine] over a host: streams, queues, threads, signatures. What the protocol
/// says is decided in the engine.
///
/// **Threads.** A peer has three: the *reader*, the host's handler of the peer's stream, which
/// reads RPCs, tells the engine and checks signatures, so that one peer's messages are checked one
/// after the other and those of several peers on several cores; the *writer*, which opens our
/// stream and writes what is in its [SendQueue], several RPCs in one write; and the *watcher*,
/// which waits for the peer to reset that stream. A validator runs on a thread of its own for each
/// message. A heartbeat begins a thread each time.
///
/// **The lock.** One lock guards the engine, the links, subscriptions and validators. Under it
/// nothing blocks and no code of users runs: outputs become entries of queues, and what takes time
/// ([Work]) is done after it is released. The locks of queues are taken while holding it, never the
/// other way round.
///
/// It is one file because it is one lock: reading, writing, subscribing and the heartbeat all take
/// it to tell the engine, and what the engine answers is spread to queues under it.
///
/// **Streams.** pubsub/README.md, "Stream management": "pubsub implementations should use two
/// separate streams". The newest inbound stream replaces an older one, as in go; of FloodSub each
/// is read to its end, because rust opens one for every RPC.
public final class PubsubDriver implements Pubsub {
    /// Frames of one write, in bytes; a single message may be longer.
    static final int MAX_WRITE = DriverSettings.MAX_FRAME;

    /// How long one write may wait for the peer to read.
    static final Duration WRITE_TIMEOUT = Duration.ofSeconds(30);

    /// Inbound streams of one peer that are open at a time, while a new one replaces an old one.
    static final int MAX_STREAMS = 4;

    /// Inbound streams of FloodSub that are open at a time.
    static final int MAX_FLOODSUB_STREAMS = 16;

    /// How often in a row our stream is opened anew after it ended soon.
    static final int MAX_FAILURES = 5;

    /// A stream that lasted so long has not ended soon.
    private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(5);

    /// Dials for explicit peers and peer exchange at a time; others are left to the next round.
    static final int MAX_DIALS = 32;

    /// Topics that may be subscribed to, and have a validator.
    static final int MAX_TOPICS = 10_000;

    /// How long the host waits at its end for what was published last.
    private static final long LAST_WORD_NANOS = TimeUnit.MILLISECONDS.toNanos(800);

    /// How many RPCs are repeated on streams of their own.
    private static final int MAX_REPEAT = 64;

    /// No more is remembered for that once it has this length: rust reads 2,048 bytes of an RPC.
    private static final int MAX_REPEAT_BYTES = 256 << 10;

    private static final String FLOODSUB = "/floodsub/1.0.0";

    /// What a peer in a mesh is worth when connections are closed, as in go.
    private static final int MESH_TAG = 20;

    private static final System.Logger LOG = System.getLogger(PubsubDriver.class.getName());

    /// What belongs to a host.
    private record Attachment(BehaviourContext context, PubsubEngine engine) {}

    /// What is to be done without the lock.
    private static final class Work {
        private final Deque<PubsubOutput.Verify> verify = new ArrayDeque<>();
        private final List<PubsubOutput.Validate> validate = new ArrayList<>();
        private final List<PubsubOutput.Connect> connect = new ArrayList<>();
        private int sent;
        private int dropped;
    }

    /// A validator, and how many messages it may be asked about at once.
    private record Judge(Validator validator, Semaphore permits) {}

    private final DriverSettings settings;
    private final Function<BehaviourContext, PubsubEngine> engines;
    private final RpcCodec codec;
    private final SignatureCheck check;
    private final AtomicLong sequence;
    private final UnfinishedRpcs unfinished = new UnfinishedRpcs();
    private final QueuedMemory queued;
    private final Semaphore dials = new Semaphore(MAX_DIALS);
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<PeerId, PeerLink> links = new HashMap<>();
    private final Map<String, List<QueuedSubscription>> subscriptions = new HashMap<>();
    private final Map<String, Judge> judges = new HashMap<>();
    private boolean closed;
    // Volatile: written once, when the host is built.
    private volatile @Nullable Attachment attachment;

    /// @param engines makes the engine once the host is known
    public PubsubDriver(DriverSettings settings, Function<BehaviourContext, PubsubEngine> engines) {
        this.settings = settings;
        this.queued = new QueuedMemory(settings.maxQueuedMemory());
        this.engines = engines;
        this.codec = new RpcCodec(settings.ids(), RpcCodec.MAX_MEMORY);
        this.check = new SignatureCheck(settings.policy(), settings.maxData());
        // Nanoseconds since 1970, as in go and rust: higher after each start.
        long millis = settings.clock().millis();
        this.sequence = new AtomicLong(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    // What a host asks of it.

    public List<InboundProtocol> protocols() {
        return settings.protocols().stream()
                .map(id ->
                        new InboundProtocol(
                                id,
                                id.equals(FLOODSUB) ? MAX_FLOODSUB_STREAMS : MAX_STREAMS,
                                this::read))
                .toList();
    }

    public void attached(BehaviourContext context) {
        if (attachment != null) {
            throw new IllegalStateException("publish/subscribe belongs to a host already");
        }
        attachment = new Attachment(context, engines.apply(context));
        var _ = context.subscribe(Identified.class, this::identified);
    }

    private Attachment attachment() {
        Attachment known = attachment;
        if (known == null) {
            throw new IllegalStateException("publish/subscribe belongs to no host yet");
        }
        return known;
    }

    private BehaviourContext context() {
        return attachment().context;
    }

    private PubsubEngine engine() {
        return attachment().engine;
    }

    private long now() {
        return context().timer().nanoTime();
    }

    public void started() {
        context().start("libp2p-pubsub-heartbeat", this::heartbeat);
    }

    private void heartbeat() {
        Work work = new Work();
        lock.lock();
        try {
            if (closed) {
                return;
            }
            dispatch(engine().heartbeat(now()), work);
        } finally {
            lock.unlock();
        }
        finish(work);
        context()
                .timer()
                .schedule(
                        Duration.ofNanos(engine().heartbeatNanos()),
                        () -> context().start("libp2p-pubsub-heartbeat", this::heartbeat));
    }

    /// Lets what was published last be written, then ends everything: our streams in order, before
    /// their connections are closed, so that a peer still reads what it has not read by then.
    public void stopping() {
        long end = now() + LAST_WORD_NANOS;
        awaitQueues(SendQueue::isDrained, end);
        lock.lock();
        try {
            closed = true;
            links.values().forEach(PubsubDriver::endQueue);
            subscriptions.values().forEach(all -> all.forEach(QueuedSubscription::end));
        } finally {
            lock.unlock();
        }
        awaitQueues(_ -> false, end);
    }

    /// Waits until each queue is as wanted or has ended with its stream, at most until `end`.
    private void awaitQueues(Predicate<SendQueue> wanted, long end) {
        try {
            while (!areQueues(wanted) && now() - end < 0) {
                Thread.sleep(5);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean areQueues(Predicate<SendQueue> wanted) {
        lock.lock();
        try {
            return links.values().stream()
                    .allMatch(link -> {
                        SendQueue queue = link.queue;
                        return queue == null || wanted.test(queue);
                    });
        } finally {
            lock.unlock();
        }
    }

    private static void endQueue(PeerLink link) {
        SendQueue queue = link.queue;
        if (queue != null) {
            queue.end();
        }
    }

    public void connectionOpened(Connection connection) {
        PeerId peer = connection.remotePeer();
        Work work = new Work();
        lock.lock();
        try {
            if (closed) {
                return;
            }
            PeerLink link = links.computeIfAbsent(peer, PeerLink::new);
            link.connections++;
            if (link.connections == 1) {
                dispatch(
                        engine().connected(peer, connection.isOutbound(), ip(connection), now()),
                        work);
            }
            link.unsupported = false;
            startWriter(link);
        } finally {
            lock.unlock();
        }
        finish(work);
    }

    /// The peer's address without its port. Through a relay it has none: the relay's is not its.
    private static @Nullable String ip(Connection connection) {
        if (connection.isLimited()) {
            return null;
        }
        Multiaddr address = connection.remoteAddress();
        return address.component(Protocol.IP4)
                .or(() -> address.component(Protocol.IP6))
                .map(Multiaddr.Component::text)
                .orElse(null);
    }

    public void connectionClosed(Connection connection) {
        Work work = new Work();
        lock.lock();
        try {
            PeerLink link = links.get(connection.remotePeer());
            if (link == null || --link.connections > 0) {
                return;
            }
            link.gone = true;
            links.remove(link.peer);
            endQueue(link);
            dispatch(engine().disconnected(link.peer, now()), work);
        } finally {
            lock.unlock();
        }
        finish(work);
    }

    /// A peer that spoke none of our protocols may have told of one since.
    private void identified(Identified event) {
        lock.lock();
        try {
            PeerLink link = links.get(event.peer());
            if (link != null
                    && link.unsupported
                    && !Collections.disjoint(event.info().protocols(), settings.protocols())) {
                link.unsupported = false;
                startWriter(link);
            }
        } finally {
            lock.unlock();
        }
    }

    // What users ask of it.

    @Override
    public Subscription subscribe(String topic) {
        Topic.require(topic);
        QueuedSubscription subscription =
                new QueuedSubscription(
                        topic,
                        settings.maxSubscriptionMessages(),
                        settings.maxSubscriptionMemory(),
                        this::unsubscribe);
        Work work = new Work();
        lock.lock();
        try {
            requireOpen();
            List<QueuedSubscription> all = subscriptions.get(topic);
            if (all == null) {
                if (subscriptions.size() >= MAX_TOPICS) {
                    throw new IllegalStateException("at most " + MAX_TOPICS + " topics");
                }
                all = new ArrayList<>(1);
                subscriptions.put(topic, all);
                dispatch(engine().subscribe(topic, now()), work);
            }
            all.add(subscription);
        } finally {
            lock.unlock();
        }
        finish(work);
        return subscription;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the host is closed");
        }
    }

    private void unsubscribe(QueuedSubscription subscription) {
        Work work = new Work();
        lock.lock();
        try {
            List<QueuedSubscription> all = subscriptions.get(subscription.topic());
            if (all != null && all.remove(subscription) && all.isEmpty()) {
                subscriptions.remove(subscription.topic());
                if (!closed) {
                    dispatch(engine().unsubscribe(subscription.topic(), now()), work);
                }
            }
        } finally {
            lock.unlock();
        }
        finish(work);
    }

    @Override
    public PublishResult publish(String topic, Bytes data) throws InterruptedException {
        if (data.length() > settings.maxData()) {
            throw new IllegalArgumentException(
                    "a message of " + data.length() + " bytes, at most " + settings.maxData());
        }
        Message message = message(topic, data);
        Bytes id = codec.idOf(message);
        if (id == null) {
            throw new IllegalArgumentException("the message has no id");
        }
        awaitRoom(topic);
        Work work = new Work();
        lock.lock();
        try {
            requireOpen();
            dispatch(engine().publish(id, message, now()), work);
        } finally {
            lock.unlock();
        }
        finish(work);
        return new PublishResult(id, work.sent, work.dropped);
    }

    private Message message(String topic, Bytes data) {
        return switch (settings.policy()) {
            case STRICT_SIGN ->
                    Message.signed(
                            settings.author().orElseThrow(),
                            sequence.getAndIncrement(),
                            topic,
                            data);
            case STRICT_NO_SIGN -> Message.anonymous(topic, data);
            case LAX_NO_SIGN ->
                    Message.unsigned(context().self(), sequence.getAndIncrement(), topic, data);
        };
    }

    private void awaitRoom(String topic) throws InterruptedException {
        List<SendQueue> queues = new ArrayList<>();
        lock.lock();
        try {
            for (PeerId peer : engine().peers(topic)) {
                PeerLink link = links.get(peer);
                SendQueue queue = link == null ? null : link.queue;
                if (queue != null) {
                    queues.add(queue);
                }
            }
        } finally {
            lock.unlock();
        }
        for (SendQueue queue : queues) {
            boolean _ = queue.awaitRoom(this::now);
        }
    }

    @Override
    public void validator(String topic, Validator validator) {
        Topic.require(topic);
        lock.lock();
        try {
            if (judges.size() >= MAX_TOPICS && !judges.containsKey(topic)) {
                throw new IllegalStateException("at most " + MAX_TOPICS + " topics");
            }
            judges.put(topic, new Judge(validator, new Semaphore(settings.maxValidating())));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Set<PeerId> peers(String topic) {
        lock.lock();
        try {
            return engine().peers(topic);
        } finally {
            lock.unlock();
        }
    }

    /// Asks the engine something.
    public <T> T ask(Function<PubsubEngine, T> question) {
        lock.lock();
        try {
            return question.apply(engine());
        } finally {
            lock.unlock();
        }
    }

    // What the engine wants done.

    /// With the lock held.
    private void dispatch(List<PubsubOutput> outputs, Work work) {
        for (PubsubOutput output : outputs) {
            switch (output) {
                case PubsubOutput.Send send -> send(send, work);
                case PubsubOutput.Verify verify -> work.verify.add(verify);
                case PubsubOutput.Validate validate -> {
                    if (judges.containsKey(validate.message().topic())) {
                        work.validate.add(validate);
                    } else {
                        dispatch(
                                engine().validated(validate.id(), ValidationResult.ACCEPT, now()),
                                work);
                    }
                }
                case PubsubOutput.Deliver(PeerId from, Bytes id, Message message) -> {
                    ReceivedMessage received = new ReceivedMessage(id, message, from);
                    subscriptions
                            .getOrDefault(message.topic(), List.of())
                            .forEach(subscription -> subscription.offer(received));
                }
                case PubsubOutput.Penalize(PeerId peer, String code, double points) -> {
                    LOG.log(System.Logger.Level.DEBUG, "{0} is penalized: {1}", peer, code);
                    context().peerScores().penalize(peer, code, points);
                }
                case PubsubOutput.Connect connect -> work.connect.add(connect);
                case PubsubOutput.PeerTopic(PeerId peer, String topic, boolean subscribed) ->
                        context()
                                .emit(
                                        subscribed
                                                ? new PubsubEvent.PeerSubscribed(peer, topic)
                                                : new PubsubEvent.PeerUnsubscribed(peer, topic));
                case PubsubOutput.Mesh(PeerId peer, String topic, boolean joined) -> {
                    if (joined) {
                        context().tag(peer, "pubsub:" + topic, MESH_TAG);
                    } else {
                        context().untag(peer, "pubsub:" + topic);
                    }
                }
            }
        }
    }

    /// With the lock held.
    private void send(PubsubOutput.Send send, Work work) {
        PeerLink link = links.get(send.peer());
        SendQueue queue = link == null ? null : link.queue;
        if (queue == null) {
            return;
        }
        for (Rpc part :
                RpcCodec.split(
                        send.rpc(), DriverSettings.MAX_CONTROL_FRAME, DriverSettings.MAX_FRAME)) {
            SendQueue.Added added = queue.add(part, send.priority(), now());
            while (added == SendQueue.Added.FULL && makeRoom(queue)) {
                added = queue.add(part, send.priority(), now());
            }
            switch (added) {
                case QUEUED -> work.sent += send.priority() == Priority.PUBLISHED ? 1 : 0;
                case DROPPED -> work.dropped += send.priority() == Priority.PUBLISHED ? 1 : 0;
                case FULL -> {
                    work.dropped += send.priority() == Priority.PUBLISHED ? 1 : 0;
                    if (send.priority() == Priority.CONTROL) {
                        queue.end();
                    }
                }
                case OVERRUN -> queue.end();
            }
        }
    }

    /// With the lock held: ends the queue that holds most, so that whoever reads nothing makes room
    /// for those that read.
    ///
    /// @return false if that is the one that asks
    private boolean makeRoom(SendQueue asking) {
        SendQueue fullest = asking;
        for (PeerLink link : links.values()) {
            SendQueue queue = link.queue;
            if (queue != null && queue.memory() > fullest.memory()) {
                fullest = queue;
            }
        }
        boolean other = !fullest.equals(asking);
        if (other) {
            fullest.end();
        }
        return other;
    }

    /// Without the lock: does what takes time, and what follows from it.
    private void finish(Work work) {
        Turn turn = new Turn(16);
        for (PubsubOutput.Verify next = work.verify.poll();
                next != null;
                next = work.verify.poll()) {
            Verification result = check.check(next.message());
            turn.frame();
            lock.lock();
            try {
                dispatch(
                        engine().verified(next.from(), next.id(), next.message(), result, now()),
                        work);
            } finally {
                lock.unlock();
            }
        }
        work.validate.forEach(this::validate);
        work.connect.forEach(this::connect);
    }

    private void validate(PubsubOutput.Validate asked) {
        Judge judge;
        lock.lock();
        try {
            judge = judges.get(asked.message().topic());
        } finally {
            lock.unlock();
        }
        if (judge == null || !judge.permits.tryAcquire()) {
            // Too many are being judged: a slow validator holds up nobody but its own topic.
            judged(asked, ValidationResult.IGNORE);
            return;
        }
        context()
                .start(
                        "libp2p-pubsub-validate",
                        () -> {
                            ValidationResult result = ValidationResult.IGNORE;
                            try {
                                result = judge.validator.validate(asked.message(), asked.from());
                            } catch (RuntimeException e) {
                                LOG.log(
                                        System.Logger.Level.WARNING,
                                        "a validator failed on a message of "
                                                + asked.message().topic(),
                                        e);
                            } finally {
                                judge.permits.release();
                                judged(asked, result);
                            }
                        });
    }

    private void judged(PubsubOutput.Validate asked, ValidationResult result) {
        Work work = new Work();
        lock.lock();
        try {
            dispatch(engine().validated(asked.id(), result, now()), work);
        } finally {
            lock.unlock();
        }
        finish(work);
    }

    private void connect(PubsubOutput.Connect wanted) {
        if (dials.tryAcquire()) {
            context()
                    .start(
                            "libp2p-pubsub-connect",
                            () -> {
                                try {
                                    Bytes signedRecord = wanted.signedRecord();
                                    if (signedRecord == null
                                            || remember(wanted.peer(), signedRecord)) {
                                        context().dial(wanted.peer(), DialOptions.defaults());
                                    }
                                } catch (IOException e) {
                                    LOG.log(
                                            System.Logger.Level.DEBUG,
                                            () ->
                                                    "no connection to "
                                                            + wanted.peer()
                                                            + ": "
                                                            + e.getMessage());
                                } finally {
                                    dials.release();
                                }
                            });
        }
    }

    /// The record is of the peer that it came with, or it is not used.
    private boolean remember(PeerId peer, Bytes signedRecord) {
        try {
            SignedEnvelope envelope = SignedEnvelope.decode(signedRecord);
            if (!envelope.signer().equals(peer)) {
                return false;
            }
            boolean _ = context().addPeerRecord(envelope);
            return true;
        } catch (EnvelopeException e) {
            return false;
        }
    }

    // Reading.

    /// The host's handler of an inbound stream.
    private void read(Stream stream) throws IOException {
        PeerId peer = stream.remotePeer();
        AtomicReference<@Nullable Stream> only = onlyStream(peer, stream);
        Stream older = only.getAndSet(stream);
        if (older != null) {
            older.reset();
        }
        Turn turn = new Turn();
        try (RpcReader reader = new RpcReader(stream, settings.maxRpc(), unfinished, this::now)) {
            for (byte[] frame = reader.next(); frame != null; frame = reader.next()) {
                received(peer, codec.decode(frame));
                turn.frame();
            }
        } catch (PubsubFormatException e) {
            malformed(peer, "PUBSUB_" + e.code());
            throw e;
        } finally {
            only.compareAndSet(stream, null);
        }
    }

    /// Where a peer's stream stands in place of an older one; nowhere with FloodSub, which has
    /// several, and where the peer's connection has ended meanwhile: what it wrote before that is
    /// here all the same.
    private AtomicReference<@Nullable Stream> onlyStream(PeerId peer, Stream stream) {
        lock.lock();
        try {
            PeerLink link = links.get(peer);
            return link == null || stream.protocol().equals(FLOODSUB)
                    ? new AtomicReference<>()
                    : link.inbound;
        } finally {
            lock.unlock();
        }
    }

    private void received(PeerId peer, RpcCodec.Decoded decoded) {
        for (IdentifiedMessage message : decoded.rpc().messages()) {
            settings.arrivals().accept(new ReceivedMessage(message.id(), message.message(), peer));
        }
        Work work = new Work();
        lock.lock();
        try {
            if (closed) {
                return;
            }
            cancel(peer, decoded.rpc());
            if (decoded.withoutId() > 0) {
                dispatch(engine().malformed(peer, "PUBSUB_NO_MESSAGE_ID", now()), work);
            }
            dispatch(engine().received(peer, decoded.rpc(), now()), work);
        } finally {
            lock.unlock();
        }
        finish(work);
    }

    /// With the lock held: what the peer has, or does not want, need not be written to it any more.
    private void cancel(PeerId peer, Rpc rpc) {
        PeerLink link = links.get(peer);
        SendQueue queue = link == null ? null : link.queue;
        if (queue != null) {
            rpc.messages().forEach(message -> queue.cancel(message.id()));
            rpc.control().idontwants().forEach(queue::cancel);
        }
    }

    private void malformed(PeerId peer, String code) {
        Work work = new Work();
        lock.lock();
        try {
            dispatch(engine().malformed(peer, code, now()), work);
        } finally {
            lock.unlock();
        }
        finish(work);
    }

    // Writing.

    /// With the lock held.
    private void startWriter(PeerLink link) {
        if (!link.writing && !link.gone && !closed) {
            link.writing = true;
            context().start("libp2p-pubsub-write", () -> write(link));
        }
    }

    /// One stream to the peer, from its opening to its end.
    private void write(PeerLink link) {
        boolean again = false;
        long openedAt = now();
        try {
            Stream stream = open(link);
            if (stream != null) {
                openedAt = now();
                again = true;
                write(link, stream);
            }
        } catch (ProtocolNotSupportedException e) {
            lock.lock();
            try {
                link.unsupported = true;
            } finally {
                lock.unlock();
            }
        } catch (NotConnectedException e) {
            // It has left; if it comes back, so does the writer.
        } catch (IOException e) {
            again = true;
            LOG.log(
                    System.Logger.Level.DEBUG,
                    () -> "the stream to " + link.peer + " ended: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended(link, again, now() - openedAt);
        }
    }

    private @Nullable Stream open(PeerLink link) throws IOException {
        return context()
                .openStream(
                        link.peer,
                        DialOptions.defaults().noDial().allowLimited(),
                        settings.protocols().toArray(String[]::new));
    }

    /// Our stream has ended: it is opened anew, later each time.
    private void ended(PeerLink link, boolean again, long lastedNanos) {
        lock.lock();
        try {
            link.writing = false;
            if (!again || link.gone || closed) {
                return;
            }
            if (link.oneStreamEach && link.failures == 0) {
                // The first time, when it was found out; whoever goes on like that waits.
                link.failures = 1;
                startWriter(link);
                return;
            }
            link.failures = lastedNanos < SOON_NANOS ? link.failures + 1 : 0;
            if (link.failures > MAX_FAILURES) {
                return;
            }
            // Until then no other writer is started.
            link.writing = true;
            context()
                    .timer()
                    .schedule(
                            Duration.ofMillis(200L << link.failures),
                            () -> {
                                lock.lock();
                                try {
                                    link.writing = false;
                                    startWriter(link);
                                } finally {
                                    lock.unlock();
                                }
                            });
        } finally {
            lock.unlock();
        }
    }

    private void write(PeerLink link, Stream stream) throws IOException, InterruptedException {
        SendQueue queue = new SendQueue(queued);
        Work work = new Work();
        boolean each;
        lock.lock();
        try {
            if (link.gone || closed) {
                stream.reset();
                return;
            }
            each = link.oneStreamEach;
            link.queue = queue;
            dispatch(engine().streamOpened(link.peer, stream.protocol(), now()), work);
            for (Rpc rpc : link.repeat) {
                queue.add(rpc, Priority.FORWARDED, now());
            }
            link.repeat = List.of();
        } finally {
            lock.unlock();
        }
        finish(work);
        List<Rpc> written = new ArrayList<>();
        long openedAt = now();
        boolean inOrder = false;
        try {
            stream.setWriteTimeout(WRITE_TIMEOUT);
            if (each) {
                writeEach(link, stream, queue);
            } else {
                context().start("libp2p-pubsub-watch", () -> watch(stream, queue));
                writeAll(stream, queue, written);
            }
            inOrder = isClosed();
        } finally {
            // Of a stream that is reset, a peer drops what it has not read.
            if (inOrder) {
                stream.close();
            } else {
                stream.reset();
            }
            List<Rpc> left = queue.endAndTake();
            Work last = new Work();
            lock.lock();
            try {
                link.queue = null;
                if (stream.protocol().equals(FLOODSUB)
                        && !written.isEmpty()
                        && !link.gone
                        && now() - openedAt < SOON_NANOS) {
                    // rust reads one RPC from each stream and resets it: so be it.
                    link.oneStreamEach = true;
                    link.repeat =
                            java.util.stream.Stream.concat(written.stream().skip(1), left.stream())
                                    .limit(MAX_REPEAT)
                                    .toList();
                }
                if (!closed) {
                    dispatch(engine().streamClosed(link.peer, now()), last);
                }
            } finally {
                lock.unlock();
            }
            finish(last);
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /// The peer writes nothing to our stream: what ends this wait is its end.
    private void watch(Stream stream, SendQueue queue) {
        byte[] one = new byte[1];
        try {
            stream.setReadTimeout(Duration.ZERO);
            while (stream.read(one, 0, 1) >= 0) {
                // Whatever it means by that.
            }
            // It has ended its direction, which was not used; ours goes on.
        } catch (IOException e) {
            queue.stop();
        }
    }

    private void writeAll(Stream stream, SendQueue queue, List<Rpc> written)
            throws IOException, InterruptedException {
        boolean remembers = stream.protocol().equals(FLOODSUB);
        int remembered = 0;
        for (List<Rpc> batch = queue.take(MAX_WRITE);
                !batch.isEmpty();
                batch = queue.take(MAX_WRITE)) {
            byte[] bytes = frames(batch);
            if (remembers && written.size() < MAX_REPEAT && remembered < MAX_REPEAT_BYTES) {
                written.addAll(batch);
                remembered += bytes.length;
            }
            stream.write(bytes, 0, bytes.length);
            queue.written(now());
        }
    }

    private static byte[] frames(List<Rpc> batch) {
        int size = batch.stream().mapToInt(RpcCodec::frameSize).sum();
        byte[] bytes = new byte[size];
        int at = 0;
        for (Rpc rpc : batch) {
            at = RpcCodec.write(rpc, bytes, at);
        }
        return bytes;
    }

    /// Each RPC on a stream of its own, the first on this one. A peer that reads one and resets may
    /// do so before it has read: what fails is tried once more.
    private void writeEach(PeerLink link, Stream first, SendQueue queue)
            throws InterruptedException {
        Stream stream = first;
        for (List<Rpc> one = queue.take(1); !one.isEmpty(); one = queue.take(1)) {
            byte[] frame = frames(one);
            if (!writeOne(link, stream, frame) && !writeOne(link, null, frame)) {
                return;
            }
            queue.written(now());
            stream = null;
        }
    }

    /// @param opened a new one if null
    private boolean writeOne(PeerLink link, @Nullable Stream opened, byte[] frame) {
        try {
            Stream stream = opened == null ? open(link) : opened;
            if (stream == null) {
                return false;
            }
            stream.setWriteTimeout(WRITE_TIMEOUT);
            stream.writeLast(frame, 0, frame.length);
            stream.closeRead();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// For peer exchange: where a peer is reached, as it signed it.
    public static Optional<Bytes> signedRecord(BehaviourContext context, PeerId peer) {
        return context.peerRecord(peer).map(SignedEnvelope::encode);
    }
}
