/// The light client against a real btcd: sync, broadcast, refusal, reorganisation, restart, relay
/// to a second btcd, fee filter.
///
/// Run by `interop/run-btcd-lightclient.sh`, which finds or installs btcd. Start reading at
/// [FullNodeChecks][org.tutti.interop.fullnode.FullNodeChecks].
@NullMarked
package org.tutti.interop.fullnode;

import org.jspecify.annotations.NullMarked;
