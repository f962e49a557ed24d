/// `./tutti p2p`: libp2p alone, without signing keys. Start reading at `P2pCommand`.
@NullMarked
package org.tutti.app.p2p;

import org.jspecify.annotations.NullMarked;
