package org.tutti.bitcoin.network;

/// Heights from which the soft forks apply.
///
/// @param bip34 height in the coinbase
/// @param bip65 OP_CHECKLOCKTIMEVERIFY
/// @param bip66 strict DER
/// @param csv BIP68, BIP112, BIP113
/// @param segwit BIP141, BIP143, BIP147
public record SoftForks(int bip34, int bip65, int bip66, int csv, int segwit) {
    /// All apply from the first block after genesis on.
    public static final SoftForks FROM_START = new SoftForks(1, 1, 1, 1, 1);
}
