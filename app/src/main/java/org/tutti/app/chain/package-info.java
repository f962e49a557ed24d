/// `./tutti chain …`: the headers in a data folder, without a node and without a network.
@NullMarked
package org.tutti.app.chain;

import org.jspecify.annotations.NullMarked;
