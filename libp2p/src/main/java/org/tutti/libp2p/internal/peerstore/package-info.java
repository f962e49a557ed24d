/// What a host remembers of peers. Start reading at `PeerStore`.
@NullMarked
package org.tutti.libp2p.internal.peerstore;

import org.jspecify.annotations.NullMarked;
