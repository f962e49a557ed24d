/// Scripts, and the standard forms of outputs (BIP16, BIP141, BIP341). Start reading at
/// [org.tutti.bitcoin.script.Script]; running a script is the interpreter's.
@NullMarked
package org.tutti.bitcoin.script;

import org.jspecify.annotations.NullMarked;
