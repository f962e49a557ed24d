/// The entry point of the module: `Host.builder()` wires identity, transports, Noise, Yamux,
/// identify and ping with sensible defaults.
@NullMarked
package org.tutti.libp2p.host;

import org.jspecify.annotations.NullMarked;
