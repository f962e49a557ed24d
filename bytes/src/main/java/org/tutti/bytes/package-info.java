/// The one immutable byte string that all modules share. Start reading at [org.tutti.bytes.Bytes].
@NullMarked
package org.tutti.bytes;

import org.jspecify.annotations.NullMarked;
