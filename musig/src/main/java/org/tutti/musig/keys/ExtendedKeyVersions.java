package org.tutti.musig.keys;

import org.tutti.base.Bytes;

import java.util.List;

/// What the text of extended keys starts with (BIP32): which network they are for.
///
/// @param publicVersion 4 bytes before a public key
/// @param privateVersion 4 bytes before a private key
public record ExtendedKeyVersions(Bytes publicVersion, Bytes privateVersion) {
    /// Bytes of a version.
    public static final int LENGTH = 4;

    /// `xpub`, `xprv`.
    public static final ExtendedKeyVersions MAINNET =
            new ExtendedKeyVersions(Bytes.fromHex("0488b21e"), Bytes.fromHex("0488ade4"));

    /// `tpub`, `tprv`: every test network.
    public static final ExtendedKeyVersions TESTNET =
            new ExtendedKeyVersions(Bytes.fromHex("043587cf"), Bytes.fromHex("04358394"));

    private static final List<ExtendedKeyVersions> ALL = List.of(MAINNET, TESTNET);

    /// @throws IllegalArgumentException if a version does not have 4 bytes, or both are the same
    public ExtendedKeyVersions {
        publicVersion.requireLength(LENGTH, "version of public keys");
        privateVersion.requireLength(LENGTH, "version of private keys");
        if (publicVersion.equals(privateVersion)) {
            throw new IllegalArgumentException(
                    "public and private keys cannot have the same version " + publicVersion);
        }
    }

    /// Those of the Bitcoin networks, which are what texts are read with.
    public static List<ExtendedKeyVersions> all() {
        return ALL;
    }
}
