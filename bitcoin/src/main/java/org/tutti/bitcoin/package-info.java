/// Bitcoin without I/O: transactions, signature hashes, scripts, addresses, headers and Merkle
/// proofs. This package is empty; its subpackages are, lowest first:
///
/// - `codec`: bounded reading and writing
/// - `units`: money and weight
/// - `hash`: transaction ids, block hashes, Merkle nodes
/// - `script`: scripts and their standard forms
/// - `tx`: transactions, sequence numbers, lock times, the Taproot sighash
/// - `block`: headers, proof of work, Merkle trees and proofs
/// - `proof`: proofs of inclusion that come from others
/// - `network`: what differs between mainnet, the test networks and regtest, as data
/// - `address`: scripts as people write them
/// - `interpreter`: whether an input satisfies the output that it spends
/// - `psbt`: a transaction with what its signers need to know
///
/// What is planned enters above these. Descriptors make a [Script][org.tutti.bitcoin.script.Script]
/// out of keys, with the [Network][org.tutti.bitcoin.network.Network]'s versions of extended keys.
/// Nothing in the list depends on them.
///
/// Start reading at [Transaction][org.tutti.bitcoin.tx.Transaction].
@NullMarked
package org.tutti.bitcoin;

import org.jspecify.annotations.NullMarked;
