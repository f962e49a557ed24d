/// Who is at the other end and what it speaks: `/ipfs/id/1.0.0` and `/ipfs/id/push/1.0.0`.
///
/// Spec: libp2p/specs identify/README.md. Start reading at `Identify`.
@NullMarked
package org.tutti.libp2p.identify;

import org.jspecify.annotations.NullMarked;
