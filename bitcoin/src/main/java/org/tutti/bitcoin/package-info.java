/// Bitcoin without I/O: transactions, signature hashes, scripts, addresses, headers and Merkle
/// proofs.
///
/// The rooms, lowest first: `codec` (bounded reading and writing), `units` (money and weight), `tx`
/// (transactions and the Taproot sighash), `script` (which scripts pay whom, and the interpreter),
/// `network` (parameters), `address`, `block`. Start reading at [org.tutti.bitcoin.tx.Transaction].
@NullMarked
package org.tutti.bitcoin;

import org.jspecify.annotations.NullMarked;
