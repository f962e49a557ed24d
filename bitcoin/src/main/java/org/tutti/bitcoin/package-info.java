/// See ARCHITECTURE.md for the rooms of this module.
@NullMarked
package org.tutti.bitcoin;

import org.jspecify.annotations.NullMarked;
