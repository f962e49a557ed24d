package org.tutti.wallet.request;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.coordinator.message.RequestId;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.musig.keys.PublicKey;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoEvent;
import org.tutti.wallet.coins.UtxoState;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.coins.WalletException;

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
/// Blocks from before a request came are not searched: it states what it spends, and this signer
/// does not need to have seen it.
///
/// Threads: the light client's listener thread writes, others read and ask to follow. One lock
/// guards `wallets` and `tip`; coins have their own; the listener is told outside both.
public final class RequestCoins implements ChainListener, RequestChain {
    /// The most sets of keys whose coins are looked for: each output of each block is compared with
    /// each.
    public static final int MAX_KEY_SETS = 256;

    /// The most coins of one set of keys, spent ones included. A stranger pays fees for each.
    public static final int MAX_COINS = 1_000;

    private final Network network;
    private final BiConsumer<GroupWallet, UtxoEvent> listener;
    private final int maxKeySets;
    private final Map<Script, Watched> wallets = new LinkedHashMap<>();
    private int tip = -1;

    private record Watched(GroupWallet wallet, UtxoStore coins, Set<RequestId> users) {}

    /// @param listener told which coins came, went, or came back
    public RequestCoins(Network network, BiConsumer<GroupWallet, UtxoEvent> listener) {
        this(network, listener, MAX_KEY_SETS);
    }

    RequestCoins(Network network, BiConsumer<GroupWallet, UtxoEvent> listener, int maxKeySets) {
        this.network = network;
        this.listener = listener;
        this.maxKeySets = maxKeySets;
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
            Watched known = wallets.get(wallet.scriptPubKey());
            if (known == null) {
                if (wallets.size() >= maxKeySets) {
                    return Optional.empty();
                }
                known = new Watched(wallet, new UtxoStore(wallet, MAX_COINS), new HashSet<>());
                wallets.put(wallet.scriptPubKey(), known);
            }
            known.users().add(request);
            return Optional.of(known.wallet());
        }
    }

    /// The request is over.
    public synchronized void forget(RequestId request) {
        wallets.values().forEach(watched -> watched.users().remove(request));
        wallets.values().removeIf(watched -> watched.users().isEmpty());
    }

    /// The coins of a request's keys that nobody has spent, as far as blocks have shown them.
    public List<Utxo> unspent(RequestId request) {
        return watched().stream()
                .filter(watched -> watched.users().contains(request))
                .findFirst()
                .map(watched -> watched.coins().unspent())
                .orElse(List.of());
    }

    @Override
    public synchronized int tipHeight() {
        return tip;
    }

    @Override
    public Optional<UtxoState> find(OutPoint coin) {
        return watched().stream().flatMap(w -> w.coins().find(coin).stream()).findFirst();
    }

    private synchronized List<Watched> watched() {
        return wallets.values().stream()
                .map(w -> new Watched(w.wallet(), w.coins(), Set.copyOf(w.users())))
                .toList();
    }

    @Override
    public void blockConnected(int height, BlockHeader header, Block block) {
        synchronized (this) {
            tip = height;
        }
        for (Watched watched : watched()) {
            watched.coins()
                    .connect(height, block)
                    .forEach(event -> listener.accept(watched.wallet(), event));
        }
    }

    @Override
    public void blockDisconnected(int height, BlockHeader header) {
        synchronized (this) {
            tip = height - 1;
        }
        for (Watched watched : watched()) {
            // One that came later has not seen it.
            if (watched.coins().tipHeight() == height) {
                watched.coins()
                        .disconnect(height, header.previous())
                        .forEach(event -> listener.accept(watched.wallet(), event));
            }
        }
    }
}
