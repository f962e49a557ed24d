/// What several modules need and the JDK has not: the one immutable byte string, a bounded map, a
/// token bucket, and how long to wait before the next try. Uses the JDK alone.
@NullMarked
package org.tutti.base;

import org.jspecify.annotations.NullMarked;
