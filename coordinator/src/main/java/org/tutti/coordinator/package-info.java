/// See ARCHITECTURE.md for the rooms of this module.
@NullMarked
package org.tutti.coordinator;

import org.jspecify.annotations.NullMarked;
