/// Simulated networks of thousands of nodes, and the reports on them.
@NullMarked
package org.tutti.benchmarks.simulation;

import org.jspecify.annotations.NullMarked;
