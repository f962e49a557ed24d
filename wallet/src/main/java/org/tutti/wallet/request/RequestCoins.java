package org.tutti.wallet.request;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.coordinator.message.RequestId;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.musig.keys.PublicKey;
import org.tutti.wallet.coins.CoinRescan;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoEvent;
import org.tutti.wallet.coins.UtxoState;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.coins.WalletException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/// The coins at `tr(musig(keys))` of the requests that live, found in the blocks that come while
/// they do. Requests of the same keys share them.
///
/// Blocks from before a request came are searched where it names a birthday and this node has
/// joined it ([CoinRescan] gives them, [#MAX_DEPTH] at most). Nothing waits for that: a request
/// states what it spends, and this signer does not need to have seen it.
///
/// Threads: the light client's listener thread and that of the rescan write, others read and ask to
/// follow. One lock guards all fields; coins have their own, taken under it; the listener is told
/// outside both. So what a rescan found may be told after a block that spends it.
public final class RequestCoins implements ChainListener, RequestChain, CoinRescan.Search {
    /// The most sets of keys whose coins are looked for: each output of each block is compared with
    /// each.
    public static final int MAX_KEY_SETS = 256;

    /// The most coins of one set of keys, spent ones included. A stranger pays fees for each.
    public static final int MAX_COINS = 1_000;

    /// How many of the last blocks are searched for older coins, at most: thirty days. Whoever asks
    /// this node to sign makes it fetch them.
    public static final int MAX_DEPTH = 30 * 144;

    private final Network network;
    private final BiConsumer<GroupWallet, UtxoEvent> listener;
    private final int maxKeySets;
    private final int maxDepth;
    private final Map<Script, Watched> wallets = new LinkedHashMap<>();
    private int tip = -1;
    private Optional<BlockHash> tipHash = Optional.empty();

    /// No height.
    private static final int NEVER = Integer.MAX_VALUE;

    /// The coins of one set of keys.
    private static final class Watched {
        final GroupWallet wallet;
        final Set<RequestId> users = new HashSet<>();
        UtxoStore coins;

        /// The first block that `coins` has, or will have.
        int known = NEVER;

        /// The first block that a request wants to have searched.
        int wanted = NEVER;

        /// What the rescan that runs has found so far.
        @Nullable UtxoStore found;

        /// Where that begins, and what was wanted then; none if it is not for this.
        int foundFrom = NEVER;

        int foundFor = NEVER;

        Watched(GroupWallet wallet) {
            this.wallet = wallet;
            this.coins = new UtxoStore(wallet, MAX_COINS);
        }

        boolean lacksOlder() {
            return wanted < known;
        }
    }

    /// What the listener is to be told.
    private record Change(GroupWallet wallet, UtxoEvent event) {}

    /// @param listener told which coins came, went, or came back
    public RequestCoins(Network network, BiConsumer<GroupWallet, UtxoEvent> listener) {
        this(network, listener, MAX_KEY_SETS, MAX_DEPTH);
    }

    RequestCoins(
            Network network,
            BiConsumer<GroupWallet, UtxoEvent> listener,
            int maxKeySets,
            int maxDepth) {
        this.network = network;
        this.listener = listener;
        this.maxKeySets = maxKeySets;
        this.maxDepth = maxDepth;
    }

    /// Looks for coins of these keys from the next block on. Can be told again.
    ///
    /// @param keys of the request, in any order
    /// @return their wallet, or nothing if they have no address or there is no room for another
    public Optional<GroupWallet> follow(RequestId request, List<PublicKey> keys) {
        GroupWallet wallet;
        try {
            wallet = GroupWallet.of(keys, network);
        } catch (WalletException e) {
            return Optional.empty();
        }
        synchronized (this) {
            Watched watched = wallets.get(wallet.scriptPubKey());
            if (watched == null) {
                if (wallets.size() >= maxKeySets) {
                    return Optional.empty();
                }
                watched = new Watched(wallet);
                watched.known = tip < 0 ? NEVER : tip + 1;
                wallets.put(wallet.scriptPubKey(), watched);
            }
            watched.users.add(request);
            return Optional.of(watched.wallet);
        }
    }

    /// Looks for older coins of a request that is followed, as far as [#MAX_DEPTH] allows. Returns
    /// at once; can be told again.
    ///
    /// @param birthday height of the first block that may have one; 0 if the request names none,
    ///   and then nothing older is looked for
    public synchronized void rescan(RequestId request, int birthday) {
        if (birthday <= 0) {
            return;
        }
        for (Watched watched : wallets.values()) {
            if (watched.users.contains(request)) {
                watched.wanted = Math.min(watched.wanted, birthday);
                notifyAll();
            }
        }
    }

