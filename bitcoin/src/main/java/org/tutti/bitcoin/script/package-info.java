/// Scripts: the standard outputs, and whether an input satisfies the output that it spends.
///
/// Spec: BIP16, BIP141, BIP143, BIP341, BIP342. The interpreter is bitcoin-kmp's, behind
/// `script.kmp`, the only package that knows that library. Start reading at
/// [org.tutti.bitcoin.script.ScriptInterpreter].
@NullMarked
package org.tutti.bitcoin.script;

import org.jspecify.annotations.NullMarked;
