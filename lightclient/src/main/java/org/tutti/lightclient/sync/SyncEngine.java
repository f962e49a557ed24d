package org.tutti.lightclient.sync;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockCheck;
import org.tutti.bitcoin.block.MerkleProof;
import org.tutti.bitcoin.block.SerializedBlock;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.rules.BlockRules;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.connection.DisconnectReason.Code;
import org.tutti.lightclient.headers.HeaderBatch;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderEntry;
import org.tutti.lightclient.headers.HeaderEvent;
import org.tutti.lightclient.headers.HeaderSource;
import org.tutti.lightclient.headers.HeaderStoreException;
import org.tutti.lightclient.headers.HeaderVerdict;
import org.tutti.lightclient.headers.UnconnectedBatch;
import org.tutti.lightclient.internal.broadcast.BroadcastOutput;
import org.tutti.lightclient.internal.broadcast.TransactionBroadcaster;
import org.tutti.lightclient.internal.broadcast.TransactionRelay;
import org.tutti.lightclient.internal.peers.PeerOutput;
import org.tutti.lightclient.internal.peers.PeerOutput.Disconnect;
import org.tutti.lightclient.internal.peers.PeerOutput.Send;
import org.tutti.lightclient.peers.PeerAddress;
import org.tutti.lightclient.peers.PeerManager;
import org.tutti.lightclient.peers.PeerManager.Fault;
import org.tutti.lightclient.sync.WorkQueue.Job;
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

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Follows the chain of most work through peers that are not trusted: a pure engine, owned by one
/// thread.
///
/// This class handles the messages of peers; [HeaderSync] chooses whom headers are asked of,
/// [BlockSync] knows our place on the chain and moves it, [WorkQueue] has what is asked of whom,
/// [PeerManager] whom to dial.
final class SyncEngine {
    /// How often a peer may send headers whose parent we do not know before we disconnect.
    static final int MAX_UNCONNECTED = 10;

    /// Most items that a peer may ask for at once: twice as many as we ever announce. The answer
    /// would otherwise be as long as the question, and wait in memory for a peer that does not
    /// read.
    static final int MAX_WANTED = 2 * TransactionBroadcaster.MAX_TRANSACTIONS;

    /// How many blocks that we did not ask for a peer may send before we disconnect.
    static final int MAX_UNREQUESTED = 5;

    /// How many transactions that we did not ask for a peer may send before we disconnect.
    static final int MAX_UNREQUESTED_TRANSACTIONS = 50;

    /// How often a peer may announce a block that its headers then do not show. Afterwards it is
    /// asked as seldom as one that announces nothing.
    static final int MAX_BROKEN_PROMISES = 20;

    private final HeaderChain chain;
    private final BlockRules blockRules;
    private final SyncSettings settings;
    private final RandomGenerator random;
    private final PeerManager endpoints;
    private final TransactionBroadcaster broadcaster;
    private final WorkQueue queue;
    private final BlockFetcher blocks;
    private final Map<Long, Peer> peers = new LinkedHashMap<>();
    private List<SyncOutput> outputs = new ArrayList<>();
    private final HeaderSync headerSync;
    private final BlockSync blockSync;
    private final OwnersBlocks ownersBlocks;
    private final StatusReporter reporter;

    /// Without endpoints to dial.
    SyncEngine(
            HeaderChain chain, Birthday birthday, SyncSettings settings, RandomGenerator random) {
        this(chain, birthday, settings, random, List.of());
    }

    /// @param birthday where the blocks begin that are fetched
    /// @param chain owned by this engine from now on
    /// @param configured the endpoints that our owner named
    SyncEngine(
            HeaderChain chain,
            Birthday birthday,
            SyncSettings settings,
            RandomGenerator random,
            List<PeerAddress> configured) {
        this.blockRules = new BlockRules(chain.network());
        this.settings = settings;
        this.random = random;
        this.chain = chain;
        this.endpoints = new PeerManager(settings.forPeers(configured.size()), random);
        configured.forEach(address -> endpoints.add(address, PeerManager.Source.CONFIGURED));
        this.broadcaster = new TransactionBroadcaster(random);
        this.queue = new WorkQueue(settings.headersDeadline(), settings.blockDeadline());
        this.blocks = new BlockFetcher(queue);
        this.headerSync = new HeaderSync(chain, endpoints, queue, settings, this::toPeer);
        this.blockSync = new BlockSync(chain, blocks, birthday, this::tell);
        this.ownersBlocks = new OwnersBlocks(chain, blocks);
        this.reporter = new StatusReporter(chain, blockSync, headerSync, endpoints, settings);
    }

