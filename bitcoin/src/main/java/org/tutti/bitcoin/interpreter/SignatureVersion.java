package org.tutti.bitcoin.interpreter;

/// Which rules a script is run by (Bitcoin Core `SigVersion`). Core's fourth, a Taproot spend by
/// its key, runs no script.
enum SignatureVersion {
    /// Outputs before segwit, and what P2SH wraps.
    BASE,
    /// P2WPKH and P2WSH (BIP141, BIP143).
    WITNESS_V0,
    /// A leaf of a Taproot output (BIP342).
    TAPSCRIPT
}
