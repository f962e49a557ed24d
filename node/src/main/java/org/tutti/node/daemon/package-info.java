/// A room of the node, see ARCHITECTURE.md.
@NullMarked
package org.tutti.node.daemon;

import org.jspecify.annotations.NullMarked;
