/// Messages as bytes: statements in their signatures, and what one stream carries.
@NullMarked
package org.tutti.coordinator.internal.wire;

import org.jspecify.annotations.NullMarked;
