/// See ARCHITECTURE.md for the rooms of this module.
@NullMarked
package org.tutti.lightclient;

import org.jspecify.annotations.NullMarked;
