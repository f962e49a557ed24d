/// The adapter to bitcoin-kmp's script interpreter: the only package that imports `fr.acinq`,
/// enforced by a test.
///
/// Nothing of that library shows in a signature, so that it can be replaced in one place. Start
/// reading at [org.tutti.bitcoin.script.kmp.KmpInterpreter].
@NullMarked
package org.tutti.bitcoin.script.kmp;

import org.jspecify.annotations.NullMarked;
