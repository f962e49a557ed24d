/// Who a peer is: identity keys and peer ids (libp2p/specs peer-ids/peer-ids.md), and signed
/// envelopes (RFC/0002-signed-envelopes.md). Start reading at `PeerId` and `Keys`.
@NullMarked
package org.tutti.libp2p.identity;

import org.jspecify.annotations.NullMarked;
