/// See ARCHITECTURE.md for the rooms of this module.
@NullMarked
package org.tutti.wallet;

import org.jspecify.annotations.NullMarked;
