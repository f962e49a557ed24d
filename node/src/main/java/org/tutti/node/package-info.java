/// A signing node as a library: configuration, keys, what a running node is asked, and the daemon
/// that wires it. Start reading at [org.tutti.node.daemon.Node].
@NullMarked
package org.tutti.node;

import org.jspecify.annotations.NullMarked;
