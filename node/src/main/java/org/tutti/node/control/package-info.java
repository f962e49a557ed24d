/// How `./tutti address|pay|status` reach a running node: JSON lines over a Unix domain socket in
/// its data folder, which only the owner may open. Start reading at
/// [org.tutti.node.control.ControlServer].
@NullMarked
package org.tutti.node.control;

import org.jspecify.annotations.NullMarked;
