/// Agreeing on a protocol (multistream-select 1.0, libp2p/specs
/// connections/README.md#multistream-select).
///
/// Pure: bytes in, bytes out. Start reading at `Negotiation`; `internal.upgrade` drives it over raw
/// connections, secured connections and streams, and decides which of its bytes travel together
/// with others.
@NullMarked
package org.tutti.libp2p.internal.multistream;

import org.jspecify.annotations.NullMarked;
