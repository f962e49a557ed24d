/// X25519 and Ed25519 by the fastest library that works on this machine, for identity keys and for
/// Noise. Internal: no other module uses it.
@NullMarked
package org.tutti.libp2p.internal.curve25519;

import org.jspecify.annotations.NullMarked;
