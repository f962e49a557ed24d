/// Handing our transactions to the network, following them until they are in a block, and saying
/// what is known of them and no more.
///
/// A pure engine. Spec: Bitcoin Core `src/net_processing.cpp` (inv, getdata, tx), BIP37 (relay),
/// BIP61 (reject), BIP133 (feefilter), BIP339 (wtxidrelay).
///
/// | event | what is known |
/// |---|---|
/// | announced | we told a peer. Nothing about the peer |
/// | held back | we did not tell a peer, to see whether it hears of it |
/// | requested | a peer asked, and got it. It may have dropped it since |
/// | accepted | a peer that got it from us serves it back |
/// | seen | a peer that did not get it from us has it: it was relayed |
/// | confirmed, conflicted | a block that we checked has it, or spends one of its inputs otherwise |
/// | unseen | nobody asked in time |
///
/// Start reading at
/// [TransactionBroadcaster][org.tutti.lightclient.internal.broadcast.TransactionBroadcaster].
@NullMarked
package org.tutti.lightclient.broadcast;

import org.jspecify.annotations.NullMarked;
