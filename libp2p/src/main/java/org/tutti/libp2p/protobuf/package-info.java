/// What protocols whose messages are protobuf have in common, those of other modules too.
@NullMarked
package org.tutti.libp2p.protobuf;

import org.jspecify.annotations.NullMarked;
