/// Reading the official vectors, and saying how many of their cases ran where.
@NullMarked
package org.tutti.musig.vectors;

import org.jspecify.annotations.NullMarked;