    /// The last block that was checked and told.
    HeaderEntry activeTip() {
        return blockSync.activeTip();
    }

    HeaderChain chain() {
        return chain;
    }

    /// Bytes of blocks that wait for their turn.
    long heldBytes() {
        return blocks.heldBytes();
    }

    SyncStatus status(Instant now) {
        return reporter.status(peers.values(), now);
    }

    /// Handles one input.
    ///
    /// @return what to do, in order
    List<SyncOutput> on(SyncInput input, Instant now) {
        outputs = new ArrayList<>();
        switch (input) {
            case SyncInput.PeerReady ready -> onReady(ready, now);
            case SyncInput.PeerGone(long id, String name, DisconnectReason reason) ->
                    onGone(id, name, reason, now);
            case SyncInput.Received(long id, P2pMessage message, long bytes) -> {
                reporter.read(bytes);
                Peer peer = peers.get(id);
                // Messages of a peer that we dropped are ignored.
                if (peer != null) {
                    onMessage(peer, message, now);
                }
            }
            case SyncInput.Broadcast(var pending, var minedIn) -> broadcast(pending, minedIn, now);
            case SyncInput.Resume(var saved) -> take(broadcaster.resume(saved, now));
            case SyncInput.Fetch fetch -> {
                ownersBlocks.fetch(fetch, now).ifPresent(outputs::add);
                advance(now);
            }
            case SyncInput.Configured(var addresses) -> configure(addresses, now);
            case SyncInput.Tick _ -> onTick(now);
        }
        return outputs;
    }

    private void configure(List<PeerAddress> addresses, Instant now) {
        endpoints.configure(addresses, addresses.size());
        List.copyOf(peers.values()).stream()
                .filter(peer -> endpoints.isLeft(peer.name))
                .forEach(peer -> leave(peer, now));
    }

    private void leave(Peer peer, Instant now) {
        drop(peer, Code.SHUTDOWN, "no longer configured", now);
    }

    private void broadcast(PendingTransaction pending, Optional<BlockHash> minedIn, Instant now) {
        // The owner may have been told of a block that we have left since.
        Optional<Integer> minedAt =
                minedIn.flatMap(chain::find)
                        .filter(entry -> chain.common(entry, activeTip()).equals(entry))
                        .map(HeaderEntry::height);
        HeaderEntry tip = chain.tip();
        take(broadcaster.add(pending, tip.height() + 1, chain.medianTime(tip), minedAt, now));
    }

    private void onReady(SyncInput.PeerReady ready, Instant now) {
        long id = ready.peer();
        String name = ready.name();
        P2pMessage.Version version = ready.version();
        // What it says of its height is no reason to do anything. Its clock may be.
        @Nullable Duration ahead =
                version.timestamp() == 0
                        ? null
                        : Duration.ofSeconds(
                                Math.subtractExact(
                                        clampTime(version.timestamp()), now.getEpochSecond()));
        Peer peer = new Peer(id, name, version.userAgent(), ahead, now);
        peers.put(id, peer);
        endpoints.connected(name, now);
        if (endpoints.isLeft(name)) {
            // While it was dialled.
            leave(peer, now);
            return;
        }
        tell(new ChainEvent.PeerConnected(name, version.userAgent()));
        send(peer, new SendHeaders());
        headerSync.ask(peer, now);
        take(
                broadcaster.peerReady(
                        id, name, new TransactionRelay(version.relay(), ready.wtxidRelay()), now));
    }

    private static long clampTime(long seconds) {
        return Math.clamp(seconds, 0, 0xffff_ffffL);
    }

    private void onGone(long id, String name, DisconnectReason reason, Instant now) {
        Peer peer = peers.remove(id);
        endpoints.ended(name, reason, now);
        if (peer != null) {
            forget(peer, now);
        }
        tell(new ChainEvent.PeerLost(name, reason));
    }

