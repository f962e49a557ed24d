package org.tutti.lightclient.sync;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.block.SerializedBlock;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.units.Sat;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.broadcast.PendingTransactions;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.connection.DisconnectReason.Code;
import org.tutti.lightclient.connection.PeerConnection;
import org.tutti.lightclient.headers.ChainStart;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderStore;
import org.tutti.lightclient.headers.MemoryHeaderStore;
import org.tutti.lightclient.internal.peers.PeerOutput;
import org.tutti.lightclient.peers.PeerAddress;
import org.tutti.lightclient.wire.P2pMessage;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// A Bitcoin client that keeps all headers, fetches whole blocks from a birthday on, and trusts no
/// peer.
///
/// **What is checked**: every header's link, proof of work, bits, and time; the branch of most
/// work; every block's Merkle root (with CVE-2012-2459), its witness commitment (BIP141), its size;
/// every confirmation's Merkle branch. **What is not**: scripts, amounts and double spends inside
/// blocks. That is the miners' work, which the chain of most work stands for.
///
/// Threads, all virtual: per endpoint that is dialled or connected one that dials and reads and one
/// that writes; one that runs the engine; one that calls the listener. The engine's inbox is
/// bounded, and each peer may have little memory in it: a peer that sends faster waits on its own
/// connection. When the listener is slow the engine waits for it, and so in the end do the peers.
///
/// ```java
/// try (LightClient client =
///         LightClient.builder()
///                 .network(Network.REGTEST)
///                 .peer("127.0.0.1", 18444)
///                 .birthday(1)
///                 .listener(listener)
///                 .start()) {
///     client.broadcast(transaction);
/// }
/// ```
public final class LightClient implements Closeable {
    /// Most configured peers.
    public static final int MAX_PEERS = 16;

    /// Most blocks that are [fetched][#fetch] at a time.
    public static final int MAX_FETCHES = OwnersBlocks.MAX;

    /// Most inputs on their way to the engine.
    static final int MAX_INBOX = 1_024;

    /// Most events on their way to the listener.
    static final int MAX_OUTBOX = 64;

    /// Most memory of events on their way to the listener, in KiB, but for one event.
    static final int MAX_OUTBOX_KIB = 16 << 10;

    /// How often the engine is told that time passes.
    static final Duration TICK = Duration.ofMillis(200);

    /// An input and what to do once the engine has handled it.
    record QueuedInput(SyncInput input, Runnable handled) {}

    private final BlockingQueue<QueuedInput> inbox = new ArrayBlockingQueue<>(MAX_INBOX);
    private final BlockingQueue<ChainEvent> outbox = new ArrayBlockingQueue<>(MAX_OUTBOX);
    private final Semaphore outboxKib = new Semaphore(MAX_OUTBOX_KIB);
    private final Map<Long, PeerConnection> connections = new ConcurrentHashMap<>();
    private final AtomicLong nextPeer = new AtomicLong(1);
    private final Map<Long, CompletableFuture<Optional<SerializedBlock>>> fetches =
            new ConcurrentHashMap<>();
    private final AtomicLong nextFetch = new AtomicLong(1);
    private final RecentBlocks recent = new RecentBlocks();
    private final List<Thread> threads = new ArrayList<>();

    /// One for each endpoint that is dialled or connected.
    private final Set<Thread> runners = ConcurrentHashMap.newKeySet();

    private final Network network;
    private final SyncSettings settings;
    private final RandomGenerator random;
    private final InstantSource clock;
    private final ChainListener listener;
    private final HeaderStore headers;
    private final @Nullable PendingTransactions pending;
    private final SyncEngine engine;

    /// Volatile: written by the engine's thread after each input, read by any.
    private volatile SyncStatus status;

    /// Volatile: written by close, read by every thread to tell an interruption from a failure.
    private volatile boolean closed;

    private LightClient(Builder builder, Network network) {
        this.clock = builder.clock;
        this.listener = builder.listener;
        HeaderStore headers =
                builder.headers == null
                        ? new MemoryHeaderStore(ChainStart.genesis(network))
                        : builder.headers;
        this.headers = headers;
        this.pending = builder.pending;
        this.network = network;
        this.settings = builder.settings;
        this.random = builder.random;
        HeaderChain chain = new HeaderChain(network, headers, builder.random);
        this.engine =
                new SyncEngine(chain, builder.birthday, settings, builder.random, builder.peers);
        this.status = engine.status(clock.instant());
        threads.add(unstarted("light-client", () -> guard(this::runEngine)));
        threads.add(unstarted("light-client-listener", () -> guard(this::runListener)));
    }

