package org.tutti.bitcoin.psbt;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.WireWriter;

/// One key and its value, as they stand in a map of a PSBT.
///
/// @param type BIP174's `keytype`, 0 to 2^63 - 1
/// @param keyData what follows the type in the key; empty for most types
/// @param value BIP174's `valuedata`
public record PsbtField(long type, Bytes keyData, Bytes value) {
    /// BIP174 `PSBT_GLOBAL_PROPRIETARY`, `PSBT_IN_PROPRIETARY`, `PSBT_OUT_PROPRIETARY`.
    public static final long PROPRIETARY = 0xfc;

    /// @throws IllegalArgumentException for a negative type
    public PsbtField {
        if (type < 0) {
            throw new IllegalArgumentException("not a type of a field: " + type);
        }
    }

    /// The whole key: the type as CompactSize, then its data.
    Bytes key() {
        return key(type, keyData);
    }

    static Bytes key(long type, Bytes keyData) {
        return new WireWriter(keyData.length() + 9).compactSize(type).bytes(keyData).toBytes();
    }
}
