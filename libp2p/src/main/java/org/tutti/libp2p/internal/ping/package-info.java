/// `/ipfs/ping/1.0.0`: asking and answering.
///
/// Spec: libp2p/specs ping/ping.md. Start reading at `Ping`.
@NullMarked
package org.tutti.libp2p.internal.ping;

import org.jspecify.annotations.NullMarked;
