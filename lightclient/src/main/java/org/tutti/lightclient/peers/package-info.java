/// One connection to a Bitcoin peer: handshake, faults, how long to wait before the next try.
///
/// Spec: Bitcoin Core `src/net_processing.cpp`, BIP14, BIP37, BIP60, BIP144. Start reading at
/// [Handshake][org.tutti.lightclient.peers.Handshake], then
/// [PeerLink][org.tutti.lightclient.peers.PeerLink].
@NullMarked
package org.tutti.lightclient.peers;

import org.jspecify.annotations.NullMarked;
