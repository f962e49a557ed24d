package org.tutti.wallet.coins;

import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.KeySort;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.taproot.TapTweak;
import org.tutti.musig.taproot.TaprootOutput;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// The wallet `tr(musig(all keys))`: one address, spent by its key path by all signers together.
///
/// The internal key is BIP327's KeyAgg of the sorted keys; the output key is tweaked by it alone
/// (BIP341: an output without scripts commits to that, so nobody can have hidden one). Every signer
/// computes the same from the same set of keys.
///
/// @param keys in KeySort order, no two equal
/// @param output internal key, tweak and output key
/// @param address of the output
public record GroupWallet(List<PublicKey> keys, TaprootOutput output, Address address) {
    /// The least number of signers.
    public static final int MIN_KEYS = 2;

    public GroupWallet {
        keys = List.copyOf(keys);
    }

    /// The wallet of a set of signing keys, in any order.
    ///
    /// @throws WalletException for fewer than two keys or a key that is there twice
    public static GroupWallet of(List<PublicKey> keys, Network network) throws WalletException {
        if (keys.size() < MIN_KEYS) {
            throw new WalletException(
                    WalletException.Code.TOO_FEW_KEYS,
                    "a group has at least " + MIN_KEYS + " keys, not " + keys.size());
        }
        if (new HashSet<>(keys).size() < keys.size()) {
            throw new WalletException(
                    WalletException.Code.DUPLICATE_KEY, "a signing key is in the group twice");
        }
        List<PublicKey> sorted = KeySort.sort(keys);
        try {
            XOnlyPublicKey internal = KeyAggContext.of(sorted).xOnlyKey();
            TaprootOutput output = TapTweak.output(internal, Optional.empty());
            return new GroupWallet(
                    sorted, output, Address.of(Script.of(output.scriptPubKey()), network));
        } catch (KeyException | AddressException e) {
            throw new WalletException(
                    WalletException.Code.NO_AGGREGATE,
                    "these keys have no aggregate key: " + e.getMessage());
        }
    }

    /// The aggregate key before the Taproot tweak.
    public XOnlyPublicKey internalKey() {
        return output.internalKey();
    }

    /// The key on the chain, under which the final signature verifies.
    public XOnlyPublicKey outputKey() {
        return output.outputKey();
    }

    /// The 34 bytes that an output to the group carries.
    public Script scriptPubKey() {
        return address.scriptPubKey();
    }

    public Network network() {
        return address.network();
    }

    /// Whether an output with this script belongs to the group.
    public boolean owns(Script script) {
        return scriptPubKey().equals(script);
    }
}
