package org.tutti.libp2p.kad;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.identify.Identified;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.kad.Answer;
import org.tutti.libp2p.internal.kad.Contact;
import org.tutti.libp2p.internal.kad.EngineConfig;
import org.tutti.libp2p.internal.kad.Failure;
import org.tutti.libp2p.internal.kad.Goal;
import org.tutti.libp2p.internal.kad.KadCodec;
import org.tutti.libp2p.internal.kad.KadFormatException;
import org.tutti.libp2p.internal.kad.KademliaEngine;
import org.tutti.libp2p.internal.kad.LocalRecords;
import org.tutti.libp2p.internal.kad.Now;
import org.tutti.libp2p.internal.kad.Outcome;
import org.tutti.libp2p.internal.kad.Output;
import org.tutti.libp2p.internal.kad.Request;
import org.tutti.libp2p.internal.kad.Response;
import org.tutti.libp2p.internal.time.DeadlineStream;
import org.tutti.libp2p.internal.time.Turn;
import org.tutti.libp2p.io.FrameException;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.kad.record.SeenSequence;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.ProtocolNotSupportedException;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.SwarmException;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// Drives a [KademliaEngine] with the connections of a host.
///
/// Threads: the engine is used under `lock` by whoever has something to tell it: callers of
/// operations, a virtual thread for each request of ours that is on its way, and the handlers of
/// inbound streams. What the engine wants done is done outside the lock, by the thread that was
/// told so. Nothing waits under the lock.
final class KadDriver {
    /// For how long an inbound stream may be silent, and how long a message may take to come whole:
    /// go resets after a minute, too.
    static final Duration IDLE = Duration.ofMinutes(1);

    /// Whoever has this score, or a worse one, is not answered: twenty malformed messages, as long
    /// as they are remembered.
    static final double MIN_SCORE = -200;

    /// How long an answer may wait for the peer to read.
    static final Duration WRITE_TIMEOUT = Duration.ofSeconds(10);

    /// What the connection of a peer in the routing table is worth, as in go.
    private static final int TABLE_VALUE = 5;

    private static final String TAG = "kad";

    private final BehaviourContext context;
    private final String protocol;
    private final EngineConfig config;
    private final InstantSource clock;
    private final RequestStreams streams;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final LocalRecords records;
    private final KademliaEngine engine;
    private boolean wakeScheduled;
    private long wakeScheduledAt;

    private final Map<Long, CompletableFuture<Outcome>> operations = new ConcurrentHashMap<>();
    private final Map<Long, Exchange> exchanges = new ConcurrentHashMap<>();

    // Volatile: set once, by `stop`.
    private volatile boolean stopped;

    KadDriver(
            BehaviourContext context,
            String protocol,
            EngineConfig config,
            LocalRecords records,
            InstantSource clock,
            RandomGenerator random) {
        this.context = context;
        this.protocol = protocol;
        this.config = config;
        this.clock = clock;
        this.streams = new RequestStreams(context, protocol);
        this.records = records;
        this.engine = new KademliaEngine(config, context.self(), records, random);
    }

    private Now now() {
        return new Now(context.timer().nanoTime(), clock.millis());
    }

    /// Tells the engine something, and does what it wants done.
    private <T> T tell(Function<KademliaEngine, T> input) {
        T result;
        List<Output> outputs;
        OptionalLong wake;
        lock.lock();
        try {
            result = input.apply(engine);
            outputs = engine.drain();
            wake = wakeNeeded();
        } finally {
            lock.unlock();
        }
        outputs.forEach(this::perform);
        wake.ifPresent(this::schedule);
        return result;
    }

    private void inform(Consumer<KademliaEngine> input) {
        tell(e -> {
            input.accept(e);
            return e;
        });
    }

    /// With the lock held: when to wake, unless that is arranged for already.
    private OptionalLong wakeNeeded() {
        OptionalLong at = engine.wakeAt();
        if (at.isEmpty() || (wakeScheduled && wakeScheduledAt - at.getAsLong() <= 0)) {
            return OptionalLong.empty();
        }
        wakeScheduled = true;
        wakeScheduledAt = at.getAsLong();
        return at;
    }

    private void schedule(long at) {
        Duration delay = Duration.ofNanos(Math.max(0, at - context.timer().nanoTime()));
        context.timer().schedule(delay, () -> context.start("libp2p-kad-timer", () -> wake(at)));
    }

    private void wake(long at) {
        if (stopped) {
            return;
        }
        inform(e -> {
            if (wakeScheduled && wakeScheduledAt == at) {
                wakeScheduled = false;
            }
            e.tick(now());
        });
    }

    // What the engine wants done.