    private void forget(Peer peer, Instant now) {
        broadcaster.peerGone(peer.id);
        chain.forgetPeer(peer.id);
        headerSync.gone(peer, peers.values(), now);
        advance(now);
    }

    private void toPeer(PeerOutput output) {
        outputs.add(new SyncOutput.ToPeer(output));
    }

    /// Reports to the listener; the broadcaster follows what it is told of the chain.
    private void tell(ChainEvent event) {
        outputs.add(new SyncOutput.ToListener(event));
        switch (event) {
            case ChainEvent.Connected(HeaderEntry entry, Block block, List<Txid> txids) ->
                    take(broadcaster.blockConnected(entry.height(), block, txids));
            case ChainEvent.Disconnected(HeaderEntry entry) ->
                    take(broadcaster.blockDisconnected(entry.height()));
            case ChainEvent.HeadersConnected _,
                    ChainEvent.HeadersDisconnected _,
                    ChainEvent.Tip _,
                    ChainEvent.PeerConnected _,
                    ChainEvent.PeerLost _,
                    ChainEvent.Broadcast _,
                    ChainEvent.Status _ -> {
                // The chain is as it was.
            }
        }
    }

    private void take(List<BroadcastOutput> broadcasts) {
        for (BroadcastOutput broadcast : broadcasts) {
            switch (broadcast) {
                case BroadcastOutput.ToPeer(PeerOutput output) -> toPeer(output);
                case BroadcastOutput.Report(BroadcastEvent event) ->
                        tell(new ChainEvent.Broadcast(event));
                case BroadcastOutput.Save(List<PendingTransaction> pending) ->
                        outputs.add(new SyncOutput.SavePending(pending));
            }
        }
    }

    private void send(Peer peer, P2pMessage message) {
        toPeer(new Send(peer.id, message));
    }

    /// Disconnects. The driver answers with PeerGone; until then the peer's messages are ignored.
    private void drop(Peer peer, Code code, String detail, Instant now) {
        DisconnectReason reason = new DisconnectReason(code, detail);
        toPeer(new Disconnect(peer.id, reason));
        peers.remove(peer.id);
        forget(peer, now);
    }

    private void onMessage(Peer peer, P2pMessage message, Instant now) {
        if (!isAskedFor(peer, message) && !peer.rateLimiter.pay(message, now)) {
            drop(peer, Code.FLOODING, message.command(), now);
            return;
        }
        peer.lastHeard = now;
        switch (message) {
            case Ping(long nonce) -> send(peer, new Pong(nonce));
            case Pong _ -> peer.pingSent = null;
            case Headers headers -> onHeaders(peer, headers, now);
            case Inv inv -> onInv(peer, inv, now);
            case BlockMessage(SerializedBlock block) -> onBlock(peer, block, now);
            case NotFound notFound -> onNotFound(peer, notFound, now);
            case GetData wanted -> onGetData(peer, wanted, now);
            // We serve no chain: an empty answer says so and keeps the asker from waiting.
            case GetHeaders _ -> send(peer, new Headers(List.of()));
            case Reject reject -> take(broadcaster.onReject(peer.id, reject));
            case P2pMessage.Version _, P2pMessage.Verack _ ->
                    drop(peer, Code.HANDSHAKE_ORDER, message.command() + " again", now);
            case P2pMessage.TxMessage(Transaction transaction) ->
                    onTransaction(peer, transaction, now);
            case P2pMessage.FeeFilter filter -> take(broadcaster.onFeeFilter(peer.id, filter, now));
            case P2pMessage.SendHeaders _,
                    P2pMessage.Mempool _,
                    P2pMessage.GetAddr _,
                    P2pMessage.Unknown _ -> {
                // Nothing that a client without a memory pool has to act on.
            }
        }
    }

    private void onTransaction(Peer peer, Transaction transaction, Instant now) {
        Optional<List<BroadcastOutput>> asked = broadcaster.onTransaction(peer.id, transaction);
        if (asked.isPresent()) {
            take(asked.get());
        } else if (++peer.unrequestedTransactions > MAX_UNREQUESTED_TRANSACTIONS) {
            drop(peer, Code.UNREQUESTED, "transactions that we did not ask for", now);
        }
    }

