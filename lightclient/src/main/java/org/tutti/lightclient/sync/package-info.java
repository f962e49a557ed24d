/// Following the chain: headers first, then whole blocks from the birthday on, each checked before
/// the listener is told of it.
///
/// The engine ([SyncEngine]) is pure: inputs and the time go in, outputs come out. [LightClient]
/// drives it with sockets and virtual threads. What this client checks and what it cannot is said
/// at [LightClient].
///
/// Start reading at [LightClient][org.tutti.lightclient.sync.LightClient], then
/// [SyncEngine][org.tutti.lightclient.sync.SyncEngine].
@NullMarked
package org.tutti.lightclient.sync;

import org.jspecify.annotations.NullMarked;