    private void perform(Output output) {
        switch (output) {
            case Output.Send(long number, Contact to, Request request) ->
                    begin(number, exchange -> send(exchange, to, request));
            case Output.Dial(long number, Contact to) -> begin(number, _ -> dial(number, to));
            case Output.Cancel(long number) -> {
                Exchange exchange = exchanges.remove(number);
                if (exchange != null) {
                    exchange.cancel();
                }
            }
            case Output.Finished(long operation, Outcome outcome) -> {
                CompletableFuture<Outcome> waiting = operations.get(operation);
                // Whoever was interrupted waits no more.
                if (waiting != null) {
                    waiting.complete(outcome);
                }
            }
            case Output.Penalize(PeerId peer, String code, double points) -> {
                context.peerScores().penalize(peer, code, points);
                context.emit(new KadEvent.PeerMisbehaved(peer, code));
            }
            case Output.Added(PeerId peer) -> {
                context.tag(peer, TAG, TABLE_VALUE);
                context.emit(new KadEvent.PeerAdded(peer));
            }
            case Output.Removed(PeerId peer) -> {
                context.untag(peer, TAG);
                context.emit(new KadEvent.PeerRemoved(peer));
            }
        }
    }

    private void begin(long number, Consumer<Exchange> task) {
        Exchange exchange = new Exchange(number);
        exchanges.put(number, exchange);
        context.start("libp2p-kad-request", () -> task.accept(exchange));
    }

    /// One request on its way. `cancel` comes from any thread.
    private static final class Exchange {
        private final long number;
        private @Nullable Stream stream;
        private boolean cancelled;

        private Exchange(long number) {
            this.number = number;
        }

        /// @return false if it was cancelled before
        private synchronized boolean on(Stream used) {
            stream = used;
            return !cancelled;
        }

        private synchronized boolean isCancelled() {
            return cancelled;
        }

        private void cancel() {
            Stream used;
            synchronized (this) {
                cancelled = true;
                used = stream;
            }
            if (used != null) {
                used.reset();
            }
        }
    }

    private void dial(long number, Contact to) {
        boolean reached;
        try {
            streams.connect(to);
            reached = true;
        } catch (IOException | RuntimeException e) {
            reached = false;
        }
        exchanges.remove(number);
        boolean there = reached;
        inform(e -> e.dialled(number, there, now()));
    }

    private void send(Exchange exchange, Contact to, Request request) {
        Request sent = request;
        if (request instanceof Request.AddProvider add) {
            sent = new Request.AddProvider(add.key(), List.of(own()));
        }
        try {
            Response response = exchange(exchange, to, sent);
            exchanges.remove(exchange.number);
            inform(e -> {
                if (response == null) {
                    e.written(exchange.number, now());
                } else {
                    e.responded(exchange.number, response, now());
                }
            });
        } catch (IOException | RuntimeException e) {
            exchanges.remove(exchange.number);
            Failure failure = failure(e);
            inform(engine -> engine.failed(exchange.number, failure, now()));
        }
    }

    private static Failure failure(Exception e) {
        return switch (e) {
            case KadFormatException _, FrameException _ -> Failure.MALFORMED;
            case ProtocolNotSupportedException _ -> Failure.NOT_SUPPORTED;
            case LimitExceededException _ -> Failure.OURS;
            case SwarmException _ -> Failure.UNREACHABLE;
            case InterruptedIOException _ -> Failure.TIMEOUT;
            default -> Failure.NO_ANSWER;
        };
    }

    /// @return null if the request has no response
    private @Nullable Response exchange(Exchange exchange, Contact to, Request request)
            throws IOException {
        Stream used = streams.takeIdle(to.peer());
        if (used != null) {
            try {
                return exchange(exchange, used, request);
            } catch (KadFormatException | FrameException e) {
                throw e;
            } catch (IOException e) {
                // The peer ended it while it was idle, or refuses the request: a fresh stream
                // shows which.
                if (exchange.isCancelled()) {
                    throw e;
                }
            }
        }
        return exchange(exchange, streams.open(to), request);
    }

    private @Nullable Response exchange(Exchange exchange, Stream stream, Request request)
            throws IOException {
        boolean hasResponse = !(request instanceof Request.AddProvider);
        boolean done = false;
        try {
            if (!exchange.on(stream)) {
                throw new InterruptedIOException("cancelled");
            }
            // The engine ends the exchange in time; this is for the day on which it does not.
            stream.setReadTimeout(config.requestTimeout());
            stream.setWriteTimeout(config.requestTimeout());
            Frames.write(stream, KadCodec.encode(request));
            Response response = null;
            if (hasResponse) {
                response =
                        KadCodec.decodeResponse(request, Frames.read(stream, KadCodec.MAX_MESSAGE));
            }
            done = exchange.on(stream);
            return response;
        } finally {
            if (done && hasResponse) {
                streams.giveBack(stream);
            } else if (done) {
                // Another request on this stream may be cancelled, and its reset takes from the
                // peer what it has not read by then.
                stream.close();
            } else {
                stream.reset();
            }
        }
    }

    private Contact own() {
        List<Multiaddr> all =
                java.util.stream.Stream.concat(
                                context.externalAddresses().stream(),
                                context.listenAddresses().stream())
                        .distinct()
                        .filter(config.usable())
                        .toList();
        return Contact.of(context.self(), all);
    }

