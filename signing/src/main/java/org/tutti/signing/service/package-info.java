/// The threads and streams around the engines of all groups: one event loop, one journal, one
/// writer per peer, readers on the streams' own threads. Start reading at
/// [org.tutti.signing.service.SigningService].
@NullMarked
package org.tutti.signing.service;

import org.jspecify.annotations.NullMarked;
