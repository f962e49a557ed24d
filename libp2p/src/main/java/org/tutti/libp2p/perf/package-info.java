/// How many bytes a second a connection carries: `/perf/1.0.0`, asking and answering. No host
/// answers it unless it is told to. Start reading at `Perf`.
///
/// Spec: libp2p/specs perf/perf.md.
@NullMarked
package org.tutti.libp2p.perf;

import org.jspecify.annotations.NullMarked;
