/// Many streams over one secured connection.
///
/// Spec: libp2p/specs connections/README.md ("Multiplexing"). Start reading at `MuxedConnection`,
/// then `yamux`.
@NullMarked
package org.tutti.libp2p.muxer;

import org.jspecify.annotations.NullMarked;
