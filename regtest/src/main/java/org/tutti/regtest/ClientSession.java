package org.tutti.regtest;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.hash.Wtxid;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.lightclient.connection.Handshake;
import org.tutti.lightclient.connection.PeerConnection;
import org.tutti.lightclient.connection.PeerException;
import org.tutti.lightclient.connection.WireConnection;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.BlockMessage;
import org.tutti.lightclient.wire.P2pMessage.GetData;
import org.tutti.lightclient.wire.P2pMessage.GetHeaders;
import org.tutti.lightclient.wire.P2pMessage.Headers;
import org.tutti.lightclient.wire.P2pMessage.Inv;
import org.tutti.lightclient.wire.P2pMessage.NotFound;
import org.tutti.lightclient.wire.P2pMessage.Ping;
import org.tutti.lightclient.wire.P2pMessage.Pong;
import org.tutti.lightclient.wire.P2pMessage.Reject;
import org.tutti.lightclient.wire.P2pMessage.SendHeaders;
import org.tutti.lightclient.wire.P2pMessage.TxMessage;
import org.tutti.lightclient.wire.P2pMessage.Version;
import org.tutti.lightclient.wire.Services;

import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One client of the fixture: reads what it wants, in a loop, on a thread of its own.
///
/// Announcements come from other threads; they wait until the handshake is done, by being left out:
/// a client asks for headers then anyway.
final class ClientSession implements Closeable {
    /// Most headers in an announcement; for more, the last is announced by `inv` (as Bitcoin Core
    /// does).
    static final int MAX_ANNOUNCED_HEADERS = 8;

    private static final Duration HANDSHAKE = Duration.ofSeconds(10);
    private static final Duration SILENCE = Duration.ofMinutes(20);

    /// How long a client may take to read what it asked for.
    private static final Duration READING = Duration.ofSeconds(30);

    private final RegtestNode node;
    private final PeerConnection connection;
    private final InstantSource clock;
    private final long nonce;

    /// Volatile: set by the reading thread, read by those that announce.
    private volatile boolean ready;

    private volatile boolean wantsHeaders;
    private volatile boolean wantsTransactions;
    private volatile boolean byWtxid;

    ClientSession(Socket socket, RegtestNode node, InstantSource clock, long nonce)
            throws IOException {
        this.node = node;
        this.clock = clock;
        this.nonce = nonce;
        this.connection =
                PeerConnection.start(new WireConnection(socket, RegtestNode.magic(), clock), clock);
    }

    String remote() {
        return connection.remote();
    }

    /// Serves until the client has disconnected.
    ///
    /// @return why it ended
    String run() {
        try {
            Handshake handshake = new Handshake(ourVersion(), false, 0);
            Version theirs = connection.handshake(handshake, HANDSHAKE);
            wantsTransactions = theirs.relay();
            byWtxid = handshake.wtxidRelay();
            ready = true;
            node.connected(this, theirs.userAgent());
            while (true) {
                onMessage(connection.read(SILENCE));
            }
        } catch (PeerException e) {
            return e.reason().toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        } finally {
            connection.close();
        }
    }

    private Version ourVersion() {
        return new Version(
                P2pMessage.PROTOCOL_VERSION,
                Services.NEEDED,
                clock.instant().getEpochSecond(),
                nonce,
                "/tutti-regtest-fixture:0.1.0/",
                node.height(),
                true);
    }

    private void onMessage(P2pMessage message) throws InterruptedException {
        switch (message) {
            case Ping(long pingNonce) -> send(new Pong(pingNonce));
            case GetHeaders(List<BlockHash> locator, BlockHash stop) ->
                    send(new Headers(node.headersAfter(locator, stop)));
            case GetData getData -> serve(getData);
            case Inv inv -> onInv(inv);
            case TxMessage(Transaction transaction) -> onTransaction(transaction);
            case SendHeaders _ -> wantsHeaders = true;
            case P2pMessage.Mempool _ -> sendMempool();
            case P2pMessage.Version _, P2pMessage.Verack _ -> connection.close();
            case Headers _,
                    BlockMessage _,
                    NotFound _,
                    Pong _,
                    Reject _,
                    P2pMessage.FeeFilter _,
                    P2pMessage.GetAddr _,
                    P2pMessage.Unknown _ -> {
                // The fixture mines alone and knows no other peers.
            }
        }
    }