    /// Blocks nobody asked for have a bound of their own. Each question for headers has one answer.
    private static boolean isAskedFor(Peer peer, P2pMessage message) {
        return message instanceof BlockMessage || (message instanceof Headers && peer.answerOwed);
    }

    private void onGetData(Peer peer, GetData wanted, Instant now) {
        if (wanted.items().size() > MAX_WANTED) {
            drop(peer, Code.FLOODING, wanted.items().size() + " items asked for", now);
            return;
        }
        List<InventoryItem> missing = new ArrayList<>();
        take(broadcaster.onGetData(peer.id, wanted, now, missing));
        if (!missing.isEmpty()) {
            send(peer, new NotFound(missing));
        }
    }

    private void onHeaders(Peer peer, Headers message, Instant now) {
        boolean asked = peer.headersAsked != null;
        headerSync.answered(peer, peers.values(), now);
        peer.headersAsked = null;
        peer.answerOwed = false;
        if (message.headers().isEmpty()) {
            if (asked) {
                lookAtPromise(peer);
                headerSync.ended(peer, peers.values(), now);
            }
            advance(now);
            return;
        }
        switch (accept(peer, HeaderBatch.of(message.headers()), now)) {
            case HeaderVerdict.Accepted accepted -> {
                onAccepted(peer, accepted);
                boolean isFull = message.headers().size() == P2pMessage.MAX_HEADERS;
                if (!isFull && asked) {
                    lookAtPromise(peer);
                }
                headerSync.accepted(peer, accepted, isFull, asked, peers.values(), now);
                acceptHeld(now);
                advance(now);
            }
            case HeaderVerdict.Unconnected(BlockHash parent) -> {
                if (asked) {
                    // An announcement that overtook the answer: a node that mines a hundred blocks
                    // at once
                    // sends as many. The answer connects them.
                    peer.headersAsked = now;
                    peer.hasNews = true;
                } else if (++peer.unconnected > MAX_UNCONNECTED) {
                    drop(peer, Code.UNCONNECTED_HEADERS, parent.toString(), now);
                } else {
                    headerSync.ask(peer, now);
                }
            }
            case HeaderVerdict.Weighed weighed -> {
                peer.unconnected = 0;
                peer.futureHeader = null;
                boolean isFull = message.headers().size() == P2pMessage.MAX_HEADERS;
                headerSync.weighed(peer, weighed, isFull, asked, peers.values(), now);
                advance(now);
            }
            case HeaderVerdict.LowWork _ -> {
                // It may have been fooled itself. It is asked again as everybody is. Where our
                // chain
                // has enough work it only is behind, or elsewhere.
                if (chain.hasEnoughWork()) {
                    headerSync.ended(peer, peers.values(), now);
                } else {
                    headerSync.fail(peer, Fault.LOW_WORK, peers.values(), now);
                }
                advance(now);
            }
            case HeaderVerdict.Refused refused -> onRefused(peer, refused, now);
            case null -> advance(now);
        }
    }

    /// A peer whose announcements lead nowhere is not asked because of them any more.
    private void lookAtPromise(Peer peer) {
        BlockHash promised = peer.promised;
        peer.promised = null;
        if (promised != null && chain.find(promised).isEmpty()) {
            peer.brokenPromises++;
            endpoints.penalise(peer.name, Fault.BROKEN_PROMISE);
        }
    }

    /// @return null if the disk is full: nothing was taken, and the peer is asked again later
    private @Nullable HeaderVerdict accept(Peer peer, HeaderBatch headers, Instant now) {
        try {
            HeaderVerdict verdict = headerSync.accept(peer, headers, now);
            if (verdict instanceof HeaderVerdict.Accepted accepted && accepted.added() > 0) {
                reporter.stored(accepted.added());
            }
            return verdict;
        } catch (HeaderStoreException e) {
            if (e.code() != HeaderStoreException.Code.DISK_FULL) {
                throw e;
            }
            reporter.diskFull(String.valueOf(e.getMessage()));
            headerSync.pause(peer, now);
            return null;
        }
    }

    private static void onAccepted(Peer peer, HeaderVerdict.Accepted accepted) {
        if (accepted.added() > 0) {
            peer.unconnected = 0;
        }
        peer.futureHeader = null;
        peer.has(accepted.last());
    }

