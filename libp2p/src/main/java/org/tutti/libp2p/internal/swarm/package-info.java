/// All connections of one host: listening and dialling, who may connect, how much anyone may use,
/// and the events that tell of it.
///
/// Spec: libp2p/specs connections/README.md. Start reading at `Swarm`, then `ConnectionTable` (who
/// is connected, a pure engine). How a connection gets its layers is in `internal.upgrade`; what
/// users see of a swarm is in [org.tutti.libp2p.swarm].
@NullMarked
package org.tutti.libp2p.internal.swarm;

import org.jspecify.annotations.NullMarked;
