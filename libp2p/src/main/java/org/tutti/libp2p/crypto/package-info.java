/// Identity keys and signed envelopes (libp2p/specs peer-ids/peer-ids.md,
/// RFC/0002-signed-envelopes.md), and the X25519 that handshakes use.
///
/// Start reading at [org.tutti.libp2p.crypto.PublicKey] and
/// [org.tutti.libp2p.crypto.SignedEnvelope]; [org.tutti.libp2p.crypto.Curve25519] says which
/// library computes.
@NullMarked
package org.tutti.libp2p.crypto;

import org.jspecify.annotations.NullMarked;
