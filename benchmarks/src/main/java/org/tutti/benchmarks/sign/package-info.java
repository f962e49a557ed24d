/// Whole signing sessions between real nodes (`./tutti bench sign`). Start reading at
/// [org.tutti.benchmarks.sign.SignBench].
@NullMarked
package org.tutti.benchmarks.sign;

import org.jspecify.annotations.NullMarked;