    private void send(P2pMessage message) throws InterruptedException {
        if (!connection.send(message, READING)) {
            connection.close();
        }
    }

    private void serve(GetData wanted) throws InterruptedException {
        List<InventoryItem> missing = new ArrayList<>();
        for (InventoryItem item : wanted.items()) {
            Optional<P2pMessage> found = find(item);
            if (found.isPresent()) {
                send(found.get());
            } else {
                missing.add(item);
            }
        }
        if (!missing.isEmpty()) {
            send(new NotFound(missing));
        }
    }

    private Optional<P2pMessage> find(InventoryItem item) {
        return switch (item) {
            case InventoryItem.Block(BlockHash hash, boolean witness) ->
                    node.block(hash)
                            .map(block -> new BlockMessage(witness ? block : stripped(block)));
            case InventoryItem.Transaction(Txid txid, boolean witness) ->
                    node.waiting(txid)
                            .map(found -> new TxMessage(witness ? found : stripped(found)));
            case InventoryItem.TransactionByWtxid(Wtxid wtxid) ->
                    node.waiting(wtxid).map(TxMessage::new);
            case InventoryItem.Unknown _ -> Optional.empty();
        };
    }

    private static Block stripped(Block block) {
        return new Block(
                block.header(),
                block.transactions().stream().map(ClientSession::stripped).toList());
    }

    private static Transaction stripped(Transaction transaction) {
        List<TxIn> inputs =
                transaction.inputs().stream().map(input -> input.withWitness(List.of())).toList();
        return new Transaction(
                transaction.version(), inputs, transaction.outputs(), transaction.lockTime());
    }

    private void onInv(Inv inv) throws InterruptedException {
        List<InventoryItem> wanted = new ArrayList<>();
        for (InventoryItem item : inv.items()) {
            switch (item) {
                // As Bitcoin Core does, txids are not heard where wtxids were agreed on.
                case InventoryItem.Transaction(Txid txid, boolean witness) -> {
                    if (!byWtxid && !witness && node.waiting(txid).isEmpty()) {
                        wanted.add(new InventoryItem.Transaction(txid, true));
                    }
                }
                case InventoryItem.TransactionByWtxid(Wtxid wtxid) -> {
                    if (byWtxid && node.waiting(wtxid).isEmpty()) {
                        wanted.add(item);
                    }
                }
                case InventoryItem.Block _, InventoryItem.Unknown _ -> {
                    // The fixture mines alone.
                }
            }
        }
        if (!wanted.isEmpty()) {
            send(new GetData(wanted));
        }
    }

    private void onTransaction(Transaction transaction) throws InterruptedException {
        Optional<Refusal> refusal = node.submit(transaction);
        if (refusal.isPresent()) {
            Refusal why = refusal.get();
            send(new Reject("tx", why.code(), why.reason(), transaction.txid().bytes()));
        }
    }

    private void sendMempool() throws InterruptedException {
        List<InventoryItem> items =
                node.mempool().stream()
                        .flatMap(txid -> node.waiting(txid).stream())
                        .map(this::item)
                        .toList();
        if (!items.isEmpty()) {
            send(new Inv(items));
        }
    }

    /// Tells of new blocks, the oldest first. Never waits: a client that does not read is
    /// disconnected.
    void announce(List<BlockHeader> added) {
        if (ready) {
            boolean asHeaders = wantsHeaders && added.size() <= MAX_ANNOUNCED_HEADERS;
            offer(
                    asHeaders
                            ? new Headers(added)
                            : inv(new InventoryItem.Block(added.getLast().hash(), false)));
        }
    }

    /// Tells of a loose transaction, if the client wants to know.
    void announce(Transaction transaction) {
        if (ready && wantsTransactions) {
            offer(inv(item(transaction)));
        }
    }

    private InventoryItem item(Transaction transaction) {
        return byWtxid
                ? new InventoryItem.TransactionByWtxid(transaction.wtxid())
                : new InventoryItem.Transaction(transaction.txid(), false);
    }

    private static Inv inv(InventoryItem item) {
        return new Inv(List.of(item));
    }

    private void offer(P2pMessage message) {
        if (!connection.offer(message)) {
            connection.close();
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
