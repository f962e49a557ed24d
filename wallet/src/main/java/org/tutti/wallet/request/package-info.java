/// Requests of the coordinator as a wallet understands them: what a PSBT really does, whether this
/// signer's rules allow it, and what becomes of it once it is signed.
///
/// Spec: BIP174, BIP370 and BIP371 (PSBT), BIP341 (sighash), BIP328 (derivation). Start reading at
/// [org.tutti.wallet.request.RequestTransaction], then [org.tutti.wallet.request.PsbtRequestPolicy]
/// and [org.tutti.wallet.request.SignedRequests].
@NullMarked
package org.tutti.wallet.request;

import org.jspecify.annotations.NullMarked;
