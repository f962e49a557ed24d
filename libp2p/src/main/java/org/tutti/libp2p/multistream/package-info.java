/// Agreeing on a protocol (multistream-select 1.0, libp2p/specs
/// connections/README.md#multistream-select).
///
/// Start reading at [org.tutti.libp2p.multistream.Multistream], which drives the two pure state
/// machines over a stream.
@NullMarked
package org.tutti.libp2p.multistream;

import org.jspecify.annotations.NullMarked;
