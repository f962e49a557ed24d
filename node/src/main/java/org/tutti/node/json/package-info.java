/// One JSON object a line, both ways, on Jackson's streaming core: start reading at
/// [org.tutti.node.json.JsonLine]. No data binding, because fifteen nodes start at once in the demo
/// and reflection over beans is what would cost most.
@NullMarked
package org.tutti.node.json;

import org.jspecify.annotations.NullMarked;