    /// Takes the headers that waited for those that have just come.
    private void acceptHeld(Instant now) {
        for (Optional<UnconnectedBatch> held = chain.nextConnected();
                held.isPresent();
                held = chain.nextConnected()) {
            UnconnectedBatch batch = held.get();
            Peer peer =
                    switch (batch.source()) {
                        case HeaderSource.SyncPeer(long id) -> peers.get(id);
                        case HeaderSource.OtherPeer(long id) -> peers.get(id);
                        case HeaderSource.Operator _ -> null;
                    };
            if (peer != null) {
                switch (accept(peer, batch.batch(), now)) {
                    case HeaderVerdict.Accepted accepted -> {
                        onAccepted(peer, accepted);
                        peer.unconnected = 0; // They did belong somewhere.
                    }
                    case HeaderVerdict.Refused refused -> onRefused(peer, refused, now);
                    case HeaderVerdict.Unconnected _,
                            HeaderVerdict.LowWork _,
                            HeaderVerdict.Weighed _ -> {
                        // Nothing came of it yet.
                    }
                    case null -> {
                        return;
                    }
                }
            }
        }
    }

    private void onRefused(Peer peer, HeaderVerdict.Refused refused, Instant now) {
        switch (refused.rule()) {
            // A clock that runs ahead, ours behind, or a full tree, does not prove malice.
            case TIME_TOO_NEW -> {
                peer.futureHeader = StatusReporter.futureHeader(refused.height(), now);
                headerSync.ended(peer, peers.values(), now);
            }
            // Our owner has left this chain.
            case DECLARED_INVALID -> headerSync.ended(peer, peers.values(), now);
            case NO_ROOM -> headerSync.fail(peer, Fault.LOW_WORK, peers.values(), now);
            case PROOF_OF_WORK,
                    WRONG_BITS,
                    TIME_TOO_OLD,
                    TIME_WARP,
                    OLD_VERSION,
                    NOT_A_LIST,
                    KNOWN_INVALID ->
                    drop(peer, Code.INVALID_HEADER, refused.rule() + " " + refused.hash(), now);
        }
        advance(now);
    }

    private void onInv(Peer peer, Inv inv, Instant now) {
        take(broadcaster.onInv(peer.id, inv, now));
        HeaderEntry before = peer.best;
        boolean isBelieved = peer.brokenPromises < MAX_BROKEN_PROMISES;
        @Nullable BlockHash news = null;
        for (InventoryItem item : inv.items()) {
            if (item instanceof InventoryItem.Block(BlockHash hash, boolean _)) {
                Optional<HeaderEntry> known = chain.find(hash);
                if (known.isPresent()) {
                    peer.has(known.get());
                } else {
                    peer.hasNews |= isBelieved;
                    news = hash;
                }
            }
        }
        // One question at a time, however many announcements come.
        if (peer.hasNews && peer.headersAsked == null) {
            headerSync.ask(peer, now);
            peer.promised = news;
        }
        if (!Objects.equals(peer.best, before)) {
            advance(now);
        }
    }

    private void onNotFound(Peer peer, NotFound notFound, Instant now) {
        take(broadcaster.onNotFound(peer.id, notFound, now));
        for (InventoryItem item : notFound.items()) {
            if (item instanceof InventoryItem.Block(BlockHash hash, boolean _)
                    && queue.settle(new Job.Block(hash), peer, now)) {
                // It announced what it does not have. It may tell us anew what it has.
                peer.best = null;
                endpoints.penalise(peer.name, Fault.BROKEN_PROMISE);
            }
        }
        advance(now);
    }

