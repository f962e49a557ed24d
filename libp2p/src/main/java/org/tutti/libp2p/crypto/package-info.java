/// Identity keys and signed envelopes (libp2p/specs peer-ids/peer-ids.md,
/// RFC/0002-signed-envelopes.md).
@NullMarked
package org.tutti.libp2p.crypto;

import org.jspecify.annotations.NullMarked;
