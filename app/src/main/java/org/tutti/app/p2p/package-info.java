/// `./tutti p2p`: libp2p by itself, without keys to sign with. Start reading at `P2pCommand`.
@NullMarked
package org.tutti.app.p2p;

import org.jspecify.annotations.NullMarked;
