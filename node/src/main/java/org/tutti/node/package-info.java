/// The signing node and the command line: the only module that knows all others.
///
/// Start reading at [org.tutti.node.cli.Main]; a running node is put together in `daemon`.
@NullMarked
package org.tutti.node;

import org.jspecify.annotations.NullMarked;
