/// Whether a proof from somebody else holds in our own best chain, and deep enough for us.
///
/// [org.tutti.bitcoin.proof] says what a proof is and what it shows of a block. Start reading at
/// [org.tutti.lightclient.proof.ProofVerifier].
@NullMarked
package org.tutti.lightclient.proof;

import org.jspecify.annotations.NullMarked;
