/// `./tutti p2p`: libp2p by itself, without keys to sign with. Start reading at `P2pCommand`.
@NullMarked
package org.tutti.node.cli.p2p;

import org.jspecify.annotations.NullMarked;
