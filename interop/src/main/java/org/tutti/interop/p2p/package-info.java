/// Tutti's own peer for `interop/run-libp2p.sh`, the counterpart of `interop/go-libp2p` and
/// `interop/rust-libp2p`: what it says and checks stands in `interop/PEERS.md`.
///
/// Start reading at `Peer`.
@NullMarked
package org.tutti.interop.p2p;

import org.jspecify.annotations.NullMarked;
