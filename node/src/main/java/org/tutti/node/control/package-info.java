/// [NodeApi][org.tutti.node.api.NodeApi] over JSON lines on a Unix domain socket in the node's data
/// folder, which only the owner may open: how `./tutti address|pay|status` reach a running node.
/// Start reading at [org.tutti.node.control.ControlServer].
@NullMarked
package org.tutti.node.control;

import org.jspecify.annotations.NullMarked;
