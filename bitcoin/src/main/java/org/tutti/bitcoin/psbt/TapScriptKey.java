package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.XOnlyPublicKey;

/// Whose signature it is, and for which leaf (BIP371 `PSBT_IN_TAP_SCRIPT_SIG`).
///
/// @param key that stands in the leaf's script
/// @param leafHash 32 bytes (BIP341)
public record TapScriptKey(XOnlyPublicKey key, Bytes leafHash) {
    /// @throws IllegalArgumentException for a hash of another length
    public TapScriptKey {
        leafHash.requireLength(32, "a leaf hash");
    }
}
