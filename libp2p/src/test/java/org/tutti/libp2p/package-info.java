/// What the tests of all packages share: the vector files and hostile input.
@NullMarked
package org.tutti.libp2p;

import org.jspecify.annotations.NullMarked;
