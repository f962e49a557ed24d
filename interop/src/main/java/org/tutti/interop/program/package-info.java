/// Programs in other languages that answer questions, one a line.
@NullMarked
package org.tutti.interop.program;

import org.jspecify.annotations.NullMarked;
