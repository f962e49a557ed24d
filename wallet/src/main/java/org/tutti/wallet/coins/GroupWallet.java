package org.tutti.wallet.coins;

import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.musig.keys.Bip328;
import org.tutti.musig.keys.ExtendedKeyVersions;
import org.tutti.musig.keys.ExtendedPublicKey;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.KeySort;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.taproot.TapTweak;
import org.tutti.musig.taproot.TaprootOutput;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/// The wallet of a set of keys that are spent by their key path by all signers together: either
/// `tr(musig(all keys))`, which has one address, or `tr(musig(all keys)/<0;1>/*)` (BIP389), which
/// has one branch of addresses that others pay to and one that its own change goes to.
///
/// The aggregate key is BIP327's KeyAgg of the sorted keys; an address of a branch has the key
/// derived from it along its path (BIP328); the output key is tweaked by that alone (BIP341: an
/// output without scripts commits to that, so nobody can have hidden one). Every signer computes
/// the same from the same set of keys.
///
/// Which scripts are the wallet's is fixed when it is made, and follows from nothing that a node
/// learns later: the same transaction leaves the same to others before a restart and after it,
/// however much of the chain is known (SIGNING-SAFETY 27).
///
/// Immutable.
public final class GroupWallet {
    /// The least number of signers.
    public static final int MIN_KEYS = 2;

    /// How many addresses each branch has, as many as Bitcoin Core derives of an imported
    /// descriptor. Coins at others are not seen.
    public static final int BRANCH_ADDRESSES = 1_000;

    private static final int RECEIVE = 0;
    private static final int CHANGE = 1;

    private final List<PublicKey> keys;
    private final Network network;
    private final TaprootOutput output;

    /// What others pay to, by number.
    private final List<Script> receive;

    /// Where change goes, by number; without branches the same.
    private final List<Script> change;

    private final Map<Script, List<Integer>> paths = new HashMap<>();

    private GroupWallet(List<PublicKey> keys, Network network, boolean isDerived)
            throws KeyException {
        this.keys = keys;
        this.network = network;
        KeyAggContext aggregate = KeyAggContext.of(keys);
        if (isDerived) {
            ExtendedPublicKey root =
                    Bip328.syntheticKey(aggregate.aggregateKey(), ExtendedKeyVersions.MAINNET);
            ExtendedPublicKey toReceive = root.child(RECEIVE).key();
            this.output = output(toReceive, 0);
            this.receive = branch(toReceive, RECEIVE);
            this.change = branch(root.child(CHANGE).key(), CHANGE);
        } else {
            this.output = TapTweak.output(aggregate.xOnlyKey(), Optional.empty());
            this.receive = List.of(Script.of(output.scriptPubKey()));
            this.change = receive;
            paths.put(receive.getFirst(), List.of());
        }
    }

    private static TaprootOutput output(ExtendedPublicKey branch, int number) throws KeyException {
        return TapTweak.output(branch.child(number).key().publicKey().xOnly(), Optional.empty());
    }

    private List<Script> branch(ExtendedPublicKey branch, int which) throws KeyException {
        List<Script> scripts = new ArrayList<>();
        for (int i = 0; i < BRANCH_ADDRESSES; i++) {
            Script script = Script.of(output(branch, i).scriptPubKey());
            scripts.add(script);
            paths.put(script, List.of(which, i));
        }
        return List.copyOf(scripts);
    }

    /// The wallet with one address of a set of signing keys, in any order.
    ///
    /// @throws WalletException for fewer than two keys or a key that is there twice
    public static GroupWallet of(List<PublicKey> keys, Network network) throws WalletException {
        return of(keys, network, /* isDerived= */ false);
    }

    /// The wallet with two branches of addresses: 0.3 MB, and 0.15 s of a core to derive them.
    ///
    /// @throws WalletException as [#of]
    public static GroupWallet derived(List<PublicKey> keys, Network network)
            throws WalletException {
        return of(keys, network, /* isDerived= */ true);
    }

