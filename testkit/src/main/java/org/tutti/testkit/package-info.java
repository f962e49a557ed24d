/// See ARCHITECTURE.md for the rooms of this module.
@NullMarked
package org.tutti.testkit;

import org.jspecify.annotations.NullMarked;