    private void startThreads() {
        threads.forEach(Thread::start);
    }

    private static Thread unstarted(String name, Runnable body) {
        return Thread.ofVirtual().name(name).unstarted(body);
    }

    public static Builder builder() {
        return new Builder();
    }

    /// Hands a transaction to peers, now, after every reconnection and again and again, until it is
    /// mined. What becomes known of it, its refusal too, is told to [ChainListener#broadcast];
    /// where it is mined, to [#confirmation].
    ///
    /// @return false if the client has too much to do
    public boolean broadcast(Transaction transaction) {
        return broadcast(PendingTransaction.of(transaction));
    }

    /// As the other one. Peers that want a higher fee rate than it pays are not told of it.
    ///
    /// @param fee what it leaves to the miner
    public boolean broadcast(Transaction transaction, Sat fee) {
        return broadcast(PendingTransaction.of(transaction, fee));
    }

    /// As the other ones.
    public boolean broadcast(PendingTransaction pending) {
        Txid txid = pending.transaction().txid();
        // Where too many are followed, it is found in the last blocks all the same.
        recent.track(txid);
        Optional<BlockHash> minedIn = recent.find(txid).map(ConfirmedTransaction::blockHash);
        return inbox.offer(new QueuedInput(new SyncInput.Broadcast(pending, minedIn), () -> {}));
    }

    /// Stays connected to these peers from now on, and to no others.
    ///
    /// @throws IllegalArgumentException above [#MAX_PEERS], or for none
    public void usePeers(List<PeerAddress> peers) throws InterruptedException {
        if (peers.isEmpty() || peers.size() > MAX_PEERS) {
            throw new IllegalArgumentException("1 to " + MAX_PEERS + " peers");
        }
        post(new SyncInput.Configured(peers), () -> {});
    }

    /// Fetches a block of the best chain, wherever the birthday is. It is checked as all are; the
    /// listener is not told of it. At most [#MAX_FETCHES] are fetched at a time, after those that
    /// the chain needs.
    ///
    /// @return the block, as it was sent; nothing if the best chain has none of this height by the
    ///   time that it comes, if nobody delivers it within minutes, or too many are fetched
    public Future<Optional<SerializedBlock>> fetch(int height) {
        long number = nextFetch.getAndIncrement();
        CompletableFuture<Optional<SerializedBlock>> answer = new CompletableFuture<>();
        fetches.put(number, answer);
        boolean taken = inbox.offer(new QueuedInput(new SyncInput.Fetch(number, height), () -> {}));
        if (!taken || closed) {
            fetched(number, Optional.empty());
        }
        return answer;
    }

    private void fetched(long number, Optional<SerializedBlock> block) {
        CompletableFuture<Optional<SerializedBlock>> waiting = fetches.remove(number);
        if (waiting != null) {
            waiting.complete(block);
        }
    }

    private void fetchNoMore() {
        List.copyOf(fetches.keySet()).forEach(number -> fetched(number, Optional.empty()));
    }

    /// How far the client is, and what holds it back.
    public SyncStatus status() {
        return status;
    }

    /// Remembers where this transaction is mined, also long after. Transactions of the last
    /// [RecentBlocks#MAX_BLOCKS] blocks are found without.
    ///
    /// @return false if too many are followed already
    public boolean track(Txid txid) {
        return recent.track(txid);
    }

    /// Where the transaction stands on the chain as the listener was told of it, with a branch that
    /// was checked against the block's header; nothing if it is not mined, or mined too long ago
    /// and never [tracked][#track].
    public Optional<ConfirmedTransaction> confirmation(Txid txid) {
        return recent.find(txid);
    }

    private interface EventLoop {
        void run() throws InterruptedException;
    }

