/// Small programs that are compiled, run by a test, and quoted by the docs.
@NullMarked
package org.tutti.examples;

import org.jspecify.annotations.NullMarked;
