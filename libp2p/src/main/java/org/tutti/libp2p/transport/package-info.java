/// How bytes travel between two peers (libp2p/specs connections/README.md). Start reading at
/// [org.tutti.libp2p.io.ByteStream].
@NullMarked
package org.tutti.libp2p.transport;

import org.jspecify.annotations.NullMarked;
