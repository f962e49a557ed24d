/// Whether an input satisfies the output that it spends. Spec: BIP16, BIP65, BIP66, BIP112, BIP141,
/// BIP143, BIP147, BIP341, BIP342, and where they are silent Bitcoin Core's `interpreter.cpp`,
/// which is what the network runs: `interop` compares the two on random scripts, by verdict and by
/// error.
///
/// Start reading at `ScriptInterpreter`, then `InputVerifier` (which scripts are run) and
/// `ScriptExecution` (how).
@NullMarked
package org.tutti.bitcoin.interpreter;

import org.jspecify.annotations.NullMarked;