    /// A client that lost one of its threads would look alive and hear of no block: it stops, and
    /// says so.
    private void guard(EventLoop loop) {
        try {
            loop.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            if (!closed) {
                closed = true;
                connections.values().forEach(PeerConnection::close);
                interruptOthers();
                fetchNoMore();
                listener.failed(e);
            }
        }
    }

    private void interruptOthers() {
        Stream.concat(threads.stream(), runners.stream())
                .filter(thread -> !thread.equals(Thread.currentThread()))
                .forEach(Thread::interrupt);
    }

    private void runEngine() throws InterruptedException {
        Instant nextTick = clock.instant();
        perform(engine.on(new SyncInput.Tick(), nextTick)); // Dials.
        while (!closed) {
            QueuedInput next = inbox.poll(TICK.toMillis(), TimeUnit.MILLISECONDS);
            Instant now = clock.instant();
            if (next != null) {
                perform(engine.on(next.input(), now));
                next.handled().run();
            }
            if (!now.isBefore(nextTick)) {
                perform(engine.on(new SyncInput.Tick(), now));
                nextTick = now.plus(TICK);
                status = engine.status(now);
            }
        }
    }

    private void perform(List<SyncOutput> outputs) throws InterruptedException {
        for (SyncOutput output : outputs) {
            switch (output) {
                case SyncOutput.ToPeer(PeerOutput toPeer) -> perform(toPeer);
                case SyncOutput.ToListener(ChainEvent event) -> tell(event);
                case SyncOutput.Dial(PeerAddress address) -> dial(address);
                case SyncOutput.SavePending(List<PendingTransaction> list) -> save(list);
                case SyncOutput.Fetched(long number, var block) -> fetched(number, block);
            }
        }
    }

    private void tell(ChainEvent event) throws InterruptedException {
        outboxKib.acquire(kib(event));
        outbox.put(event);
    }

    private void save(List<PendingTransaction> list) throws InterruptedException {
        if (pending == null) {
            return;
        }
        try {
            pending.save(list);
        } catch (IOException e) {
            for (PendingTransaction unsaved : list) {
                tell(
                        new ChainEvent.Broadcast(
                                new BroadcastEvent.NotSaved(
                                        unsaved.transaction().txid(),
                                        String.valueOf(e.getMessage()))));
            }
        }
    }

    /// What waited for a block when the client ended last.
    private void resume(List<PendingTransaction> waiting) {
        if (!waiting.isEmpty()) {
            waiting.forEach(saved -> recent.track(saved.transaction().txid()));
            inbox.add(new QueuedInput(new SyncInput.Resume(waiting), () -> {}));
        }
    }

    /// What waits for the listener is counted as it lies in memory.
    private static int kib(ChainEvent event) {
        return event instanceof ChainEvent.Connected(var _, var block, var _)
                ? MemoryUse.kib(MemoryUse.of(block), MAX_OUTBOX_KIB)
                : 0;
    }

    private void dial(PeerAddress address) {
        PeerRunner runner = new PeerRunner(address, network, settings, clock, random, this);
        Thread thread =
                Thread.ofVirtual()
                        .name("bitcoin-" + address)
                        .unstarted(() -> {
                            try {
                                runner.run();
                            } finally {
                                runners.remove(Thread.currentThread());
                            }
                        });
        runners.add(thread);
        thread.start();
    }

    private void perform(PeerOutput output) {
        @Nullable PeerConnection connection = connections.get(output.peer());
        if (connection != null) {
            switch (output) {
                case PeerOutput.Send(long _, P2pMessage message) -> {
                    if (!connection.offer(message)) {
                        connection.close(
                                new DisconnectReason(
                                        Code.NOT_READING,
                                        PeerConnection.MAX_OUTBOX + " messages wait"));
                    }
                }
                case PeerOutput.Disconnect(long _, DisconnectReason reason) ->
                        connection.close(reason);
            }
        }
    }

    private void runListener() throws InterruptedException {
        while (!closed) {
            ChainEvent event = outbox.take();
            switch (event) {
                case ChainEvent.Connected(var entry, var block, var txids) ->
                        recent.connected(entry, block, txids);
                case ChainEvent.Disconnected(var entry) -> recent.disconnected(entry);
                case ChainEvent.Tip(var entry) -> recent.tip(entry);
                case ChainEvent.HeadersConnected _,
                        ChainEvent.HeadersDisconnected _,
                        ChainEvent.PeerConnected _,
                        ChainEvent.PeerLost _,
                        ChainEvent.Broadcast _,
                        ChainEvent.Status _ -> {
                    // Nothing to keep.
                }
            }
            event.tell(listener);
            outboxKib.release(kib(event));
        }
    }

