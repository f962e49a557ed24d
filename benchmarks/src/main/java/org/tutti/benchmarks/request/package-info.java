/// Whole requests between strangers, from announcing to signatures (`./tutti bench request`). Start
/// reading at [org.tutti.benchmarks.request.RequestBench].
@NullMarked
package org.tutti.benchmarks.request;

import org.jspecify.annotations.NullMarked;
