/// How peers are reached: a transport gives connections that are authenticated and carry many
/// streams (libp2p/specs connections/README.md). Start reading at `Transport`.
@NullMarked
package org.tutti.libp2p.transport;

import org.jspecify.annotations.NullMarked;
