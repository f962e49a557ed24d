/// Partially signed Bitcoin transactions: what signers, and the programs between them, hand each
/// other until a transaction is complete.
///
/// Spec: BIP174 (the format, version 0, the roles), BIP370 (version 2), BIP371 (Taproot), BIP373
/// (MuSig2). A PSBT is a list of maps: one global, one for each input, one for each output.
/// Whatever is in them is kept in the order in which it came, known or not; what is known is
/// checked when it is read. Start reading at [org.tutti.bitcoin.psbt.Psbt].
@NullMarked
package org.tutti.bitcoin.psbt;

import org.jspecify.annotations.NullMarked;
