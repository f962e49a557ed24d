package org.tutti.musig.keys;

/// Whose extended keys: the version bytes of BIP32.
public enum ExtendedKeyVersions {
    /// `xpub`, `xprv`.
    MAINNET(0x0488b21e, 0x0488ade4),
    /// `tpub`, `tprv`: every test network.
    TESTNET(0x043587cf, 0x04358394);

    private final int publicVersion;
    private final int privateVersion;

    ExtendedKeyVersions(int publicVersion, int privateVersion) {
        this.publicVersion = publicVersion;
        this.privateVersion = privateVersion;
    }

    int publicVersion() {
        return publicVersion;
    }

    int privateVersion() {
        return privateVersion;
    }
}
