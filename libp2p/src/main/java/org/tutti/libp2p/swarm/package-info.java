/// The network of one host: listening and dialling, who may connect, how much anyone may use, and
/// the events that tell of it.
///
/// Spec: libp2p/specs connections/README.md. Start reading at `Swarm`, then `ConnectionTable` (who
/// is connected, a pure engine). How a connection gets its layers is in `upgrade`.
@NullMarked
package org.tutti.libp2p.swarm;

import org.jspecify.annotations.NullMarked;
