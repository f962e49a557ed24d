/// What is known of peers: where they listen, as their signed peer records say it (libp2p/specs
/// RFC/0003-routing-records.md), and what they said about themselves.
@NullMarked
package org.tutti.libp2p.peerstore;

import org.jspecify.annotations.NullMarked;