    /// Whether others could reach us as a provider.
    boolean hasAddress() {
        return !own().addresses().isEmpty();
    }

    // Operations.

    /// Does what is asked for, and waits until it is done.
    Outcome run(Goal goal) throws IOException {
        if (known().isEmpty()) {
            // What identify told may be on its way to us still.
            start();
        }
        return operate(e -> e.start(goal, now()));
    }

    private Outcome operate(Function<KademliaEngine, OptionalLong> begin) throws IOException {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        OptionalLong number =
                tell(e -> {
                    OptionalLong begun = begin.apply(e);
                    // Before anybody performs what comes of it.
                    begun.ifPresent(n -> operations.put(n, outcome));
                    return begun;
                });
        if (number.isEmpty()) {
            throw new KadException(
                    KadException.Code.TOO_MANY_OPERATIONS,
                    "more than " + KademliaEngine.MAX_OPERATIONS + " operations at once");
        }
        if (stopped) {
            outcome.cancel(false);
        }
        try {
            return outcome.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the DHT");
        } catch (CancellationException e) {
            throw new KadException(KadException.Code.CLOSED, "the host was closed");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            operations.remove(number.getAsLong());
        }
    }

    /// Asks these and those that they name who is near us, and waits until that is done.
    void bootstrap(Collection<Contact> contacts) throws IOException {
        var _ = operate(e -> e.join(contacts, now()));
    }

    /// Asks peers that may know others.
    void learn(Collection<Contact> contacts) {
        inform(e -> e.learn(contacts, now()));
    }

    /// Looks for the peers around our own key, and in every bucket, now.
    void refresh() {
        inform(e -> e.refresh(now()));
    }

    List<Contact> known() {
        return tell(e -> e.table().contacts());
    }

    /// The highest sequences that this node was shown.
    List<SeenSequence> seen() {
        lock.lock();
        try {
            return records.seen(now());
        } finally {
            lock.unlock();
        }
    }

    /// What it was shown when it ran last.
    void remember(List<SeenSequence> before) {
        lock.lock();
        try {
            records.remember(before, now());
        } finally {
            lock.unlock();
        }
    }

    // What the host tells.

    void start() {
        // Who was there before us.
        for (Connection connection : context.connections()) {
            context.peerInfo(connection.remotePeer()).ifPresent(this::identified);
        }
    }

    void identified(Identified event) {
        identified(event.info());
    }

    private void identified(PeerInfo info) {
        List<Connection> connections = context.connections(info.peer());
        if (connections.isEmpty()) {
            return;
        }
        Multiaddr remote = connections.getFirst().remoteAddress();
        boolean server = info.protocols().contains(protocol);
        Contact contact = Contact.of(info.peer(), info.listenAddresses());
        inform(e -> e.identified(contact, remote, server, now()));
    }

    void closed(Connection connection) {
        PeerId peer = connection.remotePeer();
        if (context.connections(peer).stream().allMatch(connection::equals)) {
            streams.forget(peer);
            inform(e -> e.disconnected(peer));
        }
    }

    void stop() {
        stopped = true;
        streams.close();
        exchanges.values().forEach(Exchange::cancel);
        operations.values().forEach(o -> o.cancel(false));
    }

    // Requests of others.

    /// Answers requests on one stream until it ends: "Implementations must handle additional RPC
    /// request messages on an incoming stream". rust ends its direction right after its request,
    /// and is answered all the same.
    void serve(Stream stream) throws IOException {
        if (context.peerScores().score(stream.remotePeer()) <= MIN_SCORE) {
            stream.reset();
            return;
        }
        stream.setWriteTimeout(WRITE_TIMEOUT);
        DeadlineStream in = new DeadlineStream(stream, context.timer()::nanoTime);
        Turn turn = new Turn();
        try {
            while (true) {
                in.start(IDLE.toNanos());
                Optional<byte[]> message = Frames.readOrEnd(in, KadCodec.MAX_MESSAGE);
                if (message.isEmpty()) {
                    stream.close();
                    return;
                }
                if (!answer(stream, KadCodec.decodeRequest(message.get()))) {
                    stream.reset();
                    return;
                }
                turn.frame();
            }
        } catch (KadFormatException | FrameException e) {
            context.peerScores()
                    .penalize(stream.remotePeer(), "KAD_MALFORMED", KademliaEngine.MALFORMED);
            context.emit(new KadEvent.PeerMisbehaved(stream.remotePeer(), "KAD_MALFORMED"));
            throw e;
        }
    }

    /// @return false if the stream is to be reset
    private boolean answer(Stream stream, Request request) throws IOException {
        Answer answer = tell(e -> e.answer(stream.remotePeer(), request, now()));
        return switch (answer) {
            case Answer.Reply(Response response) -> {
                Frames.write(stream, KadCodec.encode(request, response));
                yield true;
            }
            case Answer.Taken _ -> true;
            case Answer.Refused _ -> false;
        };
    }
}
