/// The threads around the engine: one loop, one writer per peer, readers on the streams' own
/// threads. Start reading at `SigningService`.
@NullMarked
package org.tutti.signing.service;

import org.jspecify.annotations.NullMarked;
