/// The network of one host: listening and dialling, upgrading each connection through security and
/// muxer, who may connect, how much anyone may use, and the events that tell of it.
///
/// Spec: libp2p/specs connections/README.md. Start reading at `Swarm`, then `Upgrader` (one
/// connection from socket to streams) and `ConnectionTable` (who is connected, a pure engine).
@NullMarked
package org.tutti.libp2p.swarm;

import org.jspecify.annotations.NullMarked;
