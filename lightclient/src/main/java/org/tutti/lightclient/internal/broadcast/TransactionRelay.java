package org.tutti.lightclient.internal.broadcast;

/// What a peer said in its handshake of how it wants transactions.
///
/// @param takes whether it takes any (`relay` in its `version`, BIP37): a node with `-blocksonly`
///   disconnects whoever sends or announces one
/// @param byWtxid whether both sides said `wtxidrelay` (BIP339): Bitcoin Core then ignores txids
public record TransactionRelay(boolean takes, boolean byWtxid) {
    /// Takes none.
    public static final TransactionRelay NONE = new TransactionRelay(false, false);
}
