/// Our script interpreter against Bitcoin Core's own script code, by seeded random spends of every
/// kind of output under every kind of flags (`interop/run-core-script.sh`). Core's answers come
/// from `interop/core-script`.
///
/// Start reading at `ScriptComparison`, then `CaseGenerator`.
@NullMarked
package org.tutti.interop.script;

import org.jspecify.annotations.NullMarked;
