/// A room of the node, see ARCHITECTURE.md.
@NullMarked
package org.tutti.node.keystore;

import org.jspecify.annotations.NullMarked;
