/// How buffers count against the memory of a connection.
@NullMarked
package org.tutti.libp2p.internal.memory;

import org.jspecify.annotations.NullMarked;
