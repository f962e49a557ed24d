/// Is the other end alive, and how far away: `/ipfs/ping/1.0.0`.
///
/// Spec: libp2p/specs ping/ping.md. Start reading at `Ping`.
@NullMarked
package org.tutti.libp2p.ping;

import org.jspecify.annotations.NullMarked;
