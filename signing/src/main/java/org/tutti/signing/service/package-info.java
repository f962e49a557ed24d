/// The threads and streams around the engine: one event loop, one writer per peer, readers on the
/// streams' own threads. Start reading at [org.tutti.signing.service.SigningService].
@NullMarked
package org.tutti.signing.service;

import org.jspecify.annotations.NullMarked;