    // For the peers' threads.

    long register(PeerConnection connection) {
        long peer = nextPeer.getAndIncrement();
        connections.put(peer, connection);
        if (closed) {
            connection.close();
        }
        return peer;
    }

    void unregister(long peer) {
        connections.remove(peer);
    }

    /// Waits until the inbox has a free place.
    void post(SyncInput input, Runnable handled) throws InterruptedException {
        inbox.put(new QueuedInput(input, handled));
    }

    boolean isClosed() {
        return closed;
    }

    /// Ends all threads and connections. Nothing is told to the listener afterwards, but for a call
    /// that is under way. Can be called again, and by the listener.
    @Override
    public void close() {
        closed = true;
        connections.values().forEach(PeerConnection::close);
        interruptOthers();
        fetchNoMore();
        try {
            for (Thread thread : Stream.concat(threads.stream(), runners.stream()).toList()) {
                if (!thread.equals(Thread.currentThread())) {
                    thread.join(Duration.ofSeconds(5));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        headers.close();
    }

    /// What a [LightClient] needs to know.
    public static final class Builder {
        private @Nullable Network network;
        private final List<PeerAddress> peers = new ArrayList<>();
        private Birthday birthday = Birthday.atStart();
        private @Nullable HeaderStore headers;
        private @Nullable PendingTransactions pending;
        private ChainListener listener = new ChainListener() {};
        private InstantSource clock = Clock.systemUTC();
        private RandomGenerator random = new SecureRandom();
        private SyncSettings settings = SyncSettings.DEFAULTS;

        private Builder() {}

        /// Required.
        public Builder network(Network value) {
            network = value;
            return this;
        }

        /// Where headers are kept, in memory if not said. The client closes it.
        public Builder headers(HeaderStore value) {
            headers = value;
            return this;
        }

        /// Where transactions that wait for a block outlive a restart, nowhere if not said. Those
        /// that are there are broadcast again.
        public Builder pending(PendingTransactions value) {
            pending = value;
            return this;
        }

        /// One more peer to stay connected to.
        ///
        /// @throws IllegalArgumentException above [#MAX_PEERS]
        public Builder peer(PeerAddress address) {
            if (peers.size() >= MAX_PEERS) {
                throw new IllegalArgumentException("more than " + MAX_PEERS + " peers");
            }
            peers.add(address);
            return this;
        }

        /// One more peer to stay connected to.
        public Builder peer(String host, int port) {
            return peer(new PeerAddress(host, port));
        }

        /// Height of the first block that is fetched; 1 if not said. Genesis never is.
        public Builder birthday(int height) {
            return birthday(new Birthday.AtHeight(height));
        }

        /// Where the blocks begin that are fetched.
        public Builder birthday(Birthday value) {
            birthday = value;
            return this;
        }

        /// Fetches no blocks, but for those of a signet that must be verified before headers count.
        public Builder headersOnly() {
            return birthday(Birthday.never());
        }

        public Builder listener(ChainListener value) {
            listener = value;
            return this;
        }

        public Builder clock(InstantSource value) {
            clock = value;
            return this;
        }

        /// Source of nonces and of the jitter between attempts. Must be safe for many threads.
        public Builder random(RandomGenerator value) {
            random = value;
            return this;
        }

        public Builder settings(SyncSettings value) {
            settings = value;
            return this;
        }

        /// Starts a client, which connects at once.
        ///
        /// @throws IllegalStateException without a network
        /// @throws UncheckedIOException if the pending transactions cannot be read
        public LightClient start() {
            if (network == null) {
                throw new IllegalStateException("a light client needs a network");
            }
            List<PendingTransaction> waiting = loadPending();
            LightClient client = new LightClient(this, network);
            client.resume(waiting);
            client.startThreads();
            return client;
        }

        private List<PendingTransaction> loadPending() {
            try {
                return pending == null ? List.of() : pending.load();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
