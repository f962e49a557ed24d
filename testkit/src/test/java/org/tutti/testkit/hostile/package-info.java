/// Strangers who mean harm, against a whole host over sockets.
@NullMarked
package org.tutti.testkit.hostile;

import org.jspecify.annotations.NullMarked;
