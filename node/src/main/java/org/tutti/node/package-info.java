/// See ARCHITECTURE.md for the rooms of this module.
@NullMarked
package org.tutti.node;

import org.jspecify.annotations.NullMarked;