    /// The request is over.
    public synchronized void forget(RequestId request) {
        wallets.values().forEach(watched -> watched.users.remove(request));
        wallets.values().removeIf(watched -> watched.users.isEmpty());
    }

    /// The coins of a request's keys that nobody has spent, as far as blocks have shown them.
    public synchronized List<Utxo> unspent(RequestId request) {
        return wallets.values().stream()
                .filter(watched -> watched.users.contains(request))
                .findFirst()
                .map(watched -> watched.coins.unspent())
                .orElse(List.of());
    }

    @Override
    public synchronized int tipHeight() {
        return tip;
    }

    @Override
    public synchronized Optional<UtxoState> find(OutPoint coin) {
        return wallets.values().stream().flatMap(w -> w.coins.find(coin).stream()).findFirst();
    }

    @Override
    public void blockConnected(int height, BlockHeader header, Block block) {
        List<Change> changes = new ArrayList<>();
        synchronized (this) {
            tip = height;
            tipHash = Optional.of(header.hash());
            for (Watched watched : wallets.values()) {
                watched.known = Math.min(watched.known, height);
                add(changes, watched, watched.coins.connect(height, block));
            }
            notifyAll();
        }
        tell(changes);
    }

    @Override
    public void blockDisconnected(int height, BlockHeader header) {
        List<Change> changes = new ArrayList<>();
        synchronized (this) {
            tip = height - 1;
            tipHash = Optional.of(header.previous());
            for (Watched watched : wallets.values()) {
                // One that came later has not seen it.
                if (watched.coins.tipHeight() == height) {
                    add(changes, watched, watched.coins.disconnect(height, header.previous()));
                }
            }
        }
        tell(changes);
    }

    private static void add(List<Change> changes, Watched watched, List<UtxoEvent> events) {
        events.forEach(event -> changes.add(new Change(watched.wallet, event)));
    }

    private void tell(List<Change> changes) {
        changes.forEach(change -> listener.accept(change.wallet(), change.event()));
    }

    // --- older blocks; on the thread of the rescan

    @Override
    public synchronized int awaitRescan() throws InterruptedException {
        while (tip < 0 || wallets.values().stream().noneMatch(Watched::lacksOlder)) {
            wait();
        }
        int lowest = Math.max(1, tip + 1 - maxDepth);
        int from = NEVER;
        for (Watched watched : wallets.values()) {
            watched.found = null;
            watched.foundFor = watched.lacksOlder() ? watched.wanted : NEVER;
            watched.foundFrom = Math.max(watched.foundFor, lowest);
            from = Math.min(from, watched.foundFrom);
        }
        return from;
    }

    /// What has been found takes the place of what was known once the last block of the chain is
    /// reached.
    @Override
    public CoinRescan.Step rescan(int height, Block block) {
        List<Change> changes = new ArrayList<>();
        synchronized (this) {
            boolean isTip = height == tip && tipHash.filter(block.hash()::equals).isPresent();
            if (height > tip || (height == tip && !isTip)) {
                return CoinRescan.Step.BEGIN_AGAIN;
            }
            boolean any = false;
            for (Watched watched : wallets.values()) {
                if (watched.foundFrom == height) {
                    watched.found = new UtxoStore(watched.wallet, MAX_COINS);
                }
                UtxoStore found = watched.found;
                if (found != null) {
                    Optional<BlockHash> last = found.tip();
                    if (last.filter(hash -> !hash.equals(block.header().previous())).isPresent()) {
                        return CoinRescan.Step.BEGIN_AGAIN;
                    }
                    found.connect(height, block);
                    any = true;
                }
                any |= watched.foundFrom > height && watched.foundFrom != NEVER;
            }
            if (any && !isTip) {
                return CoinRescan.Step.GOES_ON;
            }
            for (Watched watched : wallets.values()) {
                takeFound(watched, changes);
            }
        }
        tell(changes);
        return CoinRescan.Step.DONE;
    }

    private static void takeFound(Watched watched, List<Change> changes) {
        UtxoStore found = watched.found;
        if (found == null) {
            return;
        }
        UtxoStore before = watched.coins;
        watched.coins = found;
        watched.found = null;
        // What is wanted meanwhile and lies below has the next pass.
        watched.known = watched.foundFor;
        watched.foundFrom = NEVER;
        for (Utxo coin : found.unspent()) {
            if (before.find(coin.outPoint()).isEmpty()) {
                changes.add(new Change(watched.wallet, new UtxoEvent.Received(coin)));
            }
        }
    }
}
