/// Adverts, from advertising to being found (`./tutti bench discover`). Start reading at
/// [org.tutti.benchmarks.discover.DiscoverBench].
@NullMarked
package org.tutti.benchmarks.discover;

import org.jspecify.annotations.NullMarked;
