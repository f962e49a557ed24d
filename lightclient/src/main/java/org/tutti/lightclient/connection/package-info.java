/// One connection between two Bitcoin peers, from either side: messages over a socket, the exchange
/// of `version` and `verack`, and why it ended. The regtest fixture uses the same. Spec: Bitcoin
/// Core `src/net_processing.cpp`, BIP14, BIP37, BIP60, BIP144. Start reading at `Handshake`, then
/// `PeerConnection`.
@NullMarked
package org.tutti.lightclient.connection;

import org.jspecify.annotations.NullMarked;
