/// What the system does for the memory of a node's process as a whole. Start reading at
/// [org.tutti.node.process.ProcessProtection].
@NullMarked
package org.tutti.node.process;

import org.jspecify.annotations.NullMarked;