    private void onBlock(Peer peer, SerializedBlock serialized, Instant now) {
        BlockHash hash = serialized.hash();
        if (!queue.settle(new Job.Block(hash), peer, now)) {
            if (++peer.unrequestedBlocks > MAX_UNREQUESTED) {
                drop(peer, Code.UNREQUESTED, "blocks that we did not ask for", now);
            }
            return;
        }
        Optional<HeaderEntry> entry = chain.find(hash);
        if (entry.isEmpty()) {
            return;
        }
        if (serialized.isTooHeavy()) {
            // So that nobody makes us read it. The header may well be good: its witnesses, which
            // the header does not commit to, may be another block's.
            drop(peer, Code.INVALID_BLOCK, BlockCheck.Fault.TOO_HEAVY + " " + hash, now);
            return;
        }
        blocks.sized(serialized.length());
        Block block;
        try {
            block = serialized.decode();
        } catch (DecodeException e) {
            drop(peer, Code.INVALID_BLOCK, e.getMessage() + " in " + hash, now);
            return;
        }
        long medianTime = chain.medianTime(chain.parent(entry.get()));
        Optional<BlockCheck.Fault> fault =
                blockRules.fault(block, entry.get().height(), medianTime);
        if (fault.isPresent()) {
            if (isInTheHeader(fault.get(), block)) {
                chain.invalidate(hash);
            }
            drop(peer, Code.INVALID_BLOCK, fault.get() + " " + hash, now);
            return;
        }
        List<SyncOutput.Fetched> fetched = ownersBlocks.arrived(hash, serialized);
        outputs.addAll(fetched);
        boolean isBehind = !fetched.isEmpty() && entry.get().height() <= activeTip().height();
        if (blockSync.isWanted(entry.get()) && !isBehind) {
            blocks.keep(entry.get(), serialized, block);
        }
        chain.blockVerified(hash);
        advance(now);
    }

    /// Whether the fault condemns the header's block itself, not only this copy of it. The header
    /// commits to the list of transactions without their witnesses; but where one has the 64 bytes
    /// of an inner node of the Merkle tree, the same root may belong to another list.
    private static boolean isInTheHeader(BlockCheck.Fault fault, Block block) {
        return switch (fault) {
            case NO_COINBASE,
                    SECOND_COINBASE,
                    BAD_TRANSACTION,
                    TOO_MANY_SIGNATURE_OPERATIONS,
                    NOT_FINAL,
                    COINBASE_HEIGHT,
                    SIGNET_SOLUTION ->
                    block.transactions().stream()
                            .noneMatch(transaction ->
                                    transaction.serializeWithoutWitness().length()
                                            == MerkleProof.FORBIDDEN_LENGTH);
            case EMPTY, TOO_HEAVY, MERKLE_ROOT, MUTATED, WITNESS_COMMITMENT, UNCOMMITTED_WITNESS ->
                    false;
        };
    }

    private void onTick(Instant now) {
        endpoints.due(now).forEach(address -> outputs.add(new SyncOutput.Dial(address)));
        Optional<Peer> stalled = queue.stalledWithBlock(now);
        while (stalled.isPresent()) {
            endpoints.penalise(stalled.get().name, Fault.BROKEN_PROMISE);
            drop(stalled.get(), Code.BLOCK_STALLED, "no block in " + settings.blockDeadline(), now);
            stalled = queue.stalledWithBlock(now);
        }
        for (Peer peer : List.copyOf(peers.values())) {
            tick(peer, now);
        }
        headerSync.tick(peers.values(), now);
        take(broadcaster.onTick(now));
        advance(now);
        reporter.due(peers.values(), now).ifPresent(this::tell);
    }

    private void tick(Peer peer, Instant now) {
        if (peer.pingSent != null && now.isAfter(peer.pingSent.plus(settings.pingDeadline()))) {
            drop(peer, Code.SILENT, "no pong in " + settings.pingDeadline(), now);
            return;
        }
        if (peer.pingSent == null && now.isAfter(peer.lastHeard.plus(settings.pingAfter()))) {
            send(peer, new Ping(random.nextLong()));
            peer.pingSent = now;
        }
    }

    private void advance(Instant now) {
        // On disk before anybody acts on it.
        for (HeaderEvent event : chain.commit()) {
            tell(
                    switch (event) {
                        case HeaderEvent.Disconnected(HeaderEntry tip, HeaderEntry fork) ->
                                new ChainEvent.HeadersDisconnected(tip, fork);
                        case HeaderEvent.Connected(HeaderEntry fork, HeaderEntry tip) ->
                                new ChainEvent.HeadersConnected(fork, tip);
                    });
        }
        blockSync.advance(peers.values(), now).forEach(this::toPeer);
        outputs.addAll(ownersBlocks.givenUp(now));
        ownersBlocks.request(peers.values(), now).forEach(this::toPeer);
    }
}
