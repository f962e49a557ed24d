/// The light client against real full nodes, btcd and Bitcoin Core: sync, broadcast, refusal,
/// reorganisation, restart, relay to a second node, fee filter.
///
/// Run by `interop/run-btcd-lightclient.sh`, which finds or installs btcd, and by
/// `interop/run-bitcoind.sh`. Start reading at
/// [FullNodeChecks][org.tutti.interop.fullnode.FullNodeChecks].
@NullMarked
package org.tutti.interop.fullnode;

import org.jspecify.annotations.NullMarked;
