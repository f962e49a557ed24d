/// Measurements that anyone can repeat: what is measured warms up first, says for how long, and
/// says what it ran on ([Machine]).
@NullMarked
package org.tutti.benchmarks;

import org.jspecify.annotations.NullMarked;
