/// Handing our transactions to the network, and following them until they are in a block.
///
/// A pure engine. Spec: Bitcoin Core `src/net_processing.cpp` (inv, getdata, tx), BIP61 (reject).
///
/// Start reading at
/// [TransactionBroadcaster][org.tutti.lightclient.broadcast.TransactionBroadcaster].
@NullMarked
package org.tutti.lightclient.broadcast;

import org.jspecify.annotations.NullMarked;
