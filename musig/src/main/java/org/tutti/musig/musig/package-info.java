/// BIP327: MuSig2. One object per round, and each round's result is the only way into the next.
///
/// [KeyAggContext] (keys and tweaks) → [NonceGenerator] (round one: a [NoncePair]) →
/// [AggregateNonce] → [SigningSession] (round two: [PartialSignature]s, checked and added up).
///
/// A [SecretNonce] signs once: the attempt to sign consumes it, whatever comes of it.
@NullMarked
package org.tutti.musig.musig;

import org.jspecify.annotations.NullMarked;
