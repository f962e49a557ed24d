package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;

/// The key of a field whose meaning its user defines (BIP174, "Proprietary Use Type").
///
/// @param identifier tells users apart
/// @param subtype the user's own type, 0 to 2^63 - 1
/// @param keyData the user's own key
public record Proprietary(Bytes identifier, long subtype, Bytes keyData) {
    /// @throws IllegalArgumentException for a negative subtype
    public Proprietary {
        if (subtype < 0) {
            throw new IllegalArgumentException("not a subtype: " + subtype);
        }
    }
}
