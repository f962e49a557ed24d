/// A running node: the one package that uses every module and connects them. Start reading at
/// [org.tutti.node.daemon.Node].
@NullMarked
package org.tutti.node.daemon;

import org.jspecify.annotations.NullMarked;
