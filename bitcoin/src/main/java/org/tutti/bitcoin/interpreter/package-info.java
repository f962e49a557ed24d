/// Whether an input satisfies the output that it spends. Spec: BIP16, BIP141, BIP143, BIP341,
/// BIP342. The interpreter is bitcoin-kmp's: this is the only package that imports `fr.acinq`,
/// enforced by a test, and nothing of that library shows in a public signature, so that it can be
/// replaced in one place. Start reading at `ScriptInterpreter`.
@NullMarked
package org.tutti.bitcoin.interpreter;

import org.jspecify.annotations.NullMarked;
