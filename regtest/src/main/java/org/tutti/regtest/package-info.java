/// See ARCHITECTURE.md for the rooms of this module.
@NullMarked
package org.tutti.regtest;

import org.jspecify.annotations.NullMarked;
