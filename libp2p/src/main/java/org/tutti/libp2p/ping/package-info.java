/// Is the other end alive, and how far away: what `Host.ping` and `Host.openPing` give and throw.
///
/// Spec: libp2p/specs ping/ping.md. Every host answers pings.
@NullMarked
package org.tutti.libp2p.ping;

import org.jspecify.annotations.NullMarked;
