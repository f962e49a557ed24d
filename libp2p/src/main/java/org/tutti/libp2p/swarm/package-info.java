/// What the user of a host sees of its connections: `Connection` and `Stream`, who may connect, how
/// much anyone may use, events and failures.
///
/// Start reading at `Connection`. What is behind it is in `internal.swarm`.
@NullMarked
package org.tutti.libp2p.swarm;

import org.jspecify.annotations.NullMarked;
