package org.tutti.regtest;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.hash.Wtxid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.Transaction;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/// A Bitcoin peer on regtest: a fixture for the demo and for tests, not a node to keep money on.
///
/// It starts with genesis alone, mines when told to, serves any number of clients up to
/// [#MAX_CLIENTS], and keeps everything in memory, its blocks in a file too where one is named.
/// What its memory pool enforces is said at [Mempool]; blocks of others it does not take.
///
/// Threads: one accepts, each client has one that reads and one that writes, all virtual. One lock
/// guards chain and memory pool; nothing is sent, and no event told, while it is held.
///
/// ```java
/// try (RegtestNode node = RegtestNode.start(0, new RegtestEvents() {})) {
///     node.mine(101, scriptPubKey);
/// }
/// ```
public final class RegtestNode implements Closeable {
    /// Most clients at a time; further ones are closed at once.
    public static final int MAX_CLIENTS = 64;

    /// Most blocks of one command.
    public static final int MAX_MINE = 10_000;

    private final ServerSocket server;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final RegtestEvents events;
    private final Set<ClientSession> clients = ConcurrentHashMap.newKeySet();
    private final Thread acceptor;

    private final Object lock = new Object();
    private final Chain chain = new Chain();
    private final Mempool mempool = new Mempool(chain);
    private final Miner miner = new Miner();
    private final Optional<BlockFile> file;

    /// Keeps the calls of `events` in order.
    private final Object eventLock = new Object();

    private RegtestNode(
            ServerSocket server,
            InstantSource clock,
            RandomGenerator random,
            RegtestEvents events,
            Optional<BlockFile> file)
            throws IOException {
        this.server = server;
        this.clock = clock;
        this.random = random;
        this.events = events;
        this.file = file;
        if (file.isPresent()) {
            for (Block block : file.get().readAll()) {
                connectAgain(block);
            }
        }
        this.acceptor = Thread.ofVirtual().name("regtest-accept").unstarted(this::acceptAll);
    }

