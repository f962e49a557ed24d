/// A running node: the one place that knows every module and wires them. Start reading at
/// [org.tutti.node.daemon.Node].
@NullMarked
package org.tutti.node.daemon;

import org.jspecify.annotations.NullMarked;
