/// `/ipfs/id/1.0.0` and `/ipfs/id/push/1.0.0`: asking, answering, and telling when the answer
/// changes.
///
/// Spec: libp2p/specs identify/README.md. Start reading at `Identify`.
@NullMarked
package org.tutti.libp2p.internal.identify;

import org.jspecify.annotations.NullMarked;
