/// Transactions and what their signers sign.
///
/// Spec: BIP144 (serialisation with witness), BIP141 (wtxid, weight), BIP341 and BIP342 (signature
/// hashes). Start reading at [org.tutti.bitcoin.tx.Transaction], then
/// [org.tutti.bitcoin.tx.TaprootSighash].
@NullMarked
package org.tutti.bitcoin.tx;

import org.jspecify.annotations.NullMarked;
