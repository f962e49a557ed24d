package org.tutti.bitcoin.network;

/// What addresses and single private keys start with.
///
/// @param hrp human-readable part of segwit addresses, lower case
/// @param p2pkh version byte of base58 addresses that pay a key hash, 0 to 255
/// @param p2sh version byte of base58 addresses that pay a script hash, 0 to 255
/// @param wif version byte of private keys, 0 to 255
public record AddressPrefixes(String hrp, int p2pkh, int p2sh, int wif) {
    /// @throws IllegalArgumentException if `hrp` is empty, or a version does not fit a byte
    public AddressPrefixes {
        if (hrp.isEmpty() || !isByte(p2pkh) || !isByte(p2sh) || !isByte(wif)) {
            throw new IllegalArgumentException(
                    "not prefixes: \"" + hrp + "\", " + p2pkh + ", " + p2sh + ", " + wif);
        }
    }

    private static boolean isByte(int value) {
        return value >= 0 && value <= 0xff;
    }
}