    private static GroupWallet of(List<PublicKey> keys, Network network, boolean isDerived)
            throws WalletException {
        if (keys.size() < MIN_KEYS) {
            throw new WalletException(
                    WalletException.Code.TOO_FEW_KEYS,
                    "a group has at least " + MIN_KEYS + " keys, not " + keys.size());
        }
        if (new HashSet<>(keys).size() < keys.size()) {
            throw new WalletException(
                    WalletException.Code.DUPLICATE_KEY, "a signing key is in the group twice");
        }
        try {
            return new GroupWallet(KeySort.sort(keys), network, isDerived);
        } catch (KeyException e) {
            throw new WalletException(
                    WalletException.Code.NO_AGGREGATE,
                    "these keys have no aggregate key: " + e.getMessage());
        }
    }

    /// In KeySort order, no two equal.
    public List<PublicKey> keys() {
        return keys;
    }

    public Network network() {
        return network;
    }

    /// Internal key, tweak and output key of the first address.
    public TaprootOutput output() {
        return output;
    }

    /// The key of the first address before the Taproot tweak: where it is the only one, the
    /// aggregate key.
    public XOnlyPublicKey internalKey() {
        return output.internalKey();
    }

    /// The key of the first address on the chain, under which the final signature verifies.
    public XOnlyPublicKey outputKey() {
        return output.outputKey();
    }

    /// The 34 bytes that an output to the first address carries.
    public Script scriptPubKey() {
        return receive.getFirst();
    }

    /// The first that others pay to; where there are no branches, the only one.
    public Address address() {
        return address(scriptPubKey());
    }

    /// The address with this script.
    ///
    /// @throws IllegalArgumentException if it is not the wallet's
    public Address address(Script script) {
        if (!owns(script)) {
            throw new IllegalArgumentException("not a script of this wallet");
        }
        try {
            return Address.of(script, network);
        } catch (AddressException e) {
            throw new IllegalStateException(e); // Every Taproot output has one.
        }
    }

    /// Whether an output with this script belongs to the group.
    public boolean owns(Script script) {
        return paths.containsKey(script);
    }

    /// How the key of an output is derived from the aggregate key (BIP328): branch and number, or
    /// nothing on the way to the only address.
    ///
    /// @return nothing if the output is not the group's
    public Optional<List<Integer>> path(Script script) {
        return Optional.ofNullable(paths.get(script));
    }

    /// Internal key, tweak and output key of an output of the group's.
    ///
    /// @throws IllegalArgumentException if it is not
    public TaprootOutput output(Script script) {
        List<Integer> path =
                path(script)
                        .orElseThrow(
                                () -> new IllegalArgumentException("not a script of this wallet"));
        try {
            return path.isEmpty()
                    ? output
                    : output(
                            Bip328.syntheticKey(
                                            KeyAggContext.of(keys).aggregateKey(),
                                            ExtendedKeyVersions.MAINNET)
                                    .child(path.getFirst())
                                    .key(),
                            path.getLast());
        } catch (KeyException e) {
            throw new IllegalStateException("a key that was derived before", e);
        }
    }

    /// What the next payer should pay to: the first address that is not used, or the last one when
    /// all are.
    public Script freshReceive(Predicate<Script> isUsed) {
        return fresh(receive, isUsed);
    }

    /// Where the change of the next payment should go, in the same way.
    public Script freshChange(Predicate<Script> isUsed) {
        return fresh(change, isUsed);
    }

    private static Script fresh(List<Script> branch, Predicate<Script> isUsed) {
        return branch.stream()
                .filter(script -> !isUsed.test(script))
                .findFirst()
                .orElse(branch.getLast());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GroupWallet wallet
                && wallet.network.equals(network)
                && wallet.keys.equals(keys)
                && wallet.scriptPubKey().equals(scriptPubKey());
    }

    @Override
    public int hashCode() {
        return Objects.hash(network, keys, scriptPubKey());
    }

    @Override
    public String toString() {
        return "wallet of " + keys.size() + " keys, " + address();
    }
}