    /// Listens on the loopback address.
    ///
    /// @param port 0 for any free one
    /// @throws IOException if the port is taken
    public static RegtestNode start(int port, RegtestEvents events) throws IOException {
        return start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                Clock.systemUTC(),
                new java.security.SecureRandom(),
                events);
    }

    /// The same on any address, without a file.
    ///
    /// @throws IOException if it cannot listen there
    public static RegtestNode start(
            InetSocketAddress address,
            InstantSource clock,
            RandomGenerator random,
            RegtestEvents events)
            throws IOException {
        return start(address, clock, random, events, Optional.empty());
    }

    /// @param clock for the times of blocks
    /// @param random for nonces; must be safe for many threads
    /// @param blocks a file that has the blocks of an earlier run, and gets those of this one; its
    ///   memory pool is empty in any case
    /// @throws IOException if it cannot listen there, or the file cannot be used
    public static RegtestNode start(
            InetSocketAddress address,
            InstantSource clock,
            RandomGenerator random,
            RegtestEvents events,
            Optional<Path> blocks)
            throws IOException {
        BlockFile file = blocks.isPresent() ? BlockFile.open(blocks.get()) : null;
        try {
            ServerSocket server = listen(address);
            try {
                RegtestNode node =
                        new RegtestNode(server, clock, random, events, Optional.ofNullable(file));
                node.acceptor.start();
                return node;
            } catch (IOException e) {
                server.close();
                throw e;
            }
        } catch (IOException e) {
            if (file != null) {
                file.close();
            }
            throw e;
        }
    }

    private static ServerSocket listen(InetSocketAddress address) throws IOException {
        ServerSocket server = new ServerSocket();
        try {
            server.setReuseAddress(true);
            server.bind(address);
            return server;
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    /// A block of an earlier run, on the tip or, after a reorganisation, below it.
    private void connectAgain(Block block) throws IOException {
        try {
            while (!block.header().previous().equals(chain.tip())) {
                chain.disconnect();
            }
            chain.connect(block);
        } catch (IllegalStateException e) {
            throw new IOException("the file of blocks: " + e.getMessage(), e);
        }
    }

    public String host() {
        return server.getInetAddress().getHostAddress();
    }

    public int port() {
        return server.getLocalPort();
    }

    public int height() {
        synchronized (lock) {
            return chain.height();
        }
    }

    public BlockHash tip() {
        synchronized (lock) {
            return chain.tip();
        }
    }

    /// The block of the best chain at this height.
    public Block block(int height) {
        synchronized (lock) {
            return chain.at(height);
        }
    }

    /// Any block that was ever mined here.
    public Optional<Block> block(BlockHash hash) {
        synchronized (lock) {
            return chain.block(hash);
        }
    }

    /// Ids of what waits for a block.
    public Set<Txid> mempool() {
        synchronized (lock) {
            return mempool.txids();
        }
    }

    Optional<Transaction> waiting(Txid txid) {
        synchronized (lock) {
            return mempool.find(txid);
        }
    }

    Optional<Transaction> waiting(Wtxid wtxid) {
        synchronized (lock) {
            return mempool.find(wtxid);
        }
    }

    List<BlockHeader> headersAfter(List<BlockHash> locator, BlockHash stop) {
        synchronized (lock) {
            return chain.after(locator, stop);
        }
    }

    /// Mines blocks that pay their reward to a script, the first with what waits in the memory
    /// pool.
    ///
    /// @return hash of the last
    /// @throws IllegalArgumentException if the count is not 1 to [#MAX_MINE]
    public BlockHash mine(int count, Script rewardScript) {
        if (count < 1 || count > MAX_MINE) {
            throw new IllegalArgumentException(
                    "blocks to mine: 1 to " + MAX_MINE + ", not " + count);
        }
        List<BlockHeader> added;
        int height;
        BlockHash tip;
        synchronized (lock) {
            added = mineLocked(count, rewardScript, true);
            height = chain.height();
            tip = chain.tip();
        }
        announce(added);
        tell(() -> events.mined(count, height, tip));
        return tip;
    }

    private List<BlockHeader> mineLocked(int count, Script rewardScript, boolean withMempool) {
        List<BlockHeader> added = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Block block =
                    miner.mine(
                            chain,
                            withMempool ? mempool.all() : List.of(),
                            rewardScript,
                            chain.nextTime(clock.instant()));
            chain.connect(block);
            keep(block);
            mempool.mined(block.transactions());
            added.add(block.header());
        }
        return added;
    }

    private void keep(Block block) {
        if (file.isEmpty()) {
            return;
        }
        try {
            file.get().append(block);
        } catch (IOException e) {
            throw new IllegalStateException("the file of blocks: " + e.getMessage(), e);
        }
    }

    /// Leaves the last blocks behind for one more without transactions: what they had waits again,
    /// as far as it is still valid. The rewards go where the reward of the first block left behind
    /// went.
    ///
    /// @param depth how many blocks are left behind; fewer than the chain has
    /// @return hash of the new tip
    public BlockHash reorganise(int depth) {
        List<BlockHeader> added;
        int height;
        BlockHash tip;
        synchronized (lock) {
            if (depth < 1 || depth > chain.height()) {
                throw new IllegalArgumentException(
                        "depth of a reorganisation: 1 to " + chain.height() + ", not " + depth);
            }
            List<Transaction> returned = new ArrayList<>();
            Script script = Script.EMPTY;
            for (int i = 0; i < depth; i++) {
                List<Transaction> gone = chain.disconnect().transactions();
                returned.addAll(0, gone.subList(1, gone.size()));
                script = gone.getFirst().outputs().getFirst().scriptPubKey();
            }
            added = mineLocked(depth + 1, script, false);
            mempool.reconsider(returned);
            height = chain.height();
            tip = chain.tip();
        }
        announce(added);
        tell(() -> events.reorganised(depth, height, tip));
        return tip;
    }

    /// Gives a transaction to the memory pool, and to clients that want to know of loose ones.
    ///
    /// @return why not, or nothing
    public Optional<Refusal> submit(Transaction transaction) {
        Optional<Refusal> refusal;
        synchronized (lock) {
            refusal = mempool.accept(transaction);
        }
        Txid txid = transaction.txid();
        if (refusal.isPresent()) {
            tell(() -> events.refused(txid, refusal.get()));
        } else {
            clients.forEach(client -> client.announce(transaction));
            tell(() -> events.accepted(txid));
        }
        return refusal;
    }

    /// Forgets a transaction that waits, as a real peer does when its memory pool is full or two
    /// weeks have passed. Clients are not told.
    ///
    /// @return whether it waited, and nothing that waits spends its outputs
    public boolean evict(Txid txid) {
        synchronized (lock) {
            return mempool.evict(txid);
        }
    }

    private void announce(List<BlockHeader> added) {
        clients.forEach(client -> client.announce(added));
    }

    private void tell(Runnable event) {
        synchronized (eventLock) {
            event.run();
        }
    }

    private void acceptAll() {
        try {
            while (!server.isClosed()) {
                Socket socket = server.accept();
                if (clients.size() >= MAX_CLIENTS) {
                    socket.close();
                } else {
                    serve(socket);
                }
            }
        } catch (IOException e) {
            // The server was closed.
        }
    }

    private void serve(Socket socket) throws IOException {
        ClientSession client = new ClientSession(socket, this, clock, random.nextLong());
        clients.add(client);
        Thread.ofVirtual()
                .name("regtest-client-" + client.remote())
                .start(() -> {
                    String reason = client.run();
                    clients.remove(client);
                    tell(() -> events.clientLost(client.remote(), reason));
                });
    }

    void connected(ClientSession client, String userAgent) {
        tell(() -> events.clientConnected(client.remote(), userAgent));
    }

    /// How many clients are connected, those in the handshake included.
    public int clients() {
        return clients.size();
    }

    /// Disconnects all clients, and goes on listening.
    public void dropClients() {
        clients.forEach(ClientSession::close);
    }

    /// Stops listening and disconnects all clients. Can be called again.
    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            // It is closed as far as it can be.
        }
        clients.forEach(ClientSession::close);
        acceptor.interrupt();
        synchronized (lock) {
            file.ifPresent(RegtestNode::close);
        }
    }

    private static void close(BlockFile file) {
        try {
            file.close();
        } catch (IOException e) {
            // What was written stays written.
        }
    }

    /// The magic of its network.
    static Bytes magic() {
        return Network.REGTEST.magic();
    }
}
