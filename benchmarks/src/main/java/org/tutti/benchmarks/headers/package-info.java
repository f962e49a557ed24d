/// How fast headers are checked and stored, how fast a stored chain is opened, and what it takes in
/// memory.
@NullMarked
package org.tutti.benchmarks.headers;

import org.jspecify.annotations.NullMarked;
