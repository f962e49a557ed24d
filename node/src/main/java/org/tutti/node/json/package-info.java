/// One JSON object a line, both ways, on Jackson's streaming core: start reading at
/// [org.tutti.node.json.JsonLine]; [org.tutti.node.json.JsonRecords] makes records of objects and
/// back. No data binding library, because fifteen nodes start at once in the demo, and setting it
/// up is what would cost most.
@NullMarked
package org.tutti.node.json;

import org.jspecify.annotations.NullMarked;
