/// A room of the node, see ARCHITECTURE.md.
@NullMarked
package org.tutti.node.config;

import org.jspecify.annotations.NullMarked;
