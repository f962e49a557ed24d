/// Yamux, `/yamux/1.0.0`: streams with flow control over one connection.
///
/// Spec: libp2p/specs yamux/README.md, which copies hashicorp/yamux spec.md. Start reading at
/// `YamuxEngine`, the rules without I/O; then `YamuxConnection`, which drives it.
@NullMarked
package org.tutti.libp2p.muxer.yamux;

import org.jspecify.annotations.NullMarked;
